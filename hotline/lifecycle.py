"""工单生命周期 Lifecycle: the one table that says what may happen to a work order, by whom, from where to where.

The console's buttons, the API's ``allowed_actions`` and ``docs/lifecycle.md`` are read from :data:`TRANSITIONS`.
:func:`apply` is the only code that changes ``WorkOrder.status``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import object_session

from core.audit import Actor
from core.database import AnySession
from core.errors import Conflict, InvalidInput, NotAllowed
from hotline import journal, policy
from hotline.models import WorkOrder

STATUSES = {
    "REGISTERED": "登记",
    "DISPATCHED": "待签收",
    "SENT_BACK": "退单待裁",
    "SIGNED_FOR": "办理中",
    "SUSPENDED": "挂账",
    "REPLIED": "待审核",
    "REVIEWED": "待回访",
    "COMPLETED": "办结",
    "DECLINED": "不予受理",
    "ARCHIVED": "归档",
}
# nobody has to do anything more about these
CLOSED = frozenset({"COMPLETED", "DECLINED", "ARCHIVED"})
OPEN = frozenset(STATUSES) - CLOSED

# what each field an action needs is called on a form
FIELDS = {
    "reason": "理由",
    "answer": "答复内容",
    "legal_route": "法定途径",
    "lead_unit": "主办单位",
    "days": "天数（工作日）",
    "review_on": "复查日期",
    "reply": "回复内容",
    "solved": "是否解决",
    "satisfaction": "是否满意",
    "contacted": "是否联系",
    "note": "备注内容",
}

_INTAKE = ("intake_operator", "dispatcher")
_DESK = ("dispatcher",)
_UNIT = ("unit_clerk", "unit_lead", "grid_worker")
_LEAD = ("unit_lead",)
_RULING = ("dispatcher", "supervisor")
_ASKING = ("visit_back_agent", "resident")


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table.

    ``needs`` are the fields that must be given; ``own_unit`` asks that the actor's unit be the lead unit or stand
    above it; ``when`` names a condition on the order (see :data:`CONDITIONS`) that chooses between lines of one action.
    """

    action: str
    name: str
    origins: tuple[str, ...]
    to: str
    roles: tuple[str, ...]
    needs: tuple[str, ...] = ()
    own_unit: bool = False
    when: str = ""


TRANSITIONS: tuple[Transition, ...] = (
    # 受理
    Transition("answer_directly", "直接答复", ("REGISTERED",), "COMPLETED", _INTAKE, ("answer",)),
    Transition("decline", "不予受理", ("REGISTERED",), "DECLINED", _INTAKE, ("legal_route", "reason")),
    # 派单
    Transition("dispatch", "派单", ("REGISTERED",), "DISPATCHED", _DESK, ("lead_unit",)),
    Transition("sign_for", "签收", ("DISPATCHED",), "SIGNED_FOR", _UNIT, own_unit=True),
    Transition("send_back", "退单", ("DISPATCHED",), "SENT_BACK", _UNIT, ("reason",), own_unit=True),
    Transition("uphold", "同意退单", ("SENT_BACK",), "REGISTERED", _RULING, ("reason",)),
    Transition("deny", "驳回退单", ("SENT_BACK",), "DISPATCHED", _RULING, ("reason",)),
    # 办理
    Transition("contact", "联系诉求人", ("SIGNED_FOR",), "SIGNED_FOR", _UNIT, ("note",), own_unit=True),
    Transition(
        "ask_extension",
        "申请延期",
        ("SIGNED_FOR",),
        "SIGNED_FOR",
        _UNIT,
        ("days", "reason"),
        own_unit=True,
        when="no_extension_asked",
    ),
    Transition("extend_deadline", "同意延期", ("SIGNED_FOR",), "SIGNED_FOR", _RULING, when="extension_asked"),
    Transition(
        "deny_extension",
        "不同意延期",
        ("SIGNED_FOR",),
        "SIGNED_FOR",
        _RULING,
        ("reason",),
        when="extension_asked",
    ),
    Transition("suspend", "挂账", ("SIGNED_FOR",), "SUSPENDED", ("supervisor",), ("reason", "review_on")),
    Transition("resume", "恢复办理", ("SUSPENDED",), "SIGNED_FOR", ("supervisor", "system"), ("reason",)),
    Transition("reply", "回复", ("SIGNED_FOR",), "REPLIED", _UNIT, ("reply",), own_unit=True),
    # 审核
    Transition("reject", "退回重写", ("REPLIED",), "SIGNED_FOR", _LEAD, ("reason",), own_unit=True),
    Transition("approve", "审核通过", ("REPLIED",), "REVIEWED", _LEAD, own_unit=True),
    # 回访
    Transition(
        "visit_back",
        "回访：已解决",
        ("REVIEWED",),
        "COMPLETED",
        _ASKING,
        ("contacted", "solved", "satisfaction"),
        when="judged_solved",
    ),
    Transition(
        "visit_back",
        "回访：未解决或不满意",
        ("REVIEWED",),
        "SIGNED_FOR",
        _ASKING,
        ("contacted", "solved", "satisfaction"),
        when="judged_unsolved",
    ),
    Transition("miss_visit", "回访未接通", ("REVIEWED",), "REVIEWED", ("visit_back_agent",), ("reason",)),
    Transition(
        "close_unreached",
        "多次未接通办结",
        ("REVIEWED",),
        "COMPLETED",
        ("visit_back_agent",),
        ("reason",),
        when="missed_three",
    ),
    Transition(
        "reopen", "重办", ("COMPLETED",), "SIGNED_FOR", _ASKING, ("reason",), when="reopenable_with_unit"
    ),
    Transition(
        "reopen", "重办", ("COMPLETED",), "REGISTERED", _ASKING, ("reason",), when="reopenable_without_unit"
    ),
    # 归档
    Transition("archive", "归档", ("COMPLETED", "DECLINED"), "ARCHIVED", ("system", "administrator")),
    # 旁注
    Transition(
        "note",
        "备注",
        tuple(sorted(OPEN)),
        "",
        (*_INTAKE, *_UNIT, "visit_back_agent", "supervisor"),
        ("note",),
    ),
)

CONDITIONS: dict[str, tuple[str, Callable[[WorkOrder, dict[str, Any]], bool]]] = {
    "no_extension_asked": ("没有待批的延期申请", lambda order, _: order.extension_asked_days is None),
    "extension_asked": ("有待批的延期申请", lambda order, _: order.extension_asked_days is not None),
    "judged_solved": ("已解决且不是不满意", lambda _, data: _is_good(data)),
    "judged_unsolved": ("未解决或不满意", lambda _, data: not _is_good(data)),
    "missed_three": (
        "回访多次未接通",
        lambda order, _: order.missed_visit_count >= _missed_visits_to_close(order),
    ),
    "reopenable_with_unit": ("有主办单位", lambda order, _: order.lead_unit_id is not None),
    "reopenable_without_unit": ("没有主办单位", lambda order, _: order.lead_unit_id is None),
}
# these conditions look at what is being said, not at the order: before it is said, either line may apply
_SAID = frozenset({"judged_solved", "judged_unsolved"})


def _missed_visits_to_close(order: WorkOrder) -> int:
    session = object_session(order)
    return policy.whole(session, "missed_visits_to_close") if session else 3


def _is_good(data: dict[str, Any]) -> bool:
    return bool(data.get("solved")) and data.get("satisfaction") != "dissatisfied"


def allowed(order: WorkOrder, actor: Actor) -> list[Transition]:
    """The lines this actor may apply to this order now, in table order, one per action."""
    found: dict[str, Transition] = {}
    for line in TRANSITIONS:
        if order.status not in line.origins or line.action in found or not _may(line, order, actor):
            continue
        if line.when and line.when not in _SAID and not CONDITIONS[line.when][1](order, {}):
            continue
        found[line.action] = line
    return list(found.values())


def check_version(session: AnySession, order: WorkOrder, expected: int) -> None:
    """Refuse a door that looked at an older version, saying who did what meanwhile. Raises Conflict ``stale``."""
    if order.version == expected:
        return
    last = journal.last(session, order)
    did = f"{last.actor_name}刚刚做了“{action_name(last.action)}”" if last else "别人刚刚改过"
    raise Conflict(
        f"工单 {order.number} 已经变了：{did}。请看过最新情况再办", code="stale", version=order.version
    )


def choose(order: WorkOrder, action: str, actor: Actor, data: dict[str, Any]) -> Transition:
    """The line of the table that applies.

    Raises Conflict ``illegal_transition`` (with the actions that are possible), NotAllowed, or InvalidInput naming
    the fields that are missing.
    """
    lines = [line for line in TRANSITIONS if line.action == action]
    if not lines:
        raise InvalidInput(f"没有“{action}”这个操作", code="unknown_action")
    lines = [line for line in lines if order.status in line.origins]
    possible = [line.name for line in allowed(order, actor)]
    if not lines:
        now = "、".join(possible) or "无"
        raise Conflict(
            f"工单 {order.number} 现在是“{STATUSES[order.status]}”，不能“{action_name(action)}”。现在可以：{now}",
            code="illegal_transition",
            allowed=[line.action for line in allowed(order, actor)],
        )
    if not any(_may(line, order, actor) for line in lines):
        raise NotAllowed(f"您的角色不能对这张工单“{action_name(action)}”")
    missing = {field: f"请填写{FIELDS[field]}" for field in lines[0].needs if data.get(field) in (None, "")}
    if missing:
        raise InvalidInput("；".join(missing.values()), fields=missing)
    for line in lines:
        if not line.when or CONDITIONS[line.when][1](order, data):
            return line
    wanted = "；".join(CONDITIONS[line.when][0] for line in lines)
    raise Conflict(f"不能“{action_name(action)}”：需要{wanted}", code="illegal_transition",
                   allowed=[line.action for line in allowed(order, actor)])  # fmt: skip


def apply(
    session: AnySession, order: WorkOrder, line: Transition, actor: Actor, data: dict[str, Any]
) -> None:
    """Move the order along a chosen line and append to its journal. The rooms call this, nobody else."""
    origin = order.status
    order.status = line.to or origin
    reason = str(data.get("reason") or "")
    kept = {key: value for key, value in data.items() if key != "reason"}
    journal.append(session, order, line.action, actor, origin=origin, reason=reason, data=kept)


def action_name(action: str) -> str:
    """The Chinese name of an action, for people."""
    named = {line.action: line.name.split("：")[0] for line in TRANSITIONS}
    return named.get(action) or journal.BESIDE.get(action, action)


def _may(line: Transition, order: WorkOrder, actor: Actor) -> bool:
    if actor.role not in line.roles:
        return False
    if not line.own_unit:
        return True
    # a unit acts on its own orders; its superior may act for it
    return bool(actor.unit_path and order.lead_unit and order.lead_unit.path.startswith(actor.unit_path))
