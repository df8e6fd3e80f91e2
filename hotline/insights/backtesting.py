"""回放 Backtesting: the hotline's own history replayed, held against verdicts and hidden events, and told in sentences.

Orders count from when they were reported, with the place and category they have now: a category corrected later is
seen corrected. What verdicts have taught the gate since is not applied: the replay shows the scan itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from analytics.backtest import moments
from analytics.backtest_run import LEAST_HISTORY, CannotReplay, Judged, Plan, judged_shares, refuse_short, run
from analytics.hotspots import HotspotScanner
from analytics.known_events import KnownEvent, recorded
from analytics.records import Complaint
from core import clock
from core.database import AnySession
from core.errors import Conflict
from hotline import backtest_runs, policy
from hotline.hotspot_records import HotspotMember, HotspotRecord
from hotline.insights.recent_orders import RecentOrders
from hotline.models import WorkOrder

SHUFFLES = 2
MOST_ORDERS = 150_000  # beyond, a replay takes hours: that is for a machine of its own and the command line
_ORDERS_KEPT = 50  # of an alert, for its link to the orders
Tell = Callable[[int, int], None]


class TooLittle(Conflict):
    """The history does not allow this replay."""


@dataclass(frozen=True)
class Material:
    """What a replay needs, read from the database: nothing of it is asked again while it runs."""

    complaints: list[Complaint]
    judged: list[Judged]
    events: list[KnownEvent]  # hotspots judged real or known
    times: list[datetime]
    budget: float


def weeks_possible(session: AnySession, now: datetime) -> int:
    """How many whole weeks can be replayed with four weeks of history before them; 0 when not even one."""
    oldest = session.scalar(select(func.min(WorkOrder.reported_at)))
    if oldest is None:
        return 0
    known = _midnight(now) - clock.local(oldest) - LEAST_HISTORY
    return max(0, min(backtest_runs.MOST_WEEKS, (known + timedelta(days=1)) // timedelta(weeks=1)))


def check_weeks(session: AnySession, now: datetime, weeks: int) -> None:
    """Raise TooLittle when so many weeks cannot be replayed."""
    possible = weeks_possible(session, now)
    if not possible:
        raise TooLittle(f"历史太短：回放一周之前，至少要有 {LEAST_HISTORY.days} 天的诉求，请先导入更早的工单")
    if weeks > possible:
        raise TooLittle(
            f"历史太短：最多能回放 {possible} 周，再早就没有 {LEAST_HISTORY.days} 天的诉求作比较，请减少周数"
        )


def gather(session: AnySession, now: datetime, weeks: int, budget: float) -> Material:
    """Orders, hotspots on record and the times of the scans: each midnight of ``weeks`` weeks up to the last one.

    Raises TooLittle when the history is too short, or too large to be replayed here.
    """
    last = _midnight(now)
    times = moments(last - timedelta(days=7 * weeks - 1), last)
    since = HotspotScanner(max_false_alarms=budget).since(times[0])
    period = (WorkOrder.reported_at >= since, WorkOrder.reported_at < last)
    many = session.scalar(select(func.count()).select_from(WorkOrder).where(*period)) or 0
    if many > MOST_ORDERS:
        raise TooLittle(
            f"这段历史有 {many:,} 件工单，超过 {MOST_ORDERS:,} 件，在线回放太慢。请减少周数，或导出后用 flask analytics backtest"
        )
    complaints = RecentOrders().read(session, since, last)
    try:
        refuse_short(complaints, times)
    except CannotReplay as refused:
        raise TooLittle(str(refused)) from refused
    judged, events = _on_record(session, since, complaints)
    return Material(complaints, judged, events, times, budget)


def replayed(material: Material, injected: int, seed: int, tell: Tell = lambda *_: None) -> dict[str, Any]:
    """The report of a replay (`analytics.backtest_run`). Touches no database. Raises TooLittle when no event can be
    hidden in this history."""
    plan = Plan(material.times, injected, SHUFFLES, seed, material.events, material.judged)
    scanner = HotspotScanner(max_false_alarms=material.budget)
    try:
        report = run(material.complaints, plan, scanner, tell).report
    except CannotReplay as refused:
        raise TooLittle(str(refused)) from refused
    for alert in report["history"]["list"]:
        alert["order_ids"] = alert["order_ids"][:_ORDERS_KEPT]
    return report


def prepare(session: AnySession, now: datetime) -> tuple[int, float, dict[str, Any]] | str:
    """The weekly replay: up to eight weeks at the budget in force. The weeks, the budget and the report, or why not."""
    weeks = min(backtest_runs.USUAL_WEEKS, weeks_possible(session, now))
    budget = policy.number(session, "hotspot_alarms_per_week")
    if not weeks:
        return f"历史太短：回放一周之前至少要有 {LEAST_HISTORY.days} 天的诉求"
    try:
        material = gather(session, now, weeks, budget)
        session.rollback()  # hours of computing hold no transaction open
        return weeks, budget, replayed(material, backtest_runs.USUAL_INJECTED, seed=1)
    except TooLittle as refused:
        return refused.detail


def keep(
    session: AnySession, _: datetime, prepared: tuple[int, float, dict[str, Any]] | str
) -> dict[str, Any]:
    """Keep the weekly replay's run. A history that is too short is said in the job's result and leaves no row."""
    if isinstance(prepared, str):
        return {"refused": prepared}
    weeks, budget, report = prepared
    try:
        one = backtest_runs.begin(
            session, "每周自动", weeks=weeks, budget=budget, injected=backtest_runs.USUAL_INJECTED
        )
    except Conflict as busy:
        return {"refused": busy.detail}
    one.total = report["period"]["scans"] * (1 + SHUFFLES + report.get("injected", {}).get("rounds", 0))
    backtest_runs.finish(session, one, report)
    return {
        "weeks": weeks,
        "alerts": report["history"]["alerts"],
        "told": [one.text for one in sentences(report)[:3]],
    }


def judged_now(session: AnySession, report: dict[str, Any]) -> dict[str, Any]:
    """The report with the verdicts as they stand now, so that judging a hotspot shows here at once."""
    alerts = report["history"]["list"]
    ids = {int(alert["record"]) for alert in alerts if alert["record"]}
    verdicts = {
        str(key): verdict or ""
        for key, verdict in session.execute(
            select(HotspotRecord.id, HotspotRecord.verdict).where(HotspotRecord.id.in_(ids))
        )
    }
    told = [
        alert
        | {
            "verdict": verdicts.get(alert["record"], ""),
            "record": alert["record"] if alert["record"] in verdicts else "",
        }
        for alert in alerts
    ]
    history = report["history"] | {"list": told} | judged_shares([alert["verdict"] for alert in told])
    return report | {"history": history}


def _on_record(
    session: AnySession, since: datetime, complaints: Sequence[Complaint]
) -> tuple[list[Judged], list[KnownEvent]]:
    """Hotspots seen since: all with their verdicts, and those judged real or known as events to be found again."""
    orders: dict[int, set[str]] = defaultdict(set)
    members = select(HotspotMember.hotspot_id, HotspotMember.order_id).join(
        HotspotRecord, HotspotRecord.id == HotspotMember.hotspot_id
    )
    for hotspot_id, order_id in session.execute(members.where(HotspotRecord.last_seen_at >= since)):
        orders[hotspot_id].add(str(order_id))
    by_id = {one.id: one for one in complaints}
    judged, events = [], []
    rows = session.execute(
        select(HotspotRecord.id, HotspotRecord.verdict, HotspotRecord.name, HotspotRecord.place).where(
            HotspotRecord.last_seen_at >= since
        )
    )
    for key, verdict, name, place in rows:
        judged.append(Judged(frozenset(orders[key]), verdict or "", str(key)))
        told = [by_id[order] for order in sorted(orders[key]) if order in by_id]
        if verdict in ("real", "known") and told:
            events.append(recorded(name, told, place))
    return judged, events


def _midnight(now: datetime) -> datetime:
    return clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)


# --- in words --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sentence:
    """A question an operator asks, and the answer with its numbers."""

    asked: str
    text: str


def sentences(report: dict[str, Any]) -> list[Sentence]:
    """What a replay showed, in Chinese, each sentence with its numbers, denominators and intervals."""
    budget = report["settings"]["budget_per_week"]
    said = [Sentence("放了什么", _what(report)), Sentence("会发出什么", _alerts(report["history"]))]
    if "shuffled" in report:
        said.append(Sentence("误报的承诺兑现了吗", _promise(report["shuffled"], budget)))
    again = report.get("recorded", {}).get("recall", {"of": 0})
    if again["of"]:
        text = f"这段时间里判为属实或已知的热点有 {again['of']} 个，按这样的设定找得到 {again['hits']} 个，{_percent(again)}。"
        said.append(Sentence("判过属实的还找得到吗", text))
    if "injected" in report:
        said += _hidden(report["injected"])
    return said


def _what(report: dict[str, Any]) -> str:
    period, budget = report["period"], report["settings"]["budget_per_week"]
    first, last = (datetime.fromisoformat(period[name]) for name in ("from", "to"))
    return (
        f"按“每周最多 {budget:g} 次误报”重放 {period['weeks']:g} 周：{first:%Y-%m-%d} 至 {last:%Y-%m-%d}，每天 0 时扫描一次，"
        f"共 {period['scans']} 次，期间 {period['orders']:,} 件诉求；每次只看当时已有的诉求。"
    )


def _alerts(history: dict[str, Any]) -> str:
    count, rate, judged = history["alerts"], history["per_week"], history["judged"]
    if not count:
        return "当时一条预警也不会发出。"
    said = f"当时会发出 {count} 条预警，平均每周 {rate['value']:.1f} 条；其中既有真热点，也可能有误报。"
    share = history["precision"]
    if not share["of"]:
        return (
            said + "这些预警还没有一条被判定过，准不准要等判定；打开热点选“属实、误报、已知”，这里随之更新。"
        )
    said += f"已判定 {share['of']} 条：属实或已知 {share['hits']} 条，误报 {judged['false']} 条，{_percent(share)}"
    return said + (f"；另有 {history['not_judged']} 条未判定，不计入。" if history["not_judged"] else "。")


def _promise(shuffled: dict[str, Any], budget: float) -> str:
    rate = shuffled["per_week"]
    said = (
        f"把诉求的时间打乱再放 {shuffled['rounds']} 遍，这时不应有热点，出现的都是误报。{rate['weeks']:.0f} 周里出现"
        f" {rate['count']} 条，每周 {rate['value']:.1f} 条（95% 区间 {rate['low']:.1f}–{rate['high']:.1f}），"
    )
    if rate["value"] <= budget:
        sure = "" if rate["high"] <= budget else "，但周数不够，还不能断定长期都在以内"
        return said + f"在每周 {budget:g} 次以内{sure}。"
    if shuffled["kept"]:
        return said + f"比每周 {budget:g} 次多，但周数不够，还不能断定超出。"
    return said + f"超出每周 {budget:g} 次，请管理员把“每周最多容许几次虚警”调低后再试。"


def _hidden(injected: dict[str, Any]) -> list[Sentence]:
    recall, orders, delay = injected["recall"], injected["orders_at_first_flag"], injected["delay_days"]
    said = (
        f"另外在历史里藏入 {recall['of']} 个编造的事件（5 至 20 位不同诉求人，在 1 至 7 天内，同一地点同一件事），"
        f"找出 {recall['hits']} 个，{_percent(recall)}。"
    )
    classes = [f"{name}的 {one['of']} 个找出 {one['hits']} 个" for name, one in injected["by_size"].items()]
    out = [Sentence("找得全不全", said + ("其中" + "，".join(classes) + "。" if classes else ""))]
    if orders["n"]:
        early = (
            f"找出的 {orders['n']} 个里，一半在不超过 {orders['median']:g} 件诉求、第一件之后 {delay['median']:.1f} 天以内发出"
            f"（中间一半在 {delay['low']:.1f}–{delay['high']:.1f} 天）。回放每天只扫描一次，平时每小时扫描，会更早。"
        )
        pure = (
            f"发出时，预警里的诉求属于该事件的占 {injected['purity']['median']:.0%}，该事件已有的诉求收进了"
            f" {injected['completeness']['median']:.0%}（均为中位数）；不到一半属于该事件的预警按没找到计。"
        )
        out += [Sentence("发现得早不早", early), Sentence("认得准不准", pure)]
    return out


def _percent(share: dict[str, Any]) -> str:
    few = "，个数少，只供参考" if share["of"] < 10 else ""
    return f"占 {share['value']:.0%}（95% 区间 {share['low']:.0%}–{share['high']:.0%}{few}）"


def numbers_of(
    session: AnySession, alerts: Sequence[dict[str, Any]], visible: Any, most: int = 8
) -> dict[str, str]:
    """Order numbers by id, for the first few orders of each alert, of those the reader may see."""
    ids = {int(order) for alert in alerts for order in alert["order_ids"][:most] if order.isdigit()}
    rows = session.execute(select(WorkOrder.id, WorkOrder.number).where(WorkOrder.id.in_(ids), visible))
    return {str(key): number for key, number in rows}
