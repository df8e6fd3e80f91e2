"""``flask demo load`` and ``flask demo accounts``."""

from __future__ import annotations

import sys
import time

import click
from flask import current_app

from core.database import db
from core.errors import NotAllowed
from core.readiness import with_database
from core.staff import ROLES
from hotline import demo_history
from hotline.demo_accounts import ACCOUNTS, PASSWORD


@click.group("demo")
def demo() -> None:
    """演示数据：一个虚构的社区、工作人员和十二周的热线历史。"""


@demo.command("load")
@click.option("--weeks", type=click.IntRange(1, 104), default=12, show_default=True, help="历史有多少周")
@click.option(
    "--orders", type=click.IntRange(40, 200_000), default=3000, show_default=True, help="多少件工单"
)
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子；相同种子得到相同历史")
@click.option("--if-empty", is_flag=True, help="已经装过就什么也不做")
@with_database
def load(weeks: int, orders: int, seed: int, if_empty: bool) -> None:
    """装入演示数据。只能装进没有工单的数据库，并永久标明是演示；正式运行会拒绝这样的数据库。"""
    settings = current_app.extensions["settings"]
    if settings.environment == "production":
        raise NotAllowed("正式环境不能装演示数据")
    if demo_history.is_loaded(db.session) and if_empty:
        click.echo("演示数据已在。", err=True)
        return
    began = time.perf_counter()
    made = demo_history.load(
        db.session, current_app.extensions["vault"], weeks=weeks, orders=orders, seed=seed, tell=_tell
    )
    if sys.stderr.isatty():
        click.echo("", err=True)
    click.echo(f"工单 {made['orders']} 件，用时 {time.perf_counter() - began:.0f} 秒", err=True)
    click.echo(f"注入的热点：{'；'.join(made['events'])}", err=True)
    click.echo(f"扫描发现：{'；'.join(made['hotspots']) or '无'}", err=True)
    click.echo(f"已发布周报：{'、'.join(made['reports'])}", err=True)


@demo.command("accounts")
@click.option("--port", default=8000, help="服务的端口")
@with_database
def accounts(port: int) -> None:
    """打印网址和演示账号。"""
    if not demo_history.is_loaded(db.session):
        raise NotAllowed("这个数据库里没有演示数据；先执行 flask demo load")
    click.echo(f"\n  控制台      http://127.0.0.1:{port}/")
    click.echo(f"  居民接口    http://127.0.0.1:{port}/api/docs")
    click.echo(f"\n  演示账号（密码都是 {PASSWORD}）")
    for account in ACCOUNTS:
        role = ROLES[account.role]
        click.echo(f"    {account.username:<10}{role}{'　' * (9 - len(role))}{account.try_this}")
    click.echo("\n  按 Ctrl-C 停止。\n")


def _tell(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{what} {done}/{total}", nl=False, err=True)
    elif done in (0, total):
        click.echo(what, err=True)
