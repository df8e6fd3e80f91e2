"""回放试验 Backtest run: a history replayed as it was, with its times shuffled, and with hidden events; scored and told.

As it was: the alerts people would have had. Shuffled: no event is left, so every alert is false; that is the promise
of the false-alarm budget put to the test. With hidden events: how many are found, how soon, how pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics.backtest import Day, follow
from analytics.backtest_score import (
    Outcome,
    alerts_by_kind,
    in_period,
    outcomes,
    per_week,
    row,
    share,
    shows,
    summary,
    weeks_of,
)
from analytics.hotspots import Hotspot, HotspotScanner
from analytics.injection import CannotReplay, inject, shuffled
from analytics.known_events import KnownEvent
from analytics.records import Complaint

LEAST_HISTORY = timedelta(days=28)  # before the first scan; less is "short" to the scan itself
LEAST_ORDERS = 100  # before the first scan
LEAST_PERIOD = timedelta(days=7)
VERDICTS = ("event", "real", "known", "false")  # of an alert; "" is not judged
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Judged:
    """A hotspot on record: its orders, what people decided of it (real, known, false, "" nothing yet), and a name the
    caller knows it by, which the alert's row then carries as ``record``."""

    order_ids: frozenset[str]
    verdict: str
    record: str = ""


@dataclass(frozen=True)
class Plan:
    """What to replay. ``times``: of the scans, ascending; ``injected``: events to hide, 0 for none; ``shuffles``: how
    often to replay with shuffled times; ``events``: recorded events; ``judged``: verdicts on hotspots of the time."""

    times: Sequence[datetime]
    injected: int = 0
    shuffles: int = 0
    seed: int = 0
    events: Sequence[KnownEvent] = ()
    judged: Sequence[Judged] = ()


@dataclass(frozen=True)
class Backtest:
    """A run. ``days``: the replay as it was; ``report``: JSON values, see docs/backtest.md."""

    days: list[Day]
    report: dict[str, Any]


def refuse_short(complaints: Sequence[Complaint], times: Sequence[datetime]) -> None:
    """Raise CannotReplay unless four weeks and a hundred orders precede the first scan and a week is replayed."""
    if not times or times[-1] - times[0] < LEAST_PERIOD - timedelta(days=1):
        raise CannotReplay("回放时间太短，至少回放一周")
    before = [c.time for c in complaints if c.time < times[0]]
    if not before:
        raise CannotReplay(f"{times[0]:%Y-%m-%d} 之前没有诉求，无从知道平时的水平，请晚一些开始")
    days = (times[0] - min(before)) // timedelta(days=1)
    if days < LEAST_HISTORY.days:
        raise CannotReplay(
            f"历史太短：{times[0]:%Y-%m-%d} 之前只有 {days} 天的诉求，至少要有 {LEAST_HISTORY.days} 天，请少回放几周或导入更早的工单"
        )
    if len(before) < LEAST_ORDERS:
        raise CannotReplay(
            f"历史太少：{times[0]:%Y-%m-%d} 之前只有 {len(before)} 件诉求，至少要有 {LEAST_ORDERS} 件，请少回放几周或导入更早的工单"
        )


def run(
    complaints: Sequence[Complaint], plan: Plan, scanner: HotspotScanner, tell: Tell = lambda *_: None
) -> Backtest:
    """Replay by plan. ``tell(done, total)`` hears of every scan.

    Texts are read once, whatever the number of replays. Raises CannotReplay on a short history or when no event can be hidden.
    """
    times = plan.times
    refuse_short(complaints, times)
    known = [c for c in complaints if scanner.since(times[0]) <= c.time < times[-1]]
    rounds = inject(known, times[0], times[-1], plan.injected, plan.seed) if plan.injected else []
    total, done = len(times) * (1 + plan.shuffles + len(rounds)), 0

    def replayed(these: Sequence[Complaint]) -> list[Day]:
        nonlocal done
        out = []
        for day in follow(these, times, scanner):
            out.append(day)
            done += 1
            tell(done, total)
        return out

    days = replayed(known)
    usual = [alert.hotspot for day in days for alert in day.raised]
    verdicts = [_verdict(hotspot, plan) for hotspot in usual]
    weeks = weeks_of(days)
    report: dict[str, Any] = {
        "period": {
            "from": times[0].isoformat(),
            "to": times[-1].isoformat(),
            "scans": len(times),
            "weeks": round(weeks, 2),
            "orders": sum(times[0] <= c.time < times[-1] for c in known),
            "history_from": min(c.time for c in known).isoformat(),
        },
        "settings": {
            "budget_per_week": scanner.max_false_alarms,
            "window_days": scanner.window // timedelta(days=1),
            "baseline_days": scanner.baseline // timedelta(days=1),
            "min_size": scanner.min_size,
            "seed": plan.seed,
        },
        "history": _history(days, weeks, verdicts),
    }
    if plan.events:
        inside = [event for event in plan.events if in_period(event, days)]
        found = outcomes(days, inside, known)
        outside = {"outside_period": len(plan.events) - len(inside)}
        report["recorded"] = summary(found) | outside | {"list": [row(one) for one in found]}
    if plan.shuffles:
        counts = [
            sum(len(day.raised) for day in replayed(shuffled(known, plan.seed + number)))
            for number in range(plan.shuffles)
        ]
        told = per_week(sum(counts), weeks * plan.shuffles)
        kept = told.low <= scanner.max_false_alarms
        report["shuffled"] = {
            "rounds": plan.shuffles,
            "alerts": counts,
            "per_week": asdict(told),
            "kept": kept,
        }
    if rounds:
        report["injected"] = _injected(rounds, replayed, known, usual, report["period"]["orders"])
    return Backtest(days, report)


def _injected(
    rounds: Sequence[Any],
    replayed: Callable[[Sequence[Complaint]], list[Day]],
    known: Sequence[Complaint],
    usual: Sequence[Hotspot],
    orders: int,
) -> dict[str, Any]:
    found: list[Outcome] = []
    alerts = {"event": 0, "again": 0, "usual": 0, "extra": 0}
    for one in rounds:
        days = replayed([*known, *one.complaints])
        found += outcomes(days, one.events, one.complaints)
        for kind, count in alerts_by_kind(days, one.events, usual).items():
            alerts[kind] += count
    caused = alerts["event"] + alerts["again"] + alerts["extra"]
    added = sum(len(one.complaints) for one in rounds) / len(rounds)
    return summary(found) | {
        "rounds": len(rounds),
        "added_share": round(added / max(orders, 1), 3),
        "alerts": alerts,
        # of the alerts the hidden events brought about, those that show one
        "precision": asdict(share(alerts["event"] + alerts["again"], caused)),
        "list": sorted((row(one) for one in found), key=lambda told: str(told["start"])),
    }


def judged_shares(verdicts: Sequence[str]) -> dict[str, Any]:
    """Of alerts with these verdicts ("" not judged): how many each, and the precision over those that were judged."""
    counts = {name: sum(one == name for one in verdicts) for name in VERDICTS}
    of = sum(counts.values())
    return {
        "precision": asdict(share(of - counts["false"], of)),
        "judged": counts,
        "not_judged": len(verdicts) - of,
    }


def _history(days: Sequence[Day], weeks: float, verdicts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    alerts: list[dict[str, Any]] = []
    last: dict[int, Hotspot] = {}
    most: dict[int, int] = {}
    for day in days:
        for alert in day.raised:
            verdict, record = verdicts[len(alerts)]
            more = {"complainants": alert.hotspot.complainants, "verdict": verdict, "record": record}
            alerts.append(alert.row() | more)
        for number, hotspot in day.seen:
            last[number] = hotspot
            most[number] = max(most.get(number, 0), hotspot.size)
    for number, told in enumerate(alerts):
        orders = list(last[number].order_ids)
        told |= {"last_status": last[number].status, "largest": most[number], "order_ids": orders}
    return {
        "alerts": len(alerts),
        "per_week": asdict(per_week(len(alerts), weeks)),
        "by_week": _by_week(days),
        **judged_shares([verdict for verdict, _ in verdicts]),
        "list": alerts,
    }


def _by_week(days: Sequence[Day]) -> list[dict[str, Any]]:
    """Alerts of every seven scans' days from the first, so that every bar but the last is a whole week."""
    out: list[dict[str, Any]] = []
    for day in days:
        week = (day.as_of - days[0].as_of) // timedelta(weeks=1)
        if week == len(out):
            out.append({"from": day.as_of.date().isoformat(), "alerts": 0, "scans": 0})
        out[week]["alerts"] += len(day.raised)
        out[week]["scans"] += 1
    return out


def _verdict(hotspot: Hotspot, plan: Plan) -> tuple[str, str]:
    """The verdict on an alert and the record it comes from: of those that share half of the smaller one's orders, the
    one that shares most."""
    orders = frozenset(hotspot.order_ids)
    alike = [
        (len(orders & one.order_ids), one.verdict != "", one.record, one.verdict)
        for one in plan.judged
        if len(orders & one.order_ids) * 2 >= min(len(orders), len(one.order_ids)) > 0
    ]
    _, _, record, verdict = max(alike, default=(0, False, "", ""))
    return ("event" if any(shows(hotspot, event) for event in plan.events) else verdict), record


def raised(days: Iterable[Day]) -> list[dict[str, object]]:
    """A row per alert, values of `analytics.backtest.COLUMNS`."""
    return [alert.row() for day in days for alert in day.raised]
