"""进度 Progress: an order's journal retold for the person who reported it.

They see what happened to their matter and by which unit, never who of the staff did it, what colleagues wrote to each
other, which unit refused it, or a reply its lead has not approved. An event this module does not know is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import clock
from core.audit import RESIDENT
from hotline import lifecycle
from hotline.models import SATISFACTION, OrderEvent, WorkOrder

# how far it is, in words of everyday
STAGES = {
    "REGISTERED": "已登记，正在安排承办单位",
    "DISPATCHED": "已转交承办单位，等待签收",
    "SIGNED_FOR": "承办单位正在办理",
    "SUSPENDED": "暂缓办理",
    "REPLIED": "承办单位已有办理结果，正在审核",
    "REVIEWED": "已回复，等待您评价",
    "COMPLETED": "已办结",
    "DECLINED": "不予受理",
    "ARCHIVED": "已归档",
}
# what the person may do, as they would say it
ACTIONS = {"visit_back": "评价", "reopen": "要求重办"}
# a dispute between units about whose it is, is theirs
_TOLD_AS = {"SENT_BACK": "DISPATCHED"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline: an aware instant, what happened, and more about it or nothing."""

    at: datetime
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An approved answer and when it was approved."""

    at: datetime
    text: str


def stage(status: str) -> tuple[str, str]:
    """The code and the words a resident gets for a status."""
    told = _TOLD_AS.get(status, status)
    return told, STAGES[told]


def actions(order: WorkOrder, *, may_reopen: bool) -> list[str]:
    """What the person may do now, from the lifecycle table; reopening only while its window is open."""
    return [
        line.action for line in lifecycle.allowed(order, RESIDENT) if line.action != "reopen" or may_reopen
    ]


def retell(order: WorkOrder, events: Iterable[OrderEvent]) -> tuple[list[Step], Reply | None]:
    """The timeline, oldest first, and the answer that stands, from the whole journal of an order."""
    telling = _Telling()
    for event in events:
        tell = _TOLD.get(event.action)
        if tell is not None:
            telling.steps += tell(telling, event)
    if order.status == "REVIEWED" and telling.steps:
        telling.steps.append(Step(telling.steps[-1].at, "等待您评价", "请告诉我们问题是否解决、您是否满意"))
    return telling.steps, telling.reply


class _Telling:
    """What one has to remember while retelling: the answer not yet approved, the one that is, and past dispatches."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.draft = ""
        self.reply: Reply | None = None
        self.unit = ""

    def accept(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "已登记", "我们已收到您的诉求")]

    def dispatch(self, event: OrderEvent) -> list[Step]:
        unit = str(event.data.get("lead_unit_name") or "承办单位")
        title = f"已转交{unit}" if not self.unit else f"已改由{unit}承办"
        self.unit = unit
        return [Step(event.at, title)]

    def sign_for(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "承办单位已签收", "正在办理")]

    def contact(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "承办单位已与您联系")]

    def extend_deadline(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "办理时间已延长", f"延长 {event.data.get('days')} 个工作日")]

    def suspend(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "暂缓办理", _review(event.data.get("review_on")))]

    def resume(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "已恢复办理")]

    def draft_reply(self, event: OrderEvent) -> list[Step]:
        self.draft = str(event.data.get("reply") or "")
        return []

    def approve(self, event: OrderEvent) -> list[Step]:
        self.reply = Reply(event.at, self.draft)
        return [Step(event.at, "已回复", self.draft)]

    def answer_directly(self, event: OrderEvent) -> list[Step]:
        self.reply = Reply(event.at, str(event.data.get("answer") or ""))
        return [Step(event.at, "已答复", self.reply.text), Step(event.at, "已办结")]

    def decline(self, event: OrderEvent) -> list[Step]:
        route = str(event.data.get("legal_route_says") or "")
        way = f"您可以通过以下途径反映：{route}" if route else ""
        said = "。".join(part.rstrip("。") for part in (event.reason, way) if part)
        return [Step(event.at, "不予受理", said)]

    def visit_back(self, event: OrderEvent) -> list[Step]:
        judged = f"{'已解决' if event.data.get('solved') else '未解决'}，{_satisfaction(event.data)}"
        title = "您已评价" if event.actor_role == RESIDENT.role else "已回访"
        if event.to_status == "COMPLETED":
            return [Step(event.at, title, judged), Step(event.at, "已办结")]
        return [Step(event.at, title, judged), Step(event.at, "已要求承办单位重新办理")]

    def miss_visit(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "回访时没有联系上您")]

    def close_unreached(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "已办结", "多次回访没有联系上您")]

    def reopen(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "已重新办理", "办结后要求重办")]

    def archive(self, event: OrderEvent) -> list[Step]:
        return [Step(event.at, "已归档")]


_TOLD: dict[str, Callable[[_Telling, OrderEvent], list[Step]]] = {
    "accept": _Telling.accept,
    "dispatch": _Telling.dispatch,
    "sign_for": _Telling.sign_for,
    "contact": _Telling.contact,
    "extend_deadline": _Telling.extend_deadline,
    "suspend": _Telling.suspend,
    "resume": _Telling.resume,
    "reply": _Telling.draft_reply,
    "approve": _Telling.approve,
    "answer_directly": _Telling.answer_directly,
    "decline": _Telling.decline,
    "visit_back": _Telling.visit_back,
    "miss_visit": _Telling.miss_visit,
    "close_unreached": _Telling.close_unreached,
    "reopen": _Telling.reopen,
    "archive": _Telling.archive,
}


def _satisfaction(data: dict[str, Any]) -> str:
    return SATISFACTION.get(str(data.get("satisfaction")), "未表态")


def _review(day: Any) -> str:
    try:
        review_on = date.fromisoformat(str(day))
    except ValueError:
        return ""
    return f"{review_on.month} 月 {review_on.day} 日前复查"


def shown(instant: datetime | None) -> str | None:
    """An instant as the API writes it: ISO 8601, to the second, on a Shanghai wall clock."""
    return clock.local(instant).isoformat(timespec="seconds") if instant else None
