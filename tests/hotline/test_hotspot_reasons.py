"""Reasons of a hotspot: bands that hold what they promise, maps that stay inside, people counted once."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core import clock
from core.areas import Area
from core.database import db
from hotline import hotspot_reasons
from hotline.console.hotspot_pictures import HEIGHT, WIDTH, place_map, series_chart
from hotline.hotspot_reasons import PlaceCount, with_band
from hotline.hotspot_records import HotspotMember, HotspotRecord
from tests.factories import Factory


def days(expected: float, n: int = 21) -> list[dict[str, object]]:
    return [{"date": f"2026-03-{day + 1:02d}", "count": 0, "expected": expected} for day in range(n)]


@pytest.mark.parametrize("expected", [0.02, 0.5, 3.0, 40.0])
def test_the_band_of_a_poisson_day_holds_95_of_100(expected: float) -> None:
    row = with_band(days(expected), expected, (0, int(expected)))[10]
    drawn = np.random.default_rng(1).poisson(expected, 20000)
    inside = ((drawn >= row["low"]) & (drawn <= row["high"])).mean()
    assert inside >= 0.945
    assert row["low"] - 1 <= row["bottom"] <= row["low"] and row["high"] - 1 <= row["top"] <= row["high"]


def test_a_wider_interval_of_the_scan_gives_a_wider_band() -> None:
    narrow = with_band(days(2.0), 14.0, (7, 22))[0]
    wide = with_band(days(2.0), 14.0, (2, 45))[0]
    assert wide["high"] > narrow["high"]
    # and on the window that was tested, the band is the scan's own interval
    tested = with_band(days(14.0), 14.0, (2, 45))[10]
    assert tested["high"] == 45


@pytest.mark.parametrize("interval", [(), (0, 0), (0, 10**6)])
def test_an_interval_that_says_nothing_still_gives_a_band(interval: tuple[int, ...]) -> None:
    rows = with_band(days(0.0), 0.0, interval)
    assert all(row["low"] == 0 <= row["high"] for row in rows)
    assert with_band([], 1.0, interval) == []


def test_the_chart_draws_the_band_behind_the_bars() -> None:
    spec = series_chart(with_band(days(1.0), 1.0, (0, 3)), since="2026-03-10")
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks[0] == "area" and "bar" in marks and "line" in marks


def place(name: str, count: int, lat: float | None, lng: float | None) -> PlaceCount:
    return PlaceCount(name, name, name, count, lat, lng)


def test_every_place_lies_on_the_map_and_the_scale_bar_fits() -> None:
    spots = [place("甲", 9, 30.60, 104.00), place("乙", 1, 30.70, 104.10), place("丙", 2, None, None)]
    near = [
        Area(code="x", name="近处", lat=30.65, lng=104.05),
        Area(code="y", name="远处", lat=31.5, lng=104.05),
    ]
    drawn = place_map(spots, near)
    assert drawn is not None and [dot.name for dot in drawn.dots] == ["甲", "乙"]
    for dot in drawn.dots:
        assert dot.r <= dot.x <= WIDTH - dot.r and dot.r <= dot.y <= HEIGHT - dot.r
    assert (
        drawn.dots[0].y > drawn.dots[1].y and drawn.dots[0].x < drawn.dots[1].x
    )  # north is up, east is right
    assert drawn.dots[0].r > drawn.dots[1].r
    assert [dot.name for dot in drawn.around] == ["近处"]
    assert 20 < drawn.bar <= 71 and drawn.bar_words.endswith("公里")


@given(
    st.lists(
        st.tuples(st.floats(30.6, 30.7), st.floats(104.0, 104.1), st.integers(1, 40)), min_size=1, max_size=12
    )
)
def test_no_name_covers_another_and_every_order_is_on_the_map(spots: list[tuple[float, float, int]]) -> None:
    drawn = place_map([place(f"第{n}网格", count, lat, lng) for n, (lat, lng, count) in enumerate(spots)], [])
    assert drawn is not None
    assert sum(dot.count for dot in drawn.dots) == sum(count for *_, count in spots)
    boxes: list[tuple[float, float, float]] = []
    for dot in drawn.dots:
        if not dot.anchor:
            continue
        wide = 13.0 * len(dot.name)
        left = dot.name_x - {"start": 0, "middle": wide / 2, "end": wide}[dot.anchor]
        assert left >= 0 and left + wide <= WIDTH and 0 < dot.name_y < HEIGHT
        for other_left, other_y, other_wide in boxes:
            apart = left >= other_left + other_wide - 0.2 or other_left >= left + wide - 0.2
            assert apart or abs(dot.name_y - other_y) > 12
        boxes.append((left, dot.name_y, wide))


def test_one_place_has_a_map_and_none_with_a_position_has_none() -> None:
    assert place_map([place("甲", 3, 30.6, 104.0)], []) is not None
    assert place_map([place("丙", 2, None, None)], []) is None
    assert place_map([], []) is None


def _hotspot(make: Factory, orders: list, **more: object) -> HotspotRecord:
    now = clock.now()
    record = HotspotRecord(
        key="青羊区/府南街道/同德社区|环境保护/噪音扰民", name="噪音", place="青羊区/府南街道/同德社区",
        category="环境保护/噪音扰民", rank=1, starts_at=now - timedelta(days=2), ends_at=now, size=len(orders),
        observed=4, expected=0.1, ratio=40.0, p_value=1e-6, q_value=1e-4, first_seen_at=now, last_seen_at=now,
        status="emerging", status_since=now, began_at=now, bursting_at=now,
        detail={"keywords": ["打桩", "夜间"], "interval": [0, 1], "series": []}, **more,
    )  # fmt: skip
    db.session.add(record)
    db.session.flush()
    for order in orders:
        db.session.add(HotspotMember(hotspot_id=record.id, order_id=order.id))
    db.session.commit()
    return record


def test_twenty_calls_by_one_person_are_seen_to_be_one_person(session: Session, make: Factory) -> None:
    area, now = make.area(), clock.now()

    def said(phone: str | None, ago: timedelta, code: str = "0501") -> object:
        return make.order(text="工地打桩", area=area, phone=phone, category_code=code, reported_at=now - ago)

    hour = timedelta(hours=1)
    loud = [said("13800000001", n * hour) for n in range(1, 6)]
    others = [said("13800000002", hour), said("13800000003", hour), said(None, hour)]
    said("13800000002", timedelta(days=10))  # had complained of it before
    said("13800000003", timedelta(days=10), "0113")  # of something else
    said("13800000003", timedelta(days=40))  # and of it, but long ago
    found = hotspot_reasons.voices(session, _hotspot(make, [*loud, *others]))
    assert (found.orders, found.people, found.loudest, found.unknown) == (8, 4, 5, 1)
    assert found.new == 3 and found.new_share == pytest.approx(0.75)


def test_words_are_weighed_against_other_orders_and_places_counted(session: Session, make: Factory) -> None:
    mine = [make.order(text=text, area=make.area()) for text in ("夜间打桩", "打桩吵人", "半夜施工")]
    for n in range(6):
        make.order(text="夜间路灯不亮" if n < 3 else "垃圾没清", area=make.area("草市街街道"))
    record = _hotspot(make, mine)
    first, second = hotspot_reasons.words(session, record)
    assert (first.word, first.here, first.others) == ("打桩", 2, 0)
    assert (second.word, second.here, second.others) == ("夜间", 1, 3)
    assert first.times > second.times
    assert [(one.name, one.count) for one in hotspot_reasons.places(session, record)] == [("同德社区", 3)]
    assert hotspot_reasons.linked(session, record) == {"all": 3, "open": 3, "waiting": 3}
