"""Life and identity of a hotspot as plain rules: nothing flaps, splits and merges are told, returns are recognised."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.hotspot_identity import Known, Told, match
from hotline.hotspot_life import STATES, Life, Rules, Sight, absorb, begin, step

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
RULES = Rules()
HOUR = timedelta(hours=1)


def live(life: Life, phases: list[str | None], *, observed: int = 6, warm: bool = False) -> list[Life]:
    """The lives after each hourly scan that sees these phases."""
    out = []
    at = max(life.bursting_at, life.since)
    for phase in phases:
        at += HOUR
        life = step(life, Sight(at, phase, observed, warm), RULES)
        out.append(life)
    return out


def born(phase: str = "emerging", observed: int = 6) -> Life:
    return begin(Sight(START, phase, observed))


def test_a_life_goes_through_every_state_once() -> None:
    life, told = born(), ["emerging"]
    sights = [("growing", 9)] * 30 + [("persisting", 9)] * 200 + [(None, 9)] * 80
    at = START
    for phase, observed in sights:
        at += HOUR
        life = step(life, Sight(at, phase, observed), RULES)
        if life.status != told[-1]:
            told.append(life.status)
    assert told == ["emerging", "growing", "persisting", "fading", "resolved"]


def test_a_change_needs_every_scan_of_the_holding_time_to_agree() -> None:
    undecided = live(born(), ["growing", "growing", "emerging"] * 20)
    assert {life.status for life in undecided} == {"emerging"}
    agreed = live(born(), ["growing"] * 4)
    assert [life.status for life in agreed] == ["emerging"] * 3 + ["growing"]


def test_a_burst_that_hovers_about_the_alert_level_keeps_its_state() -> None:
    phases: list[str | None] = ["emerging", None] * 60
    assert {life.status for life in live(born(), phases)} == {"emerging"}


def test_it_ends_only_after_two_days_below_the_lower_level() -> None:
    silent: list[str | None] = [None] * 47
    lives = live(born(), silent)
    assert lives[22].status == "emerging" and lives[23].status == "fading" and lives[-1].status == "fading"
    assert step(lives[-1], Sight(START + 48 * HOUR, None, 6), RULES).status == "resolved"
    # complaints still come in above the lower level: it fades, and does not end
    assert {life.status for life in live(born(), [None] * 200, warm=True)[24:]} == {"fading"}


def test_it_comes_up_again_from_fading_and_never_goes_back_to_emerging() -> None:
    fading = live(born(), [None] * 30)[-1]
    assert fading.status == "fading"
    up = live(fading, ["emerging"] * 4)
    assert [life.status for life in up] == ["fading"] * 3 + ["growing"]


def test_a_persisting_one_grows_again_only_by_half_of_what_it_was() -> None:
    persisting = born("persisting", 10)
    at = START + HOUR
    for observed, expected in ((14, "persisting"), (15, "growing")):
        life = persisting
        for hour in range(5):
            life = step(life, Sight(at + hour * HOUR, "growing", observed), RULES)
        assert life.status == expected


def test_what_is_over_stays_over_for_the_rule() -> None:
    over = live(born(), [None] * 60)[-1]
    assert over.status == "resolved"
    assert step(over, Sight(START + timedelta(days=9), "growing", 30), RULES) == over
    with pytest.raises(ValueError):
        begin(Sight(START, None, 3))


def test_it_goes_into_another_only_when_that_lasts() -> None:
    life = born()
    for hour in range(1, 4):
        life = absorb(life, Sight(START + hour * HOUR, None, 6), RULES)
        assert life.status == "emerging"
    back = step(life, Sight(START + 4 * HOUR, "emerging", 6), RULES)
    assert back.status == "emerging" and back.leaning is None
    assert absorb(life, Sight(START + 4 * HOUR, None, 6), RULES).status == "resolved"


@given(
    st.lists(st.sampled_from(["emerging", "growing", "persisting", "fading", None]), max_size=300),
    st.integers(0, 2**16),
)
def test_no_history_of_hourly_scans_makes_it_flap(phases: list[str | None], seed: int) -> None:
    """Two changes are at least the holding time apart, states are known ones, and nothing returns to emerging."""
    rng = random.Random(seed)
    life, at, changes = born(), START, [START]
    for phase in phases:
        at += HOUR
        after = step(life, Sight(at, phase, rng.randint(4, 40), rng.random() < 0.3), RULES)
        assert after.status in STATES
        if after.status != life.status:
            assert after.status != "emerging"
            assert after.status in ("fading", "resolved") or at - changes[-1] >= RULES.hold
            changes.append(at)
        life = after
    assert len(changes) - 1 <= len(phases) / 3


def orders(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


def known(key: int, topic: str, held: frozenset[int], *, words: str = "", live: bool = True, recent: bool = True) -> Known:  # fmt: skip
    return Known(key, topic, held, frozenset(words.split()), live, recent)


def test_the_same_orders_are_the_same_hotspot_whatever_it_is_called() -> None:
    found = match(
        [known(7, "a|x", orders(1, 2, 3, 4)), known(8, "b|y", orders(10, 11, 12))],
        [Told("b|z", orders(10, 11, 12, 13)), Told("a|w", orders(3, 4, 5))],
    )
    assert found.same == {0: 8, 1: 7}
    assert not (found.split or found.absorbed or found.again)


def test_one_that_becomes_two_goes_on_as_the_likelier_and_splits_off_the_other() -> None:
    found = match(
        [known(7, "区|噪音", orders(*range(10)))],
        [Told("甲|噪音", orders(0, 1, 2, 20)), Told("乙|噪音", orders(4, 5, 6, 7, 8, 9))],
    )
    assert found.same == {1: 7} and found.split == {0: 7}


def test_two_that_become_one_go_on_as_the_likelier_and_the_other_is_absorbed() -> None:
    found = match(
        [known(7, "甲|噪音", orders(1, 2, 3)), known(8, "乙|噪音", orders(4, 5, 6, 7, 8))],
        [Told("区|噪音", orders(1, 2, 3, 4, 5, 6, 7, 8, 9))],
    )
    assert found.same == {0: 8} and found.absorbed == {7: 0}


def test_one_lately_over_is_itself_again_and_one_long_over_is_a_predecessor() -> None:
    told = [Told("甲|噪音#2", orders(50, 51), frozenset({"打桩"}))]
    lately = known(7, "甲|噪音", orders(1, 2), words="打桩 夜间", live=False)
    assert match([lately], told).same == {0: 7}
    long_ago = known(7, "甲|噪音", orders(1, 2), words="打桩 夜间", live=False, recent=False)
    found = match([long_ago], told)
    assert found.same == {} and found.again == {0: 7}
    # another matter of the same kind at the same place is another hotspot
    other = known(7, "甲|噪音", orders(1, 2), words="广场舞", live=False)
    assert match([other], told).same == {}


def test_a_live_one_is_preferred_to_one_that_is_over() -> None:
    found = match(
        [known(3, "甲|噪音", orders(1, 2, 3), live=False), known(9, "甲|噪音", orders(2, 3, 4))],
        [Told("甲|噪音", orders(2, 3, 4, 5))],
    )
    assert found.same == {0: 9}


@given(
    st.lists(st.frozensets(st.integers(0, 30), min_size=1), max_size=6),
    st.lists(st.frozensets(st.integers(0, 30), min_size=1), max_size=6),
)
def test_matching_is_one_to_one_and_accounts_for_each_once(
    before: list[frozenset[int]], after: list[frozenset[int]]
) -> None:
    found = match(
        [known(n + 1, f"k{n}", held) for n, held in enumerate(before)],
        [Told(f"t{n}", held) for n, held in enumerate(after)],
    )
    assert len(set(found.same.values())) == len(found.same)
    assert not set(found.same) & set(found.split)
    assert not set(found.same.values()) & set(found.absorbed)
