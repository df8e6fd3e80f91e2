"""``flask keys new`` and ``rotate``."""

from __future__ import annotations

import click
from flask import current_app

from core.audit import SYSTEM, record
from core.database import db
from core.privacy import new_key
from core.readiness import with_database
from core.rotation import rotate as rotate_all


@click.group("keys")
def keys() -> None:
    """加密密钥。"""


@keys.command("new")
def new() -> None:
    """打印一把新的随机密钥（32 字节，urlsafe base64）。"""
    click.echo(new_key())


@keys.command("rotate")
@with_database
def rotate() -> None:
    """把所有加密字段改用 FIELD_KEYS 里的第一把（最新）密钥重新加密。

    先把新密钥写在 FIELD_KEYS 最前面、旧密钥留在后面，重启服务，再执行本命令；完成后旧密钥即可去掉。
    """
    count = rotate_all(db.session, current_app.extensions["vault"])
    record(db.session, SYSTEM, "keys.rotate", "fields", count=count)
    db.session.commit()
    click.echo(f"已重新加密 {count} 个字段")
