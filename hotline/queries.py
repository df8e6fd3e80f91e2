"""查询 Queries: what a caller may see, and finding it. Every read of orders by a door starts at :func:`visible_to`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from core import clock
from core.areas import Area
from core.audit import Actor
from core.database import AnySession, contains
from core.errors import InvalidInput, NotFound
from core.staff import UNIT_ROLES
from core.units import HandlingUnit
from hotline.hotspot_records import HotspotMember
from hotline.lifecycle import OPEN
from hotline.models import AssistingUnit, Deadline, OrderEvent, WorkOrder

PAGE_SIZES = (20, 50, 100)
SORTS = {
    "newest": (WorkOrder.reported_at.desc(), WorkOrder.id.desc()),
    "oldest": (WorkOrder.reported_at.asc(), WorkOrder.id.asc()),
    "number": (WorkOrder.number.asc(),),
}


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The row rule. A unit's people see what their subtree leads or helps with, never what complains about it."""
    if actor.role in UNIT_ROLES:
        if not actor.unit_path:
            return WorkOrder.id.is_(None)
        below = select(HandlingUnit.id).where(HandlingUnit.path.startswith(actor.unit_path, autoescape=True))
        helps = exists().where(AssistingUnit.order_id == WorkOrder.id, AssistingUnit.unit_id.in_(below))
        return and_(or_(WorkOrder.lead_unit_id.in_(below), helps), _not_about(actor))
    if actor.unit_path:
        return _not_about(actor)
    return WorkOrder.id.is_not(None)


def _not_about(actor: Actor) -> ColumnElement[bool]:
    """Nobody meets a complaint about their own unit or one that stands above it."""
    path = actor.unit_path or ""
    codes = [code for code in path.split("/") if code]
    if actor.role not in UNIT_ROLES:
        # the centre's own people stand at the root of the tree and must see complaints about the units below
        codes = codes[-1:]
    own = select(HandlingUnit.id).where(HandlingUnit.code.in_(codes))
    return or_(WorkOrder.about_unit_id.is_(None), not_(WorkOrder.about_unit_id.in_(own)))


def get(session: AnySession, number: str, actor: Actor) -> WorkOrder:
    """One order by its number, in the actor's sight. NotFound when there is none or it is out of sight."""
    order = session.scalar(
        select(WorkOrder)
        .where(WorkOrder.number == number, visible_to(actor))
        .options(
            joinedload(WorkOrder.area),
            joinedload(WorkOrder.lead_unit),
            joinedload(WorkOrder.insight),
            selectinload(WorkOrder.deadlines).joinedload(Deadline.rule),
        )
    )
    if order is None:
        raise NotFound(f"没有工单 {number}，或者您无权查看")
    return order


@dataclass(frozen=True, slots=True)
class Filter:
    """What the queue can be narrowed by. Empty values mean "any"."""

    words: str = ""
    status: str = ""
    statuses: tuple[str, ...] = ()
    channel: str = ""
    request_type: str = ""
    category: str = ""
    unit: str = ""
    area: str = ""
    due: str = ""  # near_due | overdue
    urgent: bool = False
    since: datetime | None = None
    until: datetime | None = None
    hotspot_id: int | None = None
    import_batch_id: int | None = None
    numbers: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Page:
    """A page of orders; ``due`` maps an order's id to its clock that is due first."""

    orders: Sequence[WorkOrder]
    due: dict[int, Deadline]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def find(
    session: AnySession, actor: Actor, wanted: Filter, *, sort: str = "newest", page: int = 1, size: int = 20
) -> Page:
    """A page of the queue. Raises InvalidInput for an unknown sort or a page size that is not offered."""
    if sort != "due" and sort not in SORTS:
        raise InvalidInput(f"排序只能是：due、{'、'.join(SORTS)}", fields={"sort": "没有这种排序"})
    if size not in PAGE_SIZES:
        raise InvalidInput(f"每页只能是 {PAGE_SIZES} 条", fields={"size": "没有这种页长"})
    conditions = [visible_to(actor), *_conditions(session, wanted)]
    total = session.scalar(select(func.count()).select_from(WorkOrder).where(*conditions)) or 0
    page = min(max(1, page), max(1, -(-total // size)))
    query = select(WorkOrder).where(*conditions)
    query = _by_due(query) if sort == "due" else query.order_by(*SORTS[sort])
    query = query.options(joinedload(WorkOrder.area), joinedload(WorkOrder.lead_unit))
    orders = session.scalars(query.limit(size).offset((page - 1) * size)).unique().all()
    return Page(orders, first_due(session, [order.id for order in orders]), total, page, size)


def every(session: AnySession, actor: Actor, wanted: Filter) -> Select[WorkOrder]:
    """The whole selection in the actor's sight, oldest first, for an export."""
    return (
        select(WorkOrder)
        .where(visible_to(actor), *_conditions(session, wanted))
        .order_by(WorkOrder.reported_at, WorkOrder.id)
        .options(joinedload(WorkOrder.area), joinedload(WorkOrder.lead_unit))
    )


def first_due(session: AnySession, order_ids: Sequence[int]) -> dict[int, Deadline]:
    """For each order its running clock that is due first."""
    rows = session.scalars(
        select(Deadline)
        .where(
            Deadline.order_id.in_(order_ids),
            Deadline.met_at.is_(None),
            Deadline.stopped_at.is_(None),
            Deadline.due_at.is_not(None),
        )
        .order_by(Deadline.due_at.desc())
    )
    return {row.order_id: row for row in rows}


def counts_by_status(session: AnySession, actor: Actor) -> dict[str, int]:
    """How many orders in sight stand where."""
    query = select(WorkOrder.status, func.count()).where(visible_to(actor)).group_by(WorkOrder.status)
    return {status: count for status, count in session.execute(query)}


def counts_by_due(session: AnySession, actor: Actor) -> dict[str, int]:
    """How many open orders in sight are near due and how many are overdue."""
    return {
        due: session.scalar(
            select(func.count()).select_from(WorkOrder).where(visible_to(actor), *_due_conditions(due))
        )
        or 0
        for due in ("near_due", "overdue")
    }


def _conditions(session: AnySession, wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.words:
        found.extend(_says(word) for word in wanted.words.split()[:6])
    for column, value in (
        (WorkOrder.channel, wanted.channel),
        (WorkOrder.request_type, wanted.request_type),
    ):
        if value:
            found.append(column == value)
    if wanted.statuses:
        found.append(WorkOrder.status.in_(wanted.statuses))
    if wanted.status == "open":
        found.append(WorkOrder.status.in_(sorted(OPEN)))
    elif wanted.status:
        found.append(WorkOrder.status == wanted.status)
    if wanted.category:
        found.append(WorkOrder.category_code.startswith(wanted.category, autoescape=True))
    if wanted.unit:
        unit = session.scalar(select(HandlingUnit).where(HandlingUnit.code == wanted.unit))
        path = unit.path if unit else "//"
        below = select(HandlingUnit.id).where(HandlingUnit.path.startswith(path, autoescape=True))
        found.append(WorkOrder.lead_unit_id.in_(below))
    if wanted.area:
        area = session.scalar(select(Area).where(Area.code == wanted.area))
        path = area.path if area else "//"
        within = select(Area.id).where(Area.path.startswith(path, autoescape=True))
        found.append(WorkOrder.area_id.in_(within))
    if wanted.due:
        found.extend(_due_conditions(wanted.due))
    if wanted.urgent:
        found.append(WorkOrder.urgent.is_(True))
    if wanted.since:
        found.append(WorkOrder.reported_at >= wanted.since)
    if wanted.until:
        found.append(WorkOrder.reported_at < wanted.until)
    if wanted.hotspot_id:
        members = select(HotspotMember.order_id).where(HotspotMember.hotspot_id == wanted.hotspot_id)
        found.append(WorkOrder.id.in_(members))
    if wanted.import_batch_id:
        found.append(WorkOrder.import_batch_id == wanted.import_batch_id)
    if wanted.numbers:
        found.append(WorkOrder.number.in_(wanted.numbers))
    return found


def _says(word: str) -> ColumnElement[bool]:
    return or_(
        contains(WorkOrder.title, word),
        contains(WorkOrder.text, word),
        contains(WorkOrder.place_text, word),
        WorkOrder.number.startswith(word, autoescape=True),
        WorkOrder.external_number == word,
    )


def _due_conditions(due: str) -> list[ColumnElement[bool]]:
    # sets of ids rather than an EXISTS per order: one walk over the running clocks, whatever the number of orders
    now = clock.now()
    running = select(Deadline.order_id).where(Deadline.met_at.is_(None), Deadline.stopped_at.is_(None))
    overdue = WorkOrder.id.in_(running.where(Deadline.due_at < now))
    still_open = WorkOrder.status.in_(sorted(OPEN))
    if due == "overdue":
        return [still_open, overdue]
    near = WorkOrder.id.in_(running.where(Deadline.near_due_at <= now, Deadline.due_at >= now))
    return [still_open, near, not_(overdue)]


def _by_due(query: Select[Any]) -> Select[Any]:
    first = (
        select(Deadline.order_id, func.min(Deadline.due_at).label("due_at"))
        .where(Deadline.met_at.is_(None), Deadline.stopped_at.is_(None), Deadline.due_at.is_not(None))
        .group_by(Deadline.order_id)
        .subquery()
    )
    return query.outerjoin(first, first.c.order_id == WorkOrder.id).order_by(
        first.c.due_at.is_(None), first.c.due_at, WorkOrder.id
    )


def timeline(session: AnySession, order: WorkOrder) -> Sequence[OrderEvent]:
    """Everything that happened to an order, oldest first."""
    return session.scalars(
        select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.seq)
    ).all()
