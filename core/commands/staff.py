"""``flask staff add``, ``list``, ``reset`` and ``disable``."""

from __future__ import annotations

import secrets

import click

from core import clock
from core import staff as accounts
from core.audit import SYSTEM, record
from core.database import db
from core.errors import InvalidInput
from core.readiness import with_database
from core.units import by_code


@click.group("staff")
def staff() -> None:
    """工作人员账号。"""


@staff.command("add")
@click.argument("username")
@click.option("--name", required=True, help="姓名")
@click.option("--role", required=True, type=click.Choice(list(accounts.ROLES)), help="角色")
@click.option("--unit", default="", metavar="单位代码", help="所属单位；承办单位的角色必填")
@with_database
def add(username: str, name: str, role: str, unit: str) -> None:
    """开一个账号，打印一次性的初始密码，首次登录必须修改。"""
    belongs = by_code(db.session, unit) if unit else None
    if unit and belongs is None:
        raise InvalidInput(f"没有代码为“{unit}”的单位")
    password = secrets.token_urlsafe(12)
    made = accounts.add(db.session, username=username, name=name, role=role, password=password, unit=belongs)
    record(db.session, SYSTEM, "staff.add", f"staff:{made.username}", role=role)
    db.session.commit()
    click.echo(f"{made.username}\t{accounts.ROLES[role]}\t初始密码 {password}")


@staff.command("list")
@with_database
def list_() -> None:
    """列出账号。"""
    for row in db.session.scalars(db.select(accounts.Staff).order_by(accounts.Staff.username)):
        state = "在用" if row.active else "停用"
        unit = row.unit.name if row.unit else ""
        seen = f"{clock.local(row.last_login_at):%Y-%m-%d %H:%M}" if row.last_login_at else "从未登录"
        click.echo(f"{row.username}\t{row.name}\t{row.role_name}\t{unit}\t{state}\t{seen}")


@staff.command("reset")
@click.argument("username")
@with_database
def reset(username: str) -> None:
    """重置密码并解锁，打印一次性的新密码；此人所有登录即刻失效。"""
    row = accounts.find(db.session, username)
    password = accounts.reset_password(row)
    record(db.session, SYSTEM, "staff.reset", f"staff:{row.username}")
    db.session.commit()
    click.echo(f"{row.username}\t新密码 {password}")


@staff.command("disable")
@click.argument("username")
@with_database
def disable(username: str) -> None:
    """停用账号；此人所有登录即刻失效。"""
    row = accounts.find(db.session, username)
    accounts.disable(row)
    record(db.session, SYSTEM, "staff.disable", f"staff:{row.username}")
    db.session.commit()
    click.echo(f"{row.username} 已停用")
