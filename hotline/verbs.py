"""动作 Verbs: the one door every action on an order goes through, whoever asks: console, API, job or demo history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.audit import Actor
from core.database import AnySession
from core.errors import InvalidInput
from hotline import archiving, dispatch, handling, lifecycle, review, visit_back
from hotline.models import WorkOrder

_ROOMS: dict[str, Callable[[AnySession, WorkOrder, Actor, dict[str, Any]], None]] = {
    "answer_directly": handling.answer_directly,
    "decline": handling.decline,
    "dispatch": dispatch.dispatch,
    "sign_for": handling.sign_for,
    "send_back": dispatch.send_back,
    "uphold": dispatch.uphold,
    "deny": dispatch.deny,
    "contact": handling.contact,
    "ask_extension": handling.ask_extension,
    "extend_deadline": handling.extend_deadline,
    "deny_extension": handling.deny_extension,
    "suspend": handling.suspend,
    "resume": handling.resume,
    "reply": handling.reply,
    "reject": review.reject,
    "approve": review.approve,
    "visit_back": visit_back.visit_back,
    "miss_visit": visit_back.miss_visit,
    "close_unreached": visit_back.close_unreached,
    "reopen": visit_back.reopen,
    "archive": archiving.archive,
    "note": handling.note,
}


def perform(
    session: AnySession,
    order: WorkOrder,
    action: str,
    actor: Actor,
    data: dict[str, Any] | None = None,
    *,
    expected_version: int | None = None,
) -> WorkOrder:
    """Do one action of the lifecycle table.

    ``expected_version`` is the version the door showed; a stale one is refused before anything else. Raises what
    :func:`hotline.lifecycle.choose` raises; nothing has changed when it does. The caller commits.
    """
    if action not in _ROOMS:
        raise InvalidInput(f"没有“{action}”这个操作", code="unknown_action")
    if expected_version is not None:
        lifecycle.check_version(session, order, expected_version)
    _ROOMS[action](session, order, actor, dict(data or {}))
    session.flush()
    return order
