"""热点扫描 Hotspot scan: the recent orders, watched hourly; what bursts is kept from scan to scan under one identity."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from analytics.hotspots import Hotspot, HotspotScanner
from analytics.report.records import HotspotRow
from core.areas import Area
from core.database import AnySession
from core.privacy import mask_text
from core.units import HandlingUnit, by_code
from hotline import dispatch, policy, seeds
from hotline.catalogue import Category
from hotline.hotspot_records import HotspotMember, HotspotRecord
from hotline.insights.hotspot_keeping import keep_hotspots
from hotline.insights.recent_orders import RecentOrders
from hotline.models import WorkOrder

# one of each per process, so that what was read at one scan is not read again at the next; neither is safe to share
_scanner: HotspotScanner | None = None
_recent = RecentOrders()
_lock = threading.Lock()


def found_at(session: AnySession, as_of: datetime) -> list[Hotspot]:
    """The hotspots as they could be seen at a moment, from the orders reported before it. Writes nothing."""
    global _scanner  # noqa: PLW0603 - see above
    budget = policy.number(session, "hotspot_alarms_per_week")
    with _lock:
        if _scanner is None or _scanner.max_false_alarms != budget:
            _scanner = HotspotScanner(max_false_alarms=budget)
        return _scanner.scan(_recent.read(session, _scanner.since(as_of), as_of), as_of)


def scan_hotspots(session: AnySession, as_of: datetime) -> list[HotspotRecord]:
    """Scan now and keep what was found: known hotspots go on under their identity, new ones begin, others end.

    Returns the active hotspots, most urgent first. The caller commits.
    """
    return keep_hotspots(session, found_at(session, as_of), as_of)


def replay_hotspots(
    session: AnySession, since: datetime, until: datetime, *, every: timedelta = timedelta(hours=12)
) -> list[HotspotRecord]:
    """Scan a past time moment by moment, as if the jobs had run, so that what is imported comes with its history.

    Orders count from when they were reported, with the category they have today. Returns what the last scan saw. For
    a database without hotspots later than ``since``; the caller commits. Raises ValueError for a step that is not
    positive.
    """
    if every <= timedelta(0):
        raise ValueError("the step between two scans must be positive")
    kept: list[HotspotRecord] = []
    for back in range((until - since) // every, -1, -1):
        kept = scan_hotspots(session, until - back * every)
    return kept


def without_false(session: AnySession, found: Sequence[Hotspot], as_of: datetime) -> list[Hotspot]:
    """Hotspots but those that were, until a moment, judged false by somebody: half of whose orders are of such a one."""
    judged = select(HotspotMember.hotspot_id, HotspotMember.order_id).join(
        HotspotRecord, HotspotRecord.id == HotspotMember.hotspot_id
    )
    orders_of: dict[int, set[str]] = {}
    for key, order in session.execute(
        judged.where(HotspotRecord.verdict == "false", HotspotRecord.verdict_at <= as_of)
    ):
        orders_of.setdefault(key, set()).add(str(order))
    return [
        hotspot
        for hotspot in found
        if not any(
            2 * len(orders.intersection(hotspot.order_ids)) >= hotspot.size for orders in orders_of.values()
        )
    ]


def as_rows(session: AnySession, found: Sequence[Hotspot]) -> list[HotspotRow]:
    """Hotspots as the weekly report wants them: masked, with who should act and what is suggested."""
    rows = []
    for hotspot in found:
        unit, action = who_should_act(session, hotspot.category, hotspot.order_ids)
        rows.append(
            HotspotRow(
                key=hotspot.key,
                rank=hotspot.rank,
                name=hotspot.name,
                place=hotspot.place,
                category=tuple(part for part in hotspot.category.split("/") if part),
                status=hotspot.status,
                start=hotspot.from_,
                end=hotspot.to,
                size=hotspot.size,
                complainants=hotspot.complainants,
                observed=hotspot.observed,
                expected=hotspot.expected,
                interval=hotspot.interval,
                ratio=hotspot.ratio,
                p_value=hotspot.p_value,
                q_value=hotspot.q_value,
                keywords=hotspot.keywords,
                examples=tuple(mask_text(example) for example in hotspot.examples),
                order_ids=hotspot.order_ids,
                unit=unit,
                action=action,
                series=tuple((day.isoformat(), count) for day, count, _ in hotspot.series),
            )
        )
    return rows


def who_should_act(session: AnySession, category: str, order_ids: Sequence[str]) -> tuple[str, str]:
    """The unit the catalogue names for the topic at the members' place, and the playbook's action, in words."""
    unit, action = unit_to_act(session, category, order_ids)
    return unit.name if unit else "", action


def unit_to_act(
    session: AnySession, category: str, order_ids: Sequence[str]
) -> tuple[HandlingUnit | None, str]:
    """The same with the unit itself."""
    row = session.scalar(select(Category).where(Category.path == category))
    if row is None:
        return None, ""
    area = session.scalar(
        select(Area)
        .join(WorkOrder, WorkOrder.area_id == Area.id)
        .where(WorkOrder.id.in_([int(i) for i in order_ids]))
        .order_by(WorkOrder.id.desc())
        .limit(1)
    )
    play = seeds.load_playbook().get(row.code)
    advice = dispatch.advise(session, row.code, area)
    unit: HandlingUnit | None = advice.unit if advice else None
    if play and play.unit and unit is None:
        unit = by_code(session, play.unit)
    return unit, play.action if play else ""
