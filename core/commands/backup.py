"""``flask backup`` and ``flask restore``: the whole database in one file, checked by its digest."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from core import backups
from core.database import db
from core.errors import RuleError
from core.readiness import with_database


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_database
def backup(file: Path) -> None:
    """把数据库和照片备份到 FILE。运行中也可以备份，内容前后一致。"""
    made = backups.backup(db.engine, current_app.extensions["settings"], file)
    click.echo(f"{file}\t{made.size:,} 字节\tsha256 {made.sha256}")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="不再询问")
@with_appcontext
def restore(file: Path, yes: bool) -> None:
    """用 FILE 替换现在的数据库和照片。先核对校验值；文件不完整时什么也不改。请先停止服务。"""
    if not yes:
        click.confirm("现有数据会被备份文件替换，确定吗？", abort=True)
    try:
        backups.restore(db.engine, current_app.extensions["settings"], file)
    except RuleError as error:
        click.echo(error.detail, err=True)
        raise SystemExit(1) from error
    click.echo("已恢复")
