"""回放: only what was known that day; figures with the right denominators; hidden events fair and reproducible."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scipy.stats import poisson

from analytics.backtest import Alert, Day, follow, moments, replay
from analytics.backtest_run import CannotReplay, Judged, Plan, refuse_short, run
from analytics.backtest_score import (
    alerts_by_kind,
    in_period,
    outcomes,
    per_week,
    share,
    spread,
    summary,
    weeks_of,
)
from analytics.cli import analytics
from analytics.hotspots import Hotspot, HotspotScanner
from analytics.injection import LENGTHS, SIZES, WAYS, inject, shuffled
from analytics.known_events import KnownEvent, orders_meant, recorded
from analytics.records import Complaint
from analytics.rewording import Rewording
from tests.analytics.test_hotspots import AS_OF, background, burst

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def history() -> list[Complaint]:
    """Seventy days with one event in the last three."""
    return background(per_day=8, days=70) + burst(8, 3.0)


def hotspot(ids: list[str], status: str = "emerging", key: str = "甲|供水") -> Hotspot:
    """A hotspot of which only the orders matter."""
    told: dict[str, Any] = {
        "name": "甲：停水", "place": "甲", "category": "城乡建设/供水", "from_": AS_OF, "to": AS_OF, "rank": 1,
        "size": len(ids), "order_ids": tuple(ids), "observed": len(ids), "complainants": len(ids), "status": status,
        "expected": 0.1, "ratio": 10.0, "p_value": 0.001, "q_value": 0.01, "keywords": (), "examples": (), "key": key,
        "history": "enough", "interval": (0, 1), "compared_with": "", "series": (),
    }  # fmt: skip
    return Hotspot(**told)


def event(ids: list[str], start: datetime, days: float = 1.0, **more: str) -> KnownEvent:
    return KnownEvent("停水", start, start + days * DAY, frozenset(ids), len(ids), **more)


# --- the replay ------------------------------------------------------------------------------------------------


class Watching(HotspotScanner):
    """Remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[tuple[datetime, datetime]] = []

    def scan(self, complaints, as_of):
        self.shown.append((max(c.time for c in complaints), as_of))
        return super().scan(complaints, as_of)


def test_every_scan_sees_only_what_was_known_and_the_alerts_are_those_of_the_replay(history):
    times = moments(AS_OF - 5 * DAY, AS_OF)
    scanner = Watching()
    days = list(follow(history, times, scanner))
    assert [as_of for _, as_of in scanner.shown] == times
    assert all(latest < as_of for latest, as_of in scanner.shown)
    assert [day.raised for day in days] == list(replay(history, times, scanner))
    alerts = [alert for day in days for alert in day.raised]
    mine = [n for n, alert in enumerate(alerts) if "锦里雅筑" in alert.hotspot.name]
    assert len(mine) == 1
    sizes = [h.size for day in days for number, h in day.seen if number == mine[0]]
    assert sizes == sorted(sizes)
    assert sizes[-1] >= 7 > alerts[mine[0]].hotspot.size - 1


def test_an_alert_goes_on_under_its_number_and_comes_back_as_news_after_a_silence():
    class Script(HotspotScanner):
        told = {0: ["a", "b", "c"], 1: ["b", "c", "d"], 20: ["b", "c", "d"]}

        def since(self, as_of):
            return as_of - 90 * DAY

        def scan(self, _, as_of):
            ids = self.told.get((as_of - AS_OF).days)
            return [hotspot(ids)] if ids else []

    days = list(follow([], moments(AS_OF, AS_OF + 20 * DAY), Script()))
    assert [len(day.raised) for day in days] == [1, *[0] * 19, 1]
    assert [[number for number, _ in day.seen] for day in days if day.seen] == [[0], [0], [1]]


def test_weeks_count_the_days_that_were_watched():
    days = [Day(as_of, [], []) for as_of in moments(AS_OF, AS_OF + 13 * DAY)]
    assert weeks_of(days) == 2.0
    assert in_period(event(["a"], AS_OF - 0.9 * DAY), days)
    assert not in_period(event(["a"], AS_OF - 1.1 * DAY), days)
    assert not in_period(event(["a"], AS_OF + 13 * DAY), days)


# --- figures ---------------------------------------------------------------------------------------------------


def test_intervals_are_wilson_s_and_garwood_s():
    told = share(8, 10)  # Wilson's, as printed by R's prop.test(correct = FALSE)
    assert told.low == pytest.approx(0.4902, abs=1e-4)
    assert told.high == pytest.approx(0.9433, abs=1e-4)
    nothing = share(0, 0)
    assert nothing.value is None
    assert (nothing.low, nothing.high) == (0.0, 1.0)
    assert share(0, 20).low == pytest.approx(0, abs=1e-12)
    rate = per_week(3, 8.0)
    assert poisson.sf(2, rate.low * 8) == pytest.approx(0.025)
    assert poisson.cdf(3, rate.high * 8) == pytest.approx(0.025)
    assert per_week(0, 4.0).low == 0
    assert spread([]).median is None
    assert spread([3.0]).low == spread([3.0]).high == 3.0
    assert spread([1, 2, 3, 4, 5]).median == 3


def test_what_counts_as_found():
    orders = [Complaint(f"E{i}", AS_OF + i * timedelta(hours=6), "停水") for i in range(6)]
    true = event([c.id for c in orders], AS_OF, 1.25)
    mixed = ["E0", "E1", "E2", "x", "y", "z", "w"]

    def day(number: int, ids: list[str]) -> Day:
        return Day(AS_OF + number * DAY, [], [(0, hotspot(ids))])

    few, impure, enough = day(1, ["E0", "E1"]), day(1, mixed), day(2, ["E0", "E1", "E2", "E3", "E4", "x"])
    assert outcomes([few], [true], orders)[0].alert is None
    assert outcomes([impure], [true], orders)[0].alert is None
    found = outcomes([few, enough], [true], orders)[0]
    assert found.found_at == AS_OF + 2 * DAY
    assert found.delay_days == 2.0
    assert found.orders_then == 6
    assert found.purity == pytest.approx(5 / 6, abs=1e-3)
    assert found.completeness == pytest.approx(5 / 6, abs=1e-3)


def test_a_summary_gives_every_class_its_own_denominator():
    small = [event([f"s{n}{i}" for i in range(5)], AS_OF, 1.0, way="composed") for n in range(3)]
    large = [event([f"l{i}" for i in range(20)], AS_OF, 6.0, way="retold")]
    orders = [Complaint(i, AS_OF, "停水") for one in (*small, *large) for i in sorted(one.order_ids)]
    days = [
        Day(
            AS_OF + DAY,
            [],
            [(0, hotspot(sorted(small[0].order_ids))), (1, hotspot(sorted(large[0].order_ids)))],
        )
    ]
    told = summary(outcomes(days, [*small, *large], orders))
    assert (told["recall"]["hits"], told["recall"]["of"]) == (2, 4)
    assert {name: (one["hits"], one["of"]) for name, one in told["by_size"].items()} == {
        "5–6 人": (1, 3),
        "20 人及以上": (1, 1),
    }
    assert {name: (one["hits"], one["of"]) for name, one in told["by_length"].items()} == {
        "1 天内": (1, 3),
        "4–7 天": (1, 1),
    }
    assert told["by_way"]["retold"]["of"] == 1
    assert told["delay_days"]["n"] == told["purity"]["n"] == 2


def test_alerts_of_hidden_events_are_told_apart_from_the_history_s_own():
    true = event(["a", "b", "c", "d", "e", "f"], AS_OF)
    alerts = [
        hotspot(["a", "b", "c"]),
        hotspot(["d", "e", "f"], key="乙|x"),
        hotspot(["u", "v", "w"], key="丙|x"),
        hotspot(["p", "q", "r"], key="丁|x"),
    ]
    day = Day(AS_OF, [Alert(AS_OF, one) for one in alerts], [])
    usual = [replace(hotspot(["u", "v", "w", "t"], key="戊|x"))]
    far = [replace(one, place=one.key) for one in alerts]
    day = Day(AS_OF, [Alert(AS_OF, one) for one in far], [])
    assert alerts_by_kind([day], [true], usual) == {"event": 1, "again": 1, "usual": 1, "extra": 1}


# --- hiding events ---------------------------------------------------------------------------------------------


def test_hidden_events_are_what_they_say_and_the_same_for_the_same_seed(history):
    first, last = AS_OF - 20 * DAY, AS_OF
    rounds = inject(history, first, last, 24, seed=3)
    again = inject(history, first, last, 24, seed=3)
    assert [one.complaints for one in rounds] == [one.complaints for one in again]
    assert [one.complaints for one in rounds] != [
        one.complaints for one in inject(history, first, last, 24, seed=4)
    ]
    events = [one for told in rounds for one in told.events]
    assert Counter(one.size for one in events) == dict.fromkeys(SIZES, 6)
    assert {one.way for one in events} == set(WAYS)
    places = {c.place for c in history}
    ids = Counter(c.id for told in rounds for c in told.complaints)
    assert set(ids.values()) == {1}
    assert not set(ids) & {c.id for c in history}
    for told in rounds:
        by_id = {c.id: c for c in told.complaints}
        assert len({one.place for one in told.events}) == len(
            told.events
        )  # no two at one place in one replay
        for one in told.events:
            orders = [by_id[i] for i in one.order_ids]
            assert len(orders) == one.size == len({c.complainant for c in orders})
            assert {c.place for c in orders} == {one.place} <= places
            assert first <= one.start == min(c.time for c in orders)
            assert one.end == max(c.time for c in orders) <= last
            assert one.days <= max(LENGTHS)
            assert len({c.text for c in orders}) > one.size // 2
            assert sum(c.category == one.category for c in orders) > len(orders) // 3


def test_a_round_adds_no_more_than_a_tenth_while_rounds_last(history):
    inside = sum(c.time >= AS_OF - 30 * DAY for c in history)
    rounds = inject(history, AS_OF - 30 * DAY, AS_OF, 6, seed=1, sizes=(5,), lengths=(1, 3))
    assert all(len(one.complaints) <= 0.1 * inside for one in rounds)
    assert sum(len(one.events) for one in rounds) == 6


def test_without_places_in_columns_the_texts_say_where(history):
    bare = [replace(c, place="", category="", complainant="") for c in history]
    rounds = inject(bare, AS_OF - 20 * DAY, AS_OF, 8, seed=2)
    for told in rounds:
        assert not any(c.place or c.complainant or c.category for c in told.complaints)
        for one in told.events:
            texts = [c.text for c in told.complaints if c.id in one.order_ids]
            assert sum(one.place in text for text in texts) >= 0.5 * len(texts)


def test_a_retelling_differs_and_keeps_the_place():
    words = Rewording(random.Random(1))
    text = "青湖新城小区旁的工地半夜施工，噪音太吵，老人没法睡觉，多次反映没人管，希望尽快解决"
    told = [words.retell(text, "青湖新城") for _ in range(20)]
    assert len(set(told)) == 20
    assert all("青湖新城" in one for one in told)
    assert "{" not in "".join(told)
    assert words.retell("") is not None  # an empty text breaks nothing


def test_events_need_room_and_a_place():
    bare = [Complaint(str(i), AS_OF - i * DAY, "没人管") for i in range(9)]
    short = [Complaint(str(i), AS_OF - i * DAY, "停水", "甲") for i in range(9)]
    [told] = inject(short, AS_OF - 20 * DAY, AS_OF, 1)
    assert told.events[0].way == "composed"  # nothing that could be told again
    with pytest.raises(CannotReplay, match="地点"):
        inject(bare, AS_OF - 20 * DAY, AS_OF, 1)
    with pytest.raises(CannotReplay, match="放不下"):
        inject(background(per_day=2, days=9), AS_OF - 1.5 * DAY, AS_OF, 1)
    week = inject(background(per_day=9, days=60), AS_OF - 6 * DAY, AS_OF, 8)
    assert all(one.days <= 3 for told in week for one in told.events)


def test_shuffling_keeps_days_and_totals_and_breaks_bursts(history):
    dealt = shuffled(history, seed=5)
    assert Counter(c.time for c in dealt) == Counter(c.time for c in history)
    assert {c.id: (c.text, c.place) for c in dealt} == {c.id: (c.text, c.place) for c in history}
    mine = [c.time for c in dealt if c.id.startswith("E")]
    assert max(mine) - min(mine) > 7 * DAY


# --- a run -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(history):
    told: list[tuple[int, int]] = []
    real = recorded("搅拌站", [c for c in history if c.id.startswith("E")])
    long_ago = recorded("早先", history[:5])
    plan = Plan(moments(AS_OF - 8 * DAY, AS_OF), injected=4, shuffles=1, seed=1, events=[real, long_ago])
    return run(history, plan, HotspotScanner(), lambda done, total: told.append((done, total))), told


def test_a_run_tells_everything_with_denominators(result):
    backtest, told = result
    report = backtest.report
    total = told[0][1]
    assert told == [(i + 1, total) for i in range(total)]
    assert total == 9 * (2 + report["injected"]["rounds"])
    assert json.loads(json.dumps(report, ensure_ascii=False)) == report
    assert report["recorded"]["recall"]["hits"] == report["recorded"]["recall"]["of"] == 1
    assert report["recorded"]["outside_period"] == 1
    assert report["injected"]["recall"]["of"] == len(report["injected"]["list"]) == 4
    assert report["injected"]["recall"]["hits"] >= 2
    history = report["history"]
    assert history["alerts"] == len(history["list"]) == sum(week["alerts"] for week in history["by_week"])
    assert sum(history["judged"].values()) + history["not_judged"] == history["alerts"]
    assert history["judged"]["event"] == 1
    assert history["precision"]["of"] == sum(history["judged"].values())
    assert report["shuffled"]["per_week"]["weeks"] == pytest.approx(9 / 7)
    assert report["period"]["scans"] == 9


def test_verdicts_of_the_time_judge_the_alerts(history, result):
    alert = next(one for one in result[0].report["history"]["list"] if "锦里雅筑" in one["name"])
    judged = Judged(frozenset(alert["order_ids"]), "false")
    plan = Plan(moments(AS_OF - 7 * DAY, AS_OF), judged=[judged, Judged(frozenset({"none"}), "real")])
    told = run(history, plan, HotspotScanner()).report["history"]
    mine = next(one for one in told["list"] if "锦里雅筑" in one["name"])
    assert mine["verdict"] == "false"
    assert told["judged"]["false"] == 1
    assert told["precision"]["hits"] == 0


@pytest.mark.parametrize(
    ("days_before", "per_day", "scans", "words"),
    [(20, 9, 14, "只有 20 天"), (60, 1, 14, "件诉求"), (60, 9, 3, "至少回放一周"), (0, 9, 14, "没有诉求")],
)
def test_a_short_history_is_refused_with_what_is_missing(days_before, per_day, scans, words):
    first = AS_OF - 30 * DAY
    complaints = [
        Complaint(f"{day}-{i}", first + (day - days_before) * DAY + timedelta(minutes=i), "停水")
        for day in range(days_before + 1)
        for i in range(per_day)
    ]
    with pytest.raises(CannotReplay, match=words):
        refuse_short(complaints, moments(first, first + (scans - 1) * DAY))


# --- events people wrote down ----------------------------------------------------------------------------------


def test_orders_meant_by_place_and_keyword(history):
    found = orders_meant(history, AS_OF - 4 * DAY, AS_OF, "锦里雅筑", "搅拌站、粉尘")
    assert {c.id for c in found} == {f"E{i}" for i in range(8)}
    assert not orders_meant(history, AS_OF - 40 * DAY, AS_OF - 30 * DAY, "锦里雅筑", "搅拌站")
    told = recorded("搅拌站", [*found, replace(found[0], id="again")])
    assert (told.start, told.end) == (min(c.time for c in found), max(c.time for c in found))
    assert told.size == 8  # one of them called twice
    assert recorded("无名", [replace(c, complainant="") for c in found]).size == 8


def export(history: list[Complaint], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "time", "text", "place", "category", "complainant"])
        writer.writerows(
            [c.id, c.time.isoformat(), c.text, c.place, c.category, c.complainant] for c in history
        )
    return path


def test_the_command_scores_against_a_table_of_events(history, tmp_path):
    source, out = export(history, tmp_path / "诉求.csv"), tmp_path / "预警.csv"
    events = tmp_path / "事件.csv"
    events.write_text(
        "name,start,end,order_ids,place,keyword\n搅拌站,2026-03-28,2026-04-01,,锦里雅筑,搅拌站\n点名,,,E0 E1、E2,,\n",
        encoding="utf-8",
    )
    args = ["--from", "2026-03-25", "--to", "2026-04-01", "--out", str(out), "--events", str(events)]
    answer = CliRunner().invoke(analytics, ["backtest", str(source), *args])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert told["recorded"]["recall"]["of"] == 2
    assert told["recorded"]["list"][0]["found"] is True
    assert told["recorded"]["list"][0]["orders"] == 8
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == told["history"]["alerts"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name,start,end,order_ids\n甲,,,没有的\n", ["第 2 行", "没有 没有的"]),
        ("name,start,end,place,keyword\n甲,昨天,2026-04-01,锦里,停\n", ["第 2 行", "昨天"]),
        ("name,start,end,place,keyword\n甲,,2026-04-01,锦里,停\n", ["第 2 行", "起止时间"]),
        ("name,start,end,place,keyword\n甲,2026-04-01,2026-03-01,锦里,停\n", ["结束早于开始"]),
        ("name,start,end,place,keyword\n甲,2026-03-01,2026-04-01,月球,停\n", ["没有诉求"]),
        ("name,start,end,place,keyword\n,2026-03-01,2026-04-01,锦里,停\n", ["起个名字"]),
        ("start,end\n2026-03-01,2026-04-01\n", ["name", "order_ids"]),
        ("name,place\n", ["没有事件"]),
    ],
)
def test_a_wrong_table_of_events_is_refused_by_row(history, tmp_path, content, words):
    source, out = export(history[:200], tmp_path / "诉求.csv"), tmp_path / "预警.csv"
    events = tmp_path / "事件.csv"
    events.write_text(content, encoding="utf-8")
    args = ["--from", "2026-03-25", "--to", "2026-04-01", "--out", str(out), "--events", str(events)]
    answer = CliRunner().invoke(analytics, ["backtest", str(source), *args])
    assert answer.exit_code == 1, answer.output
    assert all(word in answer.stderr for word in words), answer.stderr
    assert not out.exists()


def test_the_command_refuses_what_cannot_be(history, tmp_path):
    source = export([c for c in history if c.time >= AS_OF - 20 * DAY], tmp_path / "诉求.csv")
    args = ["backtest", str(source), "--from", "2026-03-20", "--to", "2026-04-01", "--inject", "3"]
    short = CliRunner().invoke(analytics, [*args, "--out", str(tmp_path / "x.csv")])
    assert short.exit_code == 1
    assert "历史太短" in short.stderr
    assert CliRunner().invoke(analytics, [*args, "--out", "-"]).exit_code == 2
