"""``flask journal verify``."""

from __future__ import annotations

import click

from core.database import db
from core.readiness import with_database
from hotline import journal as journals


@click.group("journal")
def journal() -> None:
    """工单日志。"""


@journal.command("verify")
@with_database
def verify() -> None:
    """核对全部工单日志的校验链；不符时指出第一处。"""
    count, fault = journals.verify(db.session)
    if fault:
        click.echo(f"日志不符：{fault}（之前 {count} 条相符）", err=True)
        raise SystemExit(1)
    click.echo(f"{count} 条日志全部相符")
