"""周报 Weekly report: the hotline's orders, as they stood at a cut-off, made into the report analytics builds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from analytics.report.build import WeeklyReport, build_weekly
from analytics.report.docx import render_docx
from analytics.report.figures import figures
from analytics.report.html import render_html
from analytics.report.pdf import render_pdf
from analytics.report.reconcile import publishable
from analytics.report.records import OrderRow, VisitBackRow, WeeklyInputs
from core import clock
from core.areas import Area
from core.database import AnySession
from core.errors import Conflict, InvalidInput, NotFound
from core.privacy import mask_text
from core.units import HandlingUnit
from core.workdays import CalendarNotLoaded
from hotline import deadlines
from hotline.catalogue import Category
from hotline.insights.hotspots import as_rows, found_at, without_false
from hotline.lifecycle import OPEN, STATUSES
from hotline.models import (
    CHANNELS,
    REQUEST_TYPES,
    Deadline,
    OrderEvent,
    PublishedReport,
    VisitBack,
    WorkOrder,
)

SCOPE = "青羊区"
WEEK = timedelta(days=7)
FORMATS = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "pdf": ("application/pdf", "pdf"),
    "html": ("text/html; charset=utf-8", "html"),
    "json": ("application/json; charset=utf-8", "json"),
}


def last_finished_week(now: datetime) -> str:
    """The ISO week before the one ``now`` lies in."""
    return clock.iso_week(now - WEEK)


def weekly_report(session: AnySession, week: str, *, cut_off: datetime | None = None) -> WeeklyReport:
    """The report of an ISO week as things stood at ``cut_off`` (default: the week's end, or now if it is not over).

    Raises InvalidInput for what is not a week or one that has not begun, analytics.report.reconcile's
    ReconciliationError when its sums fail.
    """
    report = build_weekly(_inputs(session, week, cut_off))
    publishable(report)
    return report


@dataclass(frozen=True, slots=True)
class Prepared:
    """A report made and rendered, ready to be published in one short step."""

    week: str
    cut_off: datetime
    figures: dict[str, Any]
    html: str
    docx: bytes
    pdf: bytes


def prepare_weekly_report(session: AnySession, week: str) -> Prepared:
    """Make and render the report of a week; only reads. Raises Conflict when it is out already, and what
    :func:`weekly_report` raises."""
    _not_yet(session, week)
    report = weekly_report(session, week)
    return Prepared(
        week=week,
        cut_off=report.cut_off,
        figures=figures(report),
        html=render_html(report),
        docx=render_docx(report),
        pdf=render_pdf(report),
    )


def publish(session: AnySession, prepared: Prepared, by: str) -> PublishedReport:
    """Publish what was prepared, once. Raises Conflict when somebody was quicker. The caller commits."""
    _not_yet(session, prepared.week)
    published = PublishedReport(
        week=prepared.week,
        scope=SCOPE,
        cut_off=prepared.cut_off,
        published_at=clock.now(),
        published_by=by,
        figures=prepared.figures,
        html=prepared.html,
        docx=prepared.docx,
        pdf=prepared.pdf,
    )
    session.add(published)
    session.flush()
    return published


def publish_weekly_report(session: AnySession, week: str, by: str) -> PublishedReport:
    """Prepare and publish in one go. The caller commits."""
    return publish(session, prepare_weekly_report(session, week), by)


def _not_yet(session: AnySession, week: str) -> None:
    if session.scalar(select(PublishedReport.id).where(PublishedReport.week == week)):
        told = f"{week} 的周报已经发布。已发布的周报不改；如有错误请另发更正"
        raise Conflict(told, code="already_published")


def render(report: WeeklyReport, form: str) -> bytes:
    """A report in one of :data:`FORMATS`."""
    if form == "docx":
        return render_docx(report)
    if form == "pdf":
        return render_pdf(report)
    if form == "html":
        return render_html(report, standalone=True).encode()
    if form == "json":
        return json.dumps(figures(report), ensure_ascii=False, indent=1).encode()
    raise InvalidInput(f"格式只能是：{'、'.join(FORMATS)}")


def report_file(session: AnySession, week: str, form: str) -> tuple[bytes, str, str]:
    """A published report as the file it was published as: bytes, media type and file name. Raises NotFound when it is not published."""
    published = session.scalar(select(PublishedReport).where(PublishedReport.week == week))
    if published is None:
        raise NotFound(f"{week} 的周报还没有发布")
    media_type, ending = FORMATS.get(form) or (None, "")
    if media_type is None:
        raise NotFound(f"没有“{form}”这种格式")
    data = {
        "docx": lambda: published.docx,
        "pdf": lambda: published.pdf,
        "html": published.html.encode,
        "json": lambda: json.dumps(published.figures, ensure_ascii=False, indent=1).encode(),
    }[form]()
    return data, media_type, f"12345热线周报-{SCOPE}-{week}.{ending}"


def _inputs(session: AnySession, week: str, cut_off: datetime | None) -> WeeklyInputs:
    try:
        start = clock.monday_of(week)
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    now = clock.now()
    if start >= now:
        raise InvalidInput(f"{week} 还没有开始")
    end = start + WEEK
    cut_off = min(cut_off or end, now)
    orders = _orders(session, start - WEEK, cut_off)
    rows = _order_rows(session, orders, cut_off)
    hotspots = as_rows(session, without_false(session, found_at(session, min(end, cut_off)), cut_off))
    last_week = as_rows(session, without_false(session, found_at(session, start), cut_off))
    units = session.scalars(select(HandlingUnit.name).order_by(HandlingUnit.code)).all()
    return WeeklyInputs(
        week=week,
        scope=SCOPE,
        cut_off=cut_off,
        orders=rows,
        visit_backs=_visit_backs(session, [order.id for order in orders], cut_off),
        hotspots=hotspots,
        last_week_hotspots=last_week,
        same_week_last_year_intake=_intake(session, start - timedelta(weeks=52)) or None,
        previous_weeks_intake=_previous(session, start),
        holidays_next_week=_holidays(session, end),
        unit_order=list(units),
        hotspot_method="每个话题与地点的组合，以其自身过去八周的水平为预期，在 1、3、7 天窗口内扫描突增，并按每周容许的虚警次数定阈值；截至统计时点已判为误报的不列",
    )


def _orders(session: AnySession, since: datetime, cut_off: datetime) -> Sequence[WorkOrder]:
    """Every order reported before the cut-off that was reported, finished or still open since."""
    return session.scalars(
        select(WorkOrder)
        .where(
            WorkOrder.reported_at < cut_off,
            or_(
                WorkOrder.reported_at >= since,
                WorkOrder.completed_at >= since,
                WorkOrder.dispatched_at >= since,
                WorkOrder.status.in_(sorted(OPEN)),
            ),
        )
        .order_by(WorkOrder.id)
        .options(joinedload(WorkOrder.area))
    ).all()


def _order_rows(session: AnySession, orders: Sequence[WorkOrder], cut_off: datetime) -> list[OrderRow]:
    ids = [order.id for order in orders]
    lives: dict[int, _Life] = defaultdict(_Life)
    for event in _in_parts(session, ids, lambda part: _events(part, cut_off)):
        lives[event.order_id].live(event)
    due: dict[int, datetime] = {}
    for deadline in _in_parts(session, ids, _handle_clocks):
        due.setdefault(deadline.order_id, deadline.due_at)
    categories = {row.code: row.path for row in session.scalars(select(Category))}
    return [_row(order, lives[order.id], due.get(order.id), categories) for order in orders]


def _row(order: WorkOrder, life: _Life, due_at: datetime | None, categories: dict[str, str]) -> OrderRow:
    path = categories.get(order.category_code or "", "")
    return OrderRow(
        id=str(order.id),
        number=order.number,
        reported_at=order.reported_at,
        channel=CHANNELS[order.channel],
        request_type=REQUEST_TYPES[order.request_type],
        category=tuple(path.split("/")) if path else (),
        area=_area(order.area),
        unit=life.unit,
        status=STATUSES[life.status],
        title=mask_text(order.title),
        dispatched=life.dispatched_at is not None,
        dispatched_at=life.dispatched_at,
        completed_at=life.completed_at,
        handle_due_at=due_at,
        sent_back=life.sent_back,
        rework=life.rework,
        extended=life.extended,
    )


class _Life:
    """An order's life as its journal tells it up to a moment: so that a past week can be told as it stood then."""

    def __init__(self) -> None:
        self.status = "REGISTERED"
        self.unit = ""
        self.dispatched_at: datetime | None = None
        self.completed_at: datetime | None = None
        self.sent_back = self.rework = self.extended = 0

    def live(self, event: OrderEvent) -> None:
        """One more event, in order."""
        self.status = event.to_status
        if event.action == "dispatch":
            self.unit = str(event.data.get("lead_unit_name", ""))
            self.dispatched_at = self.dispatched_at or event.at
        if event.action == "send_back":
            self.sent_back += 1
        if event.action == "extend_deadline":
            self.extended += 1
        if event.action == "reopen" or (event.action == "visit_back" and event.to_status == "SIGNED_FOR"):
            self.rework += 1
        if event.to_status == "COMPLETED" and event.from_status != "COMPLETED":
            self.completed_at = event.at
        elif event.to_status in OPEN:
            self.completed_at = None


def _area(area: Area | None) -> tuple[str, ...]:
    # finer than the community the report would point at single houses
    return tuple(area.full_name.split("/"))[:3] if area else ()


def _events(part: Sequence[int], cut_off: datetime) -> Any:
    return (
        select(OrderEvent)
        .where(OrderEvent.order_id.in_(part), OrderEvent.at <= cut_off)
        .order_by(OrderEvent.order_id, OrderEvent.seq)
    )


def _handle_clocks(part: Sequence[int]) -> Any:
    return (
        select(Deadline)
        .where(Deadline.order_id.in_(part), Deadline.clock == "handle", Deadline.due_at.is_not(None))
        .order_by(Deadline.id)
    )


def _visit_backs(session: AnySession, ids: Sequence[int], cut_off: datetime) -> list[VisitBackRow]:
    units = {key: name for key, name in session.execute(select(HandlingUnit.id, HandlingUnit.name))}
    found = _in_parts(
        session,
        ids,
        lambda part: (
            select(VisitBack)
            .where(VisitBack.order_id.in_(part), VisitBack.at <= cut_off)
            .order_by(VisitBack.id)
        ),
    )
    return [
        VisitBackRow(
            order_id=str(row.order_id),
            at=row.at,
            valid=row.valid,
            contacted=row.contacted,
            solved=row.solved,
            satisfaction=row.satisfaction,
            unit=units.get(row.unit_id or 0, ""),
        )
        for row in found
    ]


def _in_parts(
    session: AnySession, ids: Sequence[int], query: Callable[[Sequence[int]], Any], size: int = 5000
) -> Any:
    """Rows of a query over many ids, some ids at a time: databases bound how many a statement may name."""
    for begin in range(0, len(ids), size):
        yield from session.scalars(query(ids[begin : begin + size]))


def _intake(session: AnySession, start: datetime) -> int:
    query = select(func.count()).select_from(WorkOrder)
    return (
        session.scalar(query.where(WorkOrder.reported_at >= start, WorkOrder.reported_at < start + WEEK)) or 0
    )


def _previous(session: AnySession, start: datetime, weeks: int = 8) -> dict[str, int]:
    """Intake of the whole weeks before, leaving out those before the first order: no record is not zero."""
    first = session.scalar(select(func.min(WorkOrder.reported_at)))
    found = {}
    for back in range(weeks, 0, -1):
        monday = start - back * WEEK
        if first is not None and monday >= first - timedelta(days=1):
            found[clock.iso_week(monday)] = _intake(session, monday)
    return found


def _holidays(session: AnySession, monday: datetime) -> list[str]:
    """Days off and make-up workdays of the week that begins at ``monday``, in words."""
    calendar = deadlines.calendar(session)
    names = "一二三四五六日"
    found = []
    for offset in range(7):
        day = clock.local(monday + timedelta(days=offset)).date()
        try:
            works = calendar.is_working_day(day)
        except CalendarNotLoaded as missing:
            return [str(missing)]
        weekend = day.weekday() >= 5
        if works and weekend:
            found.append(f"{day.month}月{day.day}日（周{names[day.weekday()]}）调休上班")
        elif not works and not weekend:
            found.append(f"{day.month}月{day.day}日（周{names[day.weekday()]}）放假")
    return found
