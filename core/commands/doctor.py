"""``flask doctor``: is everything there that the product needs, and how to mend what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core import clock, readiness
from core.database import db, reading

# (what is looked at, a function that yields a line for each thing wrong); the rooms above add theirs
CHECKS: list[tuple[str, Callable[[], Iterator[str]]]] = []


def check(title: str) -> Callable[[Callable[[], Iterator[str]]], Callable[[], Iterator[str]]]:
    """Add a check to the list."""

    def add(function: Callable[[], Iterator[str]]) -> Callable[[], Iterator[str]]:
        CHECKS.append((title, function))
        return function

    return add


@check("数据库")
def _database() -> Iterator[str]:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        yield f"连不上数据库：{str(error).splitlines()[0]}。请检查 DATABASE_URL 和数据库服务"


@check("数据库版本")
def _migrations() -> Iterator[str]:
    at, head = readiness.current(db.engine), readiness.head()
    if at != head:
        yield f"数据库在 {at or '空'}，程序要 {head}。请先备份，再执行 flask db upgrade"


@check("密钥")
def _keys() -> Iterator[str]:
    settings = current_app.extensions["settings"]
    if settings.environment != "production":
        return
    if not settings.secure_cookies:
        yield "正式运行没有使用安全 Cookie。请去掉 INSECURE_COOKIES 并启用 HTTPS"


@check("磁盘")
def _folder() -> Iterator[str]:
    folder = current_app.extensions["settings"].instance_path
    probe = folder / ".doctor"
    try:
        probe.write_text("ok", encoding="utf-8")
        probe.unlink()
    except OSError as error:
        yield f"写不了 {folder}：{error.strerror}。请把该文件夹的权限给运行用户，或用 INSTANCE_PATH 换一个"


@check("时钟")
def _clock() -> Iterator[str]:
    if clock.now().year < 2026:
        yield "系统时间早于 2026 年，请校时"


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """检查数据库、迁移、字体、节假日安排、微信设置等，并说明怎样修好。"""
    wrong = 0
    for title, function in CHECKS:
        with reading():  # a check never writes, and one check's look must not lock out the next one's
            faults = list(function())
        click.echo(f"{'✓' if not faults else '✗'} {title}")
        for fault in faults:
            wrong += 1
            click.echo(f"    {fault}")
    if wrong:
        raise SystemExit(1)
