"""工单队列 Queue: what waits for me, filtered, sorted, searched and paged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import current_actor, current_staff, for_staff
from core.areas import Area
from core.database import db
from core.errors import InvalidInput
from core.staff import UNIT_ROLES
from core.timestamps import parse_timestamp
from core.units import HandlingUnit
from hotline import queries
from hotline.console.words import categories
from hotline.hotspot_records import HotspotRecord
from hotline.lifecycle import STATUSES
from hotline.models import CHANNELS, REQUEST_TYPES

# what a role's own work is: statuses that wait for it
MINE = {
    "intake_operator": ("REGISTERED",),
    "dispatcher": ("REGISTERED", "SENT_BACK"),
    "unit_clerk": ("DISPATCHED", "SIGNED_FOR"),
    "grid_worker": ("DISPATCHED", "SIGNED_FOR"),
    "unit_lead": ("REPLIED", "DISPATCHED"),
    "visit_back_agent": ("REVIEWED",),
    "supervisor": ("SENT_BACK", "SUSPENDED"),
}
SORTS = {"newest": "最新在前", "oldest": "最早在前", "due": "先到期在前"}
_ORDERS = ("intake_operator", "dispatcher", *sorted(UNIT_ROLES), "visit_back_agent", "supervisor", "decision_maker",
           "auditor", "administrator")  # fmt: skip


@for_staff()
def start() -> ResponseReturnValue:
    """Where a person's day begins."""
    role = current_staff().role
    page = {"decision_maker": "desk.reports", "auditor": "frame.audit", "administrator": "frame.staff"}
    return redirect(url_for(page.get(role, "desk.queue")))


@for_staff(*_ORDERS)
def queue() -> ResponseReturnValue:
    """The list of orders in the caller's sight."""
    actor = current_actor()
    staff = current_staff()
    args = request.args
    mine = MINE.get(staff.role, ())
    tab = args.get("tab") or ("mine" if mine and not _is_filtered(args) else "all")
    wanted = _filter(args, tab, mine)
    sort = args.get("sort") or ("due" if tab in ("mine", "near_due", "overdue") else "newest")
    page = queries.find(
        db.session,
        actor,
        wanted,
        sort=sort,
        page=args.get("page", 1, type=int),
        size=args.get("size", 20, type=int),
    )
    by_status = queries.counts_by_status(db.session, actor)
    hotspot = db.session.get(HotspotRecord, wanted.hotspot_id) if wanted.hotspot_id else None
    return render_template(
        "hotline/queue.html", page=page, tab=tab, tabs=_tabs(mine, by_status), sort=sort, sorts=SORTS, args=args,
        sizes=queries.PAGE_SIZES, statuses=STATUSES, channels=CHANNELS, request_types=REQUEST_TYPES,
        tops=[row for row in categories().values() if row.level == 1], units=_units(), areas=_areas(), hotspot=hotspot,
        url=_url, filtered=_is_filtered(args),
    )  # fmt: skip


def _is_filtered(args: Any) -> bool:
    names = (
        "q",
        "status",
        "channel",
        "type",
        "category",
        "unit",
        "area",
        "since",
        "until",
        "urgent",
        "hotspot",
        "batch",
    )
    return any(args.get(name) for name in names)


def _filter(args: Any, tab: str, mine: tuple[str, ...]) -> queries.Filter:
    return queries.Filter(
        words=args.get("q", "").strip(),
        status=args.get("status", ""),
        statuses=mine if tab == "mine" else (),
        channel=args.get("channel", ""),
        request_type=args.get("type", ""),
        category=args.get("category", ""),
        unit=args.get("unit", ""),
        area=args.get("area", ""),
        due=tab if tab in ("near_due", "overdue") else "",
        urgent=args.get("urgent") == "1",
        since=_day(args.get("since", ""), "起始日期"),
        until=_day(args.get("until", ""), "截止日期", end=True),
        hotspot_id=args.get("hotspot", type=int),
        import_batch_id=args.get("batch", type=int),
    )


def _day(text: str, name: str, *, end: bool = False) -> datetime | None:
    if not text.strip():
        return None
    try:
        moment = parse_timestamp(text)
    except ValueError as error:
        raise InvalidInput(f"{name}：{error}") from error
    return moment + timedelta(days=1) if end else moment


def _tabs(mine: tuple[str, ...], by_status: dict[str, int]) -> list[tuple[str, str, int | None]]:
    due = queries.counts_by_due(db.session, current_actor())
    own = [("mine", "待我处理", sum(by_status.get(status, 0) for status in mine))] if mine else []
    return [
        *own,
        ("near_due", "临期", due["near_due"]),
        ("overdue", "逾期", due["overdue"]),
        ("all", "全部", sum(by_status.values())),
    ]


def _url(**changes: Any) -> str:
    """This page's address with some arguments changed; a change of anything but the page goes back to page one."""
    args: dict[str, Any] = {key: value for key, value in request.args.items() if value and key != "page"}
    args.update({key: value for key, value in changes.items() if value})
    return url_for("desk.queue", **args)


def _units() -> list[HandlingUnit]:
    query = (
        select(HandlingUnit)
        .where(HandlingUnit.level.in_(("city", "district", "street")))
        .order_by(HandlingUnit.path)
    )
    return list(db.session.scalars(query))


def _areas() -> list[Area]:
    return list(
        db.session.scalars(select(Area).where(Area.level.in_(("street", "community"))).order_by(Area.path))
    )
