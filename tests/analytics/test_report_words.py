"""Sentences never say more than the figures: small is called small, unsure is called unsure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from analytics.report import words
from analytics.report.parts import Cell, Change, Given
from analytics.report.sections.emerging import members
from analytics.report.sections.outlook import season
from analytics.report.shown import paragraph_text, percentage, shown
from tests.analytics.report_fixture import make_inputs

HOTSPOT = replace(
    make_inputs(600).hotspots[0],
    observed=40,
    expected=10.0,
    ratio=4.0,
    interval=(4.0, 17.0),
    complainants=None,
)


def count(value: int) -> Cell:
    return Cell("intake", (), value, tuple(map(str, range(value))))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"q_value": 0.0004}, "几乎可以肯定"),
        ({"q_value": 0.001}, "几乎可以肯定"),
        ({"q_value": 0.0011}, "很可能"),
        ({"q_value": 0.01}, "很可能"),
        ({"q_value": 0.05}, "可能"),
        ({"q_value": 0.051}, "尚不能确定"),
        ({"q_value": None, "p_value": 0.02}, "可能"),
        ({"q_value": None, "p_value": None}, "尚不能确定"),
        ({"q_value": 0.0001, "interval": (4.0, 40.0)}, "尚不能确定"),
        ({"q_value": 0.0001, "observed": 10, "interval": None}, "尚不能确定"),
    ],
)
def test_how_sure_follows_q_and_the_usual_range(changes, expected):
    assert words.sureness(replace(HOTSPOT, **changes)) == expected


def text_of(**changes) -> str:
    hotspot = replace(HOTSPOT, **changes)
    return paragraph_text(words.hotspot_paragraph(hotspot, members(hotspot)))


def test_a_paragraph_says_what_where_since_when_how_much_how_sure_and_who():
    text = text_of(q_value=0.002, start=HOTSPOT.end.replace(day=10))
    for piece in (
        "11月10日以来",
        "府南街道同德社区",
        "观测40，",
        "预期约10.0，",
        "4至17之间",
        "4.0倍",
        "很可能高于往常（q＝0.002）",
    ):
        assert piece in text
    assert f"建议由{HOTSPOT.unit}牵头处置：{HOTSPOT.action}。" in text


def test_small_numbers_are_called_small():
    assert "数量较少（观测6）" in text_of(
        observed=6, expected=1.0, ratio=6.0, interval=(0.0, 3.0), q_value=0.0001
    )
    assert "数量较少" not in text_of(q_value=0.0001)


def test_the_unsure_is_not_asserted():
    text = text_of(q_value=0.3)
    assert "尚不能确定，宜继续观察" in text and "高于往常（" not in text


def test_no_multiple_of_next_to_nothing():
    assert "倍" not in text_of(expected=0.2, ratio=200.0, interval=(0.0, 1.0))


def test_few_people_many_calls_is_told():
    assert "多件来自同一人" in text_of(complainants=1)


def test_no_unit_no_invented_addressee():
    assert "牵头单位待定" in text_of(unit="", action="")


def test_leaving_the_list_is_not_said_to_be_solved():
    assert words.followed_up(HOTSPOT, None) == "本周未再达到预警线"
    assert "回落" in words.followed_up(HOTSPOT, replace(HOTSPOT, observed=3))
    assert "继续上升" in words.followed_up(HOTSPOT, replace(HOTSPOT, observed=41))


@pytest.mark.parametrize(
    ("now", "before", "chance"), [(88, 99, True), (60, 99, False), (3, 0, True), (9, 0, False)]
)
def test_what_chance_allows(now, before, chance):
    assert words.within_chance(Change(count(now), count(before))) is chance


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(count(3), count(0)), "—（+3/0）"),
        (Change(count(0), count(0)), "—（0/0）"),
        (Change(count(5), Given("", None)), "—"),
        (Change(count(7), count(8)), "-12.5%（-1/8）"),
    ],
)
def test_changes_without_a_base(change, expected):
    assert shown(change) == expected


def test_rounding_never_turns_some_into_none_or_all():
    assert percentage(Fraction(1, 5000)) == "<0.1%"
    assert percentage(Fraction(4999, 5000)) == ">99.9%"


def test_the_season_table_has_every_month_and_one_version():
    rows = [season(month) for month in range(1, 13)]
    assert {row["version"] for row in rows} == {"v1"} and all(row["reminder"] for row in rows)
