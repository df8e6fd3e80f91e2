"""查看隐私 Reading: a person's private fields, opened one at a time, for a reason, and never unrecorded."""

from __future__ import annotations

from core.audit import Actor
from core.database import AnySession
from core.errors import InvalidInput, NotAllowed, NotFound
from core.privacy import Vault, mask_address, mask_name, mask_phone
from hotline import journal
from hotline.models import WorkOrder

FIELDS = {"name": "姓名", "phone": "电话", "address": "地址"}
# who may need to speak to the person
MAY_REVEAL = frozenset(
    {
        "intake_operator",
        "dispatcher",
        "unit_clerk",
        "unit_lead",
        "grid_worker",
        "visit_back_agent",
        "supervisor",
    }
)
_MASKS = {"name": mask_name, "phone": mask_phone, "address": mask_address}


def masked(vault: Vault, order: WorkOrder) -> dict[str, str]:
    """Each private field as every screen shows it; empty where nothing was given."""
    found = {}
    for name in FIELDS:
        token = getattr(order, f"complainant_{name}")
        found[name] = _MASKS[name](vault.decrypt(token, name)) if token else ""
    return found


def reveal(session: AnySession, vault: Vault, order: WorkOrder, field: str, actor: Actor, reason: str) -> str:
    """One field in clear, and the journal entry that says who looked and why. The caller commits before showing it.

    Raises InvalidInput without a reason, NotAllowed for a role that need not know (and for everybody but the desk on
    a confidential order), NotFound when the field is empty.
    """
    if field not in FIELDS:
        raise InvalidInput("没有这个字段")
    if len(reason.strip()) < 2:
        raise InvalidInput("请写明查看的理由", fields={"reason": "不能为空"})
    desk_only = order.confidential and actor.role not in ("intake_operator", "dispatcher", "visit_back_agent")
    if actor.role not in MAY_REVEAL or desk_only:
        raise NotAllowed(
            "您的角色不能查看诉求人信息" if not desk_only else "这是保密工单，承办单位不能查看诉求人信息"
        )
    token = getattr(order, f"complainant_{field}")
    if not token:
        raise NotFound("诉求人没有留下这一项")
    journal.append(
        session,
        order,
        "reveal",
        actor,
        origin=order.status,
        reason=reason.strip(),
        data={"field": FIELDS[field]},
    )
    return vault.decrypt(token, field)
