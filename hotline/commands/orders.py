"""``flask hotline import`` and ``flask hotline export``."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import click
from flask import current_app

from core import clock
from core.audit import SYSTEM, Actor, actor_of, record
from core.database import db, only_reading
from core.errors import NotAllowed
from core.readiness import with_database
from core.staff import Staff
from core.staff import find as find_staff
from core.tables import TableError, write_table
from core.timestamps import parse_timestamp
from hotline import importing, insights, queries
from hotline.catalogue import Category
from hotline.lifecycle import STATUSES
from hotline.models import CHANNELS, REQUEST_TYPES, WorkOrder
from hotline.reading import MAY_REVEAL

_IMPORT_ACTOR = Actor(role="system", name="批量导入")
_COLUMNS = ["工单号", "外部编号", "状态", "诉求类型", "渠道", "标题", "诉求内容", "地点", "区域", "分类", "主办单位",
            "紧急", "保密", "诉求时间", "登记时间", "办结时间", "姓名", "电话"]  # fmt: skip


@click.group("hotline")
def hotline() -> None:
    """工单的批量导入和导出。"""


@hotline.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="列=字段",
    help="指明哪一列是什么，可重复；字段见 docs/operations.md",
)
@click.option("--source", default=importing.SOURCE, show_default=True, help="编号属于哪个来源系统")
@click.option("--dry-run", is_flag=True, help="只核对，不写入")
@click.option("--keep-going", is_flag=True, help="跳过有问题的行，其余照常导入")
@with_database
def import_(file: Path, maps: tuple[str, ...], source: str, dry_run: bool, keep_going: bool) -> None:
    """把 FILE（csv 或 xlsx）里的诉求导入为工单。

    整个文件要么全部导入，要么一行也不导入（--keep-going 除外）。同一编号只导入一次，重复执行不会改变什么。
    """
    mapping = _mapping(maps)
    began = time.perf_counter()
    try:
        with only_reading(db.session):
            outcome, fresh = importing.check_file(
                db.session, file, source=source, mapping=mapping, progress=_tell("已核对")
            )
    except TableError as refused:
        _refuse(refused)
    if outcome.problems and not keep_going:
        _refuse(
            TableError(outcome.problems),
            f"共 {outcome.rows} 行，其中 {outcome.refused} 行有问题，一行也没有写入。",
        )
    if dry_run:
        click.echo(f"可导入 {len(fresh)}，已有 {outcome.already}，拒绝 {outcome.refused}（只核对，没有写入）")
        _list(outcome)
        return
    batch = importing.new_batch(
        db.session, token=secrets.token_urlsafe(16), file_name=file.name, path=file, by_id=None, source=source
    )
    importing.write(db.session, current_app.extensions["vault"], outcome, fresh, _IMPORT_ACTOR, batch)
    batch.state = "classifying"
    db.session.commit()
    written = time.perf_counter()
    _classify(batch.id, outcome.order_ids)
    done = time.perf_counter()
    click.echo(f"导入 {outcome.accepted}，已有 {outcome.already}，拒绝 {outcome.refused}")
    if outcome.accepted:
        click.echo(
            f"写入 {outcome.accepted / max(written - began, 1e-9):,.0f} 行/秒，"
            f"分类 {outcome.accepted / max(done - written, 1e-9):,.0f} 件/秒",
            err=True,
        )
    _list(outcome)


def _mapping(maps: tuple[str, ...]) -> dict[str, str]:
    mapping = {}
    for pair in maps:
        column, separator, name = pair.partition("=")
        if not separator or not column or name not in importing.COLUMNS:
            fields = "、".join(importing.COLUMNS)
            raise click.BadParameter(f"“{pair}”应写成 列=字段，字段可用：{fields}", param_hint="--map")
        mapping[column] = name
    return mapping


def _classify(batch_id: int, order_ids: list[int]) -> None:
    """Classification follows the import in transactions of its own: the orders are safe whatever happens here."""
    from hotline.models import ImportBatch

    done = 0
    tell = _tell("已分类")
    for begin in range(0, len(order_ids), 500):
        done += insights.classify_batch(db.session, order_ids[begin : begin + 500])
        batch = db.session.get_one(ImportBatch, batch_id)
        batch.classified = done
        db.session.commit()
        tell(done)
    batch = db.session.get_one(ImportBatch, batch_id)
    batch.state, batch.finished_at = "done", clock.now()
    db.session.commit()


def _tell(what: str) -> Callable[[int], None]:
    """A running count on a terminal; silence elsewhere."""
    shown = [0.0]

    def tell(count: int) -> None:
        if sys.stderr.isatty() and time.monotonic() - shown[0] > 0.2:
            shown[0] = time.monotonic()
            click.echo(f"\r{what} {count:,} 行", nl=False, err=True)

    return tell


def _list(outcome: importing.Outcome) -> None:
    for problem in outcome.problems:
        click.echo(str(problem), err=True)


def _refuse(refused: TableError, summary: str = "") -> None:
    db.session.rollback()
    for problem in refused.problems:
        click.echo(str(problem), err=True)
    if summary:
        click.echo(summary, err=True)
    raise SystemExit(1)


@hotline.command("export")
@click.option("--from", "since", metavar="日期", help="诉求时间不早于")
@click.option("--to", "until", metavar="日期", help="诉求时间不晚于（含当天）")
@click.option("--unit", default="", metavar="单位代码", help="只要这个单位及其下级的工单")
@click.option("--as", "username", default="", metavar="账号", help="以谁的权限导出；不写则一律遮盖")
@click.option("--reason", default="", help="导出未遮盖内容的理由，会记入审计")
@click.option("--clear", is_flag=True, help="不遮盖（需要 --as 和 --reason，保密工单除外）")
@click.option("--format", "form", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@click.option("--out", required=True, help="写到哪里；- 是标准输出（仅 csv）")
@with_database
def export(
    since: str, until: str, unit: str, username: str, reason: str, clear: bool, form: str, out: str
) -> None:
    """导出工单。诉求人信息默认遮盖；有权限的账号可以导出原文，并会记入审计。"""
    actor = actor_of(_in_use(username)) if username else SYSTEM
    if clear and (actor.role not in MAY_REVEAL or len(reason.strip()) < 2):
        raise click.UsageError("不遮盖的导出需要 --as（有权查看诉求人信息的账号）和 --reason")
    wanted = queries.Filter(since=_day(since, "--from"), until=_day(until, "--to", end=True), unit=unit)
    if out != "-" and Path(out).suffix.lower() != f".{form}":
        raise click.UsageError(f"--out 的扩展名应是 .{form}")
    rows = [
        _export_row(order, clear) for order in db.session.scalars(queries.every(db.session, actor, wanted))
    ]
    write_table(out, _COLUMNS, rows, safe_for_spreadsheets=True)  # people open a CSV in Excel as well
    record(db.session, actor, "export", "work_order", reason=reason, rows=len(rows), clear=clear, format=form)
    db.session.commit()
    click.echo(f"导出 {len(rows)} 件", err=True)


def _in_use(username: str) -> Staff:
    staff = find_staff(db.session, username)
    if not staff.active:
        raise NotAllowed(f"账号“{username}”已停用，不能用它导出")
    return staff


def _day(text: str | None, option: str, *, end: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_timestamp(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error
    return moment + timedelta(days=1) if end else moment


def _export_row(order: WorkOrder, clear: bool) -> list[str]:
    from core.privacy import mask_text
    from hotline.reading import masked

    vault = current_app.extensions["vault"]
    open_ = clear and not order.confidential
    person = masked(vault, order)
    if open_:
        for name in ("name", "phone"):
            token = getattr(order, f"complainant_{name}")
            person[name] = vault.decrypt(token, name) if token else ""
    paths = db.session.info.setdefault(
        "category_paths", {row.code: row.path for row in db.session.scalars(db.select(Category))}
    )

    def local(moment: datetime | None) -> str:
        return f"{clock.local(moment):%Y-%m-%d %H:%M:%S}" if moment else ""

    def text(value: str) -> str:
        return value if open_ else mask_text(value)

    return [order.number, order.external_number or "", STATUSES[order.status], REQUEST_TYPES[order.request_type],
            CHANNELS[order.channel], text(order.title), text(order.text), text(order.place_text),
            order.area.full_name if order.area else "", paths.get(order.category_code or "", ""),
            order.lead_unit.name if order.lead_unit else "", "是" if order.urgent else "",
            "是" if order.confidential else "", local(order.reported_at), local(order.registered_at),
            local(order.completed_at), person["name"], person["phone"]]  # fmt: skip
