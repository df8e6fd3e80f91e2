"""Keeping hotspots on record: identity from scan to scan, splits, merges, returns, and what is told to people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.hotspots import Hotspot
from core import clock
from core.database import db
from hotline import hotspot_verdicts
from hotline.hotspot_records import HotspotEvent, HotspotLink, HotspotMember, HotspotRecord
from hotline.insights import keep_hotspots, replay_hotspots
from tests.factories import Factory

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLACE, TOPIC = "青羊区/府南街道/同德社区", "环境保护/噪音扰民"


def seen(
    orders: Sequence[int], *, status: str = "emerging", place: str = PLACE, q: float = 1e-4, at: datetime = NOW,
    observed: int = 0, rank: int = 1,
) -> Hotspot:  # fmt: skip
    """A hotspot as a scan tells it."""
    return Hotspot(
        rank=rank, name=f"{place.rpartition('/')[2]}：噪音", place=place, category=TOPIC, status=status, from_=at - DAY, to=at,
        size=len(orders), order_ids=tuple(str(i) for i in orders), observed=observed or len(orders), expected=0.2,
        ratio=20.0, p_value=q / 10, q_value=q, keywords=("打桩",), examples=("电话 13800000000 打桩",),
        complainants=len(orders), history="enough", interval=(0, 2), compared_with="与自身比",
        series=((date(2026, 6, 1), len(orders), 0.2),), key=f"{place}|{TOPIC}",
    )  # fmt: skip


def orders(make: Factory, n: int, ago: timedelta = HOUR) -> list[int]:
    """Orders of another topic elsewhere, so that nothing keeps a hotspot warm unless a test says so."""
    return [
        make.order(
            text=f"打桩{k}", area=make.area("草市街街道"), category_code="0113", reported_at=NOW - ago
        ).id
        for k in range(n)
    ]


def scan(found: Sequence[Hotspot], after: timedelta) -> list[HotspotRecord]:
    with clock.set_to(NOW + after):
        kept = keep_hotspots(db.session, found, NOW + after)
        db.session.commit()
    return kept


def told(record: HotspotRecord) -> list[tuple[str, str]]:
    rows = select(HotspotEvent).where(HotspotEvent.hotspot_id == record.id).order_by(HotspotEvent.id)
    return [(row.action, row.to_status) for row in db.session.scalars(rows)]


def links() -> set[tuple[int, int, str]]:
    return {(row.from_id, row.to_id, row.kind) for row in db.session.scalars(select(HotspotLink))}


def test_one_hotspot_goes_on_grows_fades_and_ends_with_its_history(session: Session, make: Factory) -> None:
    ids = orders(make, 12)
    (record,) = scan([seen(ids[:6])], 0 * HOUR)
    for hour in range(1, 6):
        (again,) = scan([seen(ids[2:12], status="growing")], hour * HOUR)
        assert again.id == record.id
    assert record.status == "growing" and record.detail["examples"] == ["电话 138****0000 打桩"]
    members = {
        row.order_id: row.current
        for row in session.scalars(select(HotspotMember).where(HotspotMember.hotspot_id == record.id))
    }
    assert set(members) == set(ids), "what was once counted stays linked"
    assert {key for key, current in members.items() if current} == set(ids[2:])
    assert record.starts_at == NOW - DAY
    for hour in range(6, 60, 6):
        scan([], hour * HOUR)
    assert told(record) == [
        ("begin", "emerging"), ("state", "growing"), ("state", "fading"), ("state", "resolved"),
    ]  # fmt: skip
    assert not record.active


def test_it_does_not_end_while_people_still_complain(session: Session, make: Factory) -> None:
    (record,) = scan([seen(orders(make, 4))], 0 * HOUR)
    for n in range(3):
        make.order(
            text="又在打桩", area=make.area(), category_code="0501", phone=f"1380000000{n}",
            reported_at=NOW + 3 * DAY - HOUR,
        )  # fmt: skip
    scan([], 3 * DAY)
    assert record.status == "fading"
    scan([], 3 * DAY + HOUR)
    assert record.status == "fading"
    scan([], 6 * DAY)
    assert record.status == "resolved"


def test_it_comes_back_as_itself_within_two_weeks_and_as_a_successor_later(
    session: Session, make: Factory
) -> None:
    first, second, third = orders(make, 4), orders(make, 4), orders(make, 4)
    (record,) = scan([seen(first)], 0 * DAY)
    scan([], 3 * DAY)
    # the scan may go on remembering what is over: that does not bring it back
    assert scan([seen(first, status="fading")], 4 * DAY) == [] and not record.active
    (back,) = scan([seen(second, at=NOW + 10 * DAY)], 10 * DAY)
    assert back.id == record.id and back.active and told(back)[-1] == ("reopen", "emerging")
    assert back.starts_at == NOW + 9 * DAY
    scan([], 13 * DAY)
    (later,) = scan([seen(third, at=NOW + 40 * DAY)], 40 * DAY)
    assert later.id != record.id and links() == {(record.id, later.id, "again")}


def test_a_split_is_told_and_both_live_on(session: Session, make: Factory) -> None:
    ids = orders(make, 10)
    (whole,) = scan([seen(ids, place="青羊区/府南街道")], 0 * HOUR)
    kept = scan([seen(ids[:6], place="青羊区/府南街道"), seen(ids[6:], rank=2)], HOUR)
    part = next(row for row in kept if row.id != whole.id)
    assert len(kept) == 2 and whole.active and links() == {(whole.id, part.id, "split")}


def test_a_merge_is_told_once_it_lasts(session: Session, make: Factory) -> None:
    ids = orders(make, 10)
    one, two = scan([seen(ids[:6]), seen(ids[6:], place="青羊区/府南街道/清溪社区", rank=2)], 0 * HOUR)
    scan([seen(ids, place="青羊区/府南街道")], HOUR)
    assert two.active and links() == set(), "one scan is not enough"
    scan([seen(ids[:6]), seen(ids[6:], place="青羊区/府南街道/清溪社区", rank=2)], 2 * HOUR)
    for hour in range(3, 7):
        scan([seen(ids, place="青羊区/府南街道")], hour * HOUR)
    assert one.active and not two.active
    assert links() == {(two.id, one.id, "merge")} and told(two)[-1] == ("state", "resolved")


def test_taught_categories_are_watched_until_the_evidence_is_strong(session: Session, make: Factory) -> None:
    for n in range(15):
        place = f"青羊区/处{n}"
        (record,) = scan([seen(orders(make, 4), place=place, q=0.05)], n * DAY * 3)
        boss = make.actor("supervisor")
        data = {"verdict": "false", "note": "集中回访"}
        with clock.set_to(NOW + n * DAY * 3):
            hotspot_verdicts.decide(session, record.id, "verdict", boss, data, expected_version=1)
            session.commit()
        assert not record.announced
    ids = orders(make, 8)
    when = 50 * DAY
    (weak,) = scan([seen(ids[:4], q=0.1)], when)
    assert not weak.announced and weak.gate["false"] == 15 and weak.q_value > weak.gate["limit"]
    (strong,) = scan([seen(ids, q=1e-6)], when + HOUR)
    assert strong.id == weak.id and strong.announced and told(strong)[-1][0] == "announce"
    (still,) = scan([seen(ids, q=0.1)], when + 2 * HOUR)
    assert still.announced, "what was told is not taken back"


def test_the_announced_come_first(session: Session, make: Factory) -> None:
    one, two = orders(make, 4), orders(make, 4)
    first, second = scan([seen(one), seen(two, place="青羊区/草市街街道", rank=2)], 0 * HOUR)
    assert [first.rank, second.rank] == [1, 2]
    data = {"verdict": "known", "note": "已列入整治"}
    with clock.set_to(NOW):
        hotspot_verdicts.decide(
            session, first.id, "verdict", make.actor("dispatcher"), data, expected_version=1
        )
        session.commit()
    kept = scan([seen(one), seen(two, place="青羊区/草市街街道", rank=2)], HOUR)
    assert [row.id for row in kept] == [second.id, first.id]
    doubled = scan([seen(one, observed=8), seen(two, place="青羊区/草市街街道", rank=2)], 2 * HOUR)
    assert doubled[0].id == first.id and first.announced and first.acknowledged_at is None


def test_imported_history_is_lived_through_as_if_the_jobs_had_run(session: Session, make: Factory) -> None:
    now = clock.now()
    for n in range(60):
        make.order(
            text=f"垃圾没有清运 {n}", area=make.area("金沙街道"), category_code="0113", phone=f"139000000{n:02d}",
            reported_at=now - timedelta(days=58) + n * timedelta(hours=20),
        )  # fmt: skip
    for n in range(10):
        make.order(
            text=f"工地半夜打桩吵得睡不着 {n}", area=make.area(), category_code="0501", phone=f"137000000{n:02d}",
            reported_at=now - timedelta(days=12) + n * timedelta(hours=2),
        )  # fmt: skip
    assert replay_hotspots(session, now - timedelta(days=14), now, every=DAY) == []
    (record,) = session.scalars(select(HotspotRecord)).all()
    assert now - timedelta(days=12) <= record.first_seen_at <= now - timedelta(days=10)
    assert record.status == "resolved" and told(record)[0][0] == "begin"
    assert [state for _, state in told(record)][-2:] == ["fading", "resolved"]
    with pytest.raises(ValueError):
        replay_hotspots(session, now - DAY, now, every=timedelta(0))
