"""热点扫描 Hotspot scan: the recent orders, watched hourly; what bursts is kept from scan to scan under one identity."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from analytics.hotspots import Hotspot, HotspotScanner
from analytics.records import Complaint
from analytics.report.records import HotspotRow
from core import clock
from core.areas import Area
from core.database import AnySession, insert_many
from core.privacy import mask_text
from core.units import HandlingUnit, by_code
from hotline import dispatch, policy, seeds
from hotline.catalogue import Category
from hotline.insights.memory import told
from hotline.models import HotspotMember, HotspotRecord, WorkOrder

STATUSES = {"emerging": "新发", "growing": "增长", "persisting": "持续", "fading": "消退", "resolved": "平息"}

# one scanner per process, so that texts read at one scan are not read again at the next; it is not safe to share
_scanner: HotspotScanner | None = None
_lock = threading.Lock()


def found_at(session: AnySession, as_of: datetime) -> list[Hotspot]:
    """The hotspots as they could be seen at a moment, from the orders reported before it. Writes nothing."""
    global _scanner  # noqa: PLW0603 - see above
    budget = policy.number(session, "hotspot_alarms_per_week")
    complaints = _complaints(session, HotspotScanner(max_false_alarms=budget).since(as_of), as_of)
    with _lock:
        if _scanner is None or _scanner.max_false_alarms != budget:
            _scanner = HotspotScanner(max_false_alarms=budget)
        return _scanner.scan(complaints, as_of)


def scan_hotspots(session: AnySession, as_of: datetime) -> list[HotspotRecord]:
    """Scan now and keep what was found: known hotspots go on under their identity, new ones begin, others end.

    Returns the active hotspots, most urgent first. The caller commits.
    """
    return keep_hotspots(session, found_at(session, as_of), as_of)


def keep_hotspots(session: AnySession, found: Sequence[Hotspot], as_of: datetime) -> list[HotspotRecord]:
    """The writing half of :func:`scan_hotspots`, short, for doors that look first and write afterwards."""
    active = {
        row.key: row for row in session.scalars(select(HotspotRecord).where(HotspotRecord.active.is_(True)))
    }
    kept = []
    for hotspot in found:
        record = active.pop(hotspot.key, None) or _same(session, active, hotspot)
        if record is None:
            record = HotspotRecord(first_seen_at=as_of)
            session.add(record)
        record.key = hotspot.key[:255]
        _write(record, hotspot, as_of)
        session.flush()
        _link(session, record, hotspot)
        kept.append(record)
    for record in active.values():
        record.active = False
        record.status = "resolved"
    session.flush()
    return kept


def _same(session: AnySession, active: dict[str, HotspotRecord], hotspot: Hotspot) -> HotspotRecord | None:
    """A known hotspot that shares half of the smaller one's orders: its leading word changed, the event did not."""
    mine = {int(key) for key in hotspot.order_ids}
    for key, record in list(active.items()):
        theirs = set(
            session.scalars(select(HotspotMember.order_id).where(HotspotMember.hotspot_id == record.id))
        )
        if theirs and len(mine & theirs) * 2 >= min(len(mine), len(theirs)):
            return active.pop(key)
    return None


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
    """The unit the catalogue names for the topic at the members' place, and the playbook's action."""
    row = session.scalar(select(Category).where(Category.path == category))
    if row is None:
        return "", ""
    area = session.scalar(
        select(Area)
        .join(WorkOrder, WorkOrder.area_id == Area.id)
        .where(WorkOrder.id.in_([int(i) for i in order_ids]))
    )
    play = seeds.load_playbook().get(row.code)
    advice = dispatch.advise(session, row.code, area)
    unit: HandlingUnit | None = advice.unit if advice else None
    if play and play.unit and unit is None:
        unit = by_code(session, play.unit)
    return unit.name if unit else "", play.action if play else ""


def _complaints(session: AnySession, since: datetime, as_of: datetime) -> list[Complaint]:
    categories = {row.code: row.path for row in session.scalars(select(Category))}
    query = (
        select(
            WorkOrder.id,
            WorkOrder.reported_at,
            WorkOrder.title,
            WorkOrder.text,
            WorkOrder.category_code,
            WorkOrder.complainant_key,
            Area.full_name,
        )
        .outerjoin(Area, Area.id == WorkOrder.area_id)
        .where(WorkOrder.reported_at >= since, WorkOrder.reported_at < as_of)
        .order_by(WorkOrder.reported_at, WorkOrder.id)
    )
    return [
        Complaint(
            id=str(key),
            time=clock.local(time),
            text=told(title, text),
            place=area or "",
            category=categories.get(code or "", ""),
            complainant=who or "",
        )
        for key, time, title, text, code, who, area in session.execute(query)
    ]


def _write(record: HotspotRecord, hotspot: Hotspot, as_of: datetime) -> None:
    record.name = hotspot.name[:200]
    record.place = hotspot.place[:255]
    record.category = hotspot.category
    record.status = hotspot.status
    record.active = True
    record.rank = hotspot.rank
    record.starts_at = hotspot.from_
    record.ends_at = hotspot.to
    record.size = hotspot.size
    record.observed = hotspot.observed
    record.expected = hotspot.expected
    record.ratio = hotspot.ratio
    record.p_value = hotspot.p_value
    record.q_value = hotspot.q_value
    record.last_seen_at = as_of
    record.detail = _detail(hotspot)


def _detail(hotspot: Hotspot) -> dict[str, Any]:
    told_of = hotspot.to_json()
    return {
        "keywords": told_of["keywords"],
        "examples": [mask_text(example) for example in hotspot.examples],
        "complainants": hotspot.complainants,
        "history": hotspot.history,
        "interval": told_of["interval"],
        "compared_with": hotspot.compared_with,
        "series": told_of["series"],
    }


def _link(session: AnySession, record: HotspotRecord, hotspot: Hotspot) -> None:
    session.execute(delete(HotspotMember).where(HotspotMember.hotspot_id == record.id))
    insert_many(
        session, HotspotMember, [{"hotspot_id": record.id, "order_id": int(i)} for i in hotspot.order_ids]
    )
    session.expire(record, ["members"])
