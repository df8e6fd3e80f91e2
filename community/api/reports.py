"""诉求 Reports: a resident reports, follows, judges and, when it was not solved after all, asks again."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from community import receipts
from community.api import doors, progress
from community.api.blueprint import resident_api
from community.api.schemas import JudgementIn, MovedOut, OnceIn, ReceiptOut, ReopenIn, ReportIn, ReportOut
from core.access import for_receipt_holder, open_to_everybody
from core.audit import RESIDENT
from core.database import db
from core.errors import Conflict, InvalidInput
from hotline import insights, intake, photos, queries, verbs, visit_back
from hotline.intake import Request
from hotline.models import Deadline, WorkOrder

# what the rules of intake call by another name than a resident's program does
_FIELDS = {"place": "place.text", "lat": "place.lat", "lng": "place.lng", "phone": "contact.phone"}
_REPLAYED = {"Idempotency-Replayed": "true"}

_EXAMPLE = {
    "title": "路灯不亮",
    "text": "同德社区三号院门口的路灯坏了一周，晚上看不清路，老人容易摔倒。",
    "place": {"text": "府南街道同德社区三号院门口", "lat": 30.683, "lng": 104.023},
    "contact": {"name": "李女士", "phone": "13800000000"},
    "request_type": "help",
    "confidential": True,
}


@resident_api.post("/reports")
@resident_api.input(OnceIn, location="headers", arg_name="once")
@resident_api.input(ReportIn, arg_name="said", example=_EXAMPLE)
@resident_api.output(ReceiptOut, status_code=201, description="已受理")
@resident_api.doc(
    summary="提交诉求",
    description="得到工单号和查询码。查询码只在这里给出，凭它查看进度和评价，请保存在本机。",
    responses=[400, 409, 413, 415, 429],
)
@open_to_everybody("anyone may report; nobody has to say who they are")
def report(once: dict[str, Any], said: dict[str, Any]) -> Any:
    """Register a report; 201 only after it is committed."""
    if said.get("anonymous"):
        said.pop("contact", None)
    before = doors.claimed("reports", once, said)
    if before is not None:
        number, _, promised = before.partition(" ")
        order = queries.get(db.session, number, RESIDENT)
        return _receipt(order, promised or None), 201, _REPLAYED
    order = _accept(said)
    if said.get("photos"):
        photos.attach(db.session, order, said["photos"])
    _classify(order)
    due = progress.shown(_promised(order))
    receipt = _receipt(order, due)
    doors.settled("reports", once, f"{order.number} {due or ''}".strip())
    db.session.commit()
    return receipt, 201


@resident_api.get("/reports/<string:report_id>")
@resident_api.output(ReportOut)
@resident_api.doc(summary="查看进度", security="AccessCode", responses=[401, 404])
@for_receipt_holder
def show(report_id: str) -> dict[str, Any]:
    """Where a report stands, what happened, what was answered, and what may be done."""
    return _told(doors.shown_order())


@resident_api.post("/reports/<string:report_id>/judgement")
@resident_api.input(OnceIn, location="headers", arg_name="once")
@resident_api.input(
    JudgementIn, arg_name="said", example={"contacted": True, "solved": True, "satisfaction": "satisfied"}
)
@resident_api.output(MovedOut)
@resident_api.doc(
    summary="评价办理结果",
    description="承办单位回复以后可以评价。未解决或不满意，工单退回重新办理。",
    security="AccessCode",
    responses=[400, 401, 404, 409, 413, 415],
)
@for_receipt_holder
def judge(report_id: str, once: dict[str, Any], said: dict[str, Any]) -> Any:
    """Judge the outcome."""
    return _act(report_id, "visit_back", once, said)


@resident_api.post("/reports/<string:report_id>/reopen")
@resident_api.input(OnceIn, location="headers", arg_name="once")
@resident_api.input(ReopenIn, arg_name="said", example={"reason": "修好两天又不亮了"})
@resident_api.output(MovedOut)
@resident_api.doc(
    summary="要求重办",
    description="办结后又发现没有解决，在重办期限以内（allowed_actions 里有 reopen）可以要求重办。",
    security="AccessCode",
    responses=[400, 401, 404, 409, 413, 415],
)
@for_receipt_holder
def reopen(report_id: str, once: dict[str, Any], said: dict[str, Any]) -> Any:
    """Ask again after completion."""
    return _act(report_id, "reopen", once, said)


def _act(number: str, action: str, once: dict[str, Any], said: dict[str, Any]) -> Any:
    """Do what a resident may do to their order, once per key."""
    order = doors.shown_order()
    scope = f"{action}:{number}"
    status = doors.claimed(scope, once, said)
    if status is not None:
        return _moved(order, status), 200, _REPLAYED
    window = visit_back.may_reopen(db.session, order)
    possible = progress.actions(order, may_reopen=window)
    # past its window the rule itself says best what to do instead
    if action not in possible and not (action == "reopen" and order.status == "COMPLETED"):
        now = "、".join(progress.ACTIONS[name] for name in possible) or "等候通知"
        raise Conflict(
            f"这件诉求{progress.stage(order.status)[1]}，还不能{progress.ACTIONS[action]}。现在可以：{now}",
            code="illegal_transition",
            allowed_actions=possible,
        )
    verbs.perform(db.session, order, action, RESIDENT, said)
    answer = _moved(order, order.status)
    doors.settled(scope, once, order.status)
    db.session.commit()
    return answer


def _accept(said: dict[str, Any]) -> WorkOrder:
    place, contact = said.get("place") or {}, said.get("contact") or {}
    anonymous = bool(said.get("anonymous"))
    asked = Request(
        channel="mini_program",
        text=said["text"],
        title=said.get("title", ""),
        request_type=said.get("request_type", "complaint"),
        place_text=place.get("text", ""),
        lat=place.get("lat"),
        lng=place.get("lng"),
        name=contact.get("name", ""),
        phone=contact.get("phone", ""),
        confidential=said.get("confidential", False),
        extra={"anonymous": True} if anonymous else {},
    )
    try:
        return intake.accept(db.session, current_app.extensions["vault"], asked, RESIDENT)
    except InvalidInput as error:
        fields = {_FIELDS.get(name, name): words for name, words in error.context.get("fields", {}).items()}
        raise InvalidInput(error.detail, code=error.code, fields=fields) from error


def _classify(order: WorkOrder) -> None:
    """Suggestions now if they can be had; an order is never lost for want of them: a job catches up."""
    try:
        with db.session.begin_nested():
            insights.classify(db.session, order)
    except Exception:  # whatever analysis trips over, the report stands
        current_app.logger.exception("no suggestions yet for %s", order.number)


def _promised(order: WorkOrder) -> Any:
    """When the unit's clock runs out; None while it stands still or its calendar is not loaded."""
    running: list[Deadline] = [row for row in order.deadlines if row.clock == "handle"]
    return running[-1].due_at if running and running[-1].stopped_at is None else None


def _links(number: str) -> dict[str, str]:
    return {
        "here": url_for("resident_api.show", report_id=number),
        "judgement": url_for("resident_api.judge", report_id=number),
        "reopen": url_for("resident_api.reopen", report_id=number),
    }


def _receipt(order: WorkOrder, promised: str | None) -> dict[str, Any]:
    status, name = progress.stage("REGISTERED")
    return {
        "id": order.number,
        "number": order.number,
        "status": status,
        "status_name": name,
        "access_code": receipts.access_code(doors.settings(), order),
        "reported_at": progress.shown(order.reported_at),
        "promised_by": promised,
        "links": _links(order.number),
    }


def _moved(order: WorkOrder, status: str) -> dict[str, Any]:
    code, name = progress.stage(status)
    return {
        "id": order.number,
        "number": order.number,
        "status": code,
        "status_name": name,
        "links": _links(order.number),
    }


def _told(order: WorkOrder) -> dict[str, Any]:
    steps, reply = progress.retell(order, queries.timeline(db.session, order))
    may_reopen = visit_back.may_reopen(db.session, order)
    code, name = progress.stage(order.status)
    unit = order.lead_unit.name if order.lead_unit else None
    return {
        "id": order.number,
        "number": order.number,
        "status": code,
        "status_name": name,
        "title": order.title,
        "text": order.text,
        "place": {"text": order.place_text, "lat": order.lat, "lng": order.lng},
        "request_type": order.request_type,
        "confidential": order.confidential,
        "unit": unit,
        "reported_at": progress.shown(order.reported_at),
        "promised_by": progress.shown(_promised(order)),
        "completed_at": progress.shown(order.completed_at),
        "timeline": [
            {"at": progress.shown(step.at), "title": step.title, "detail": step.detail} for step in steps
        ],
        "reply": {"at": progress.shown(reply.at), "text": reply.text, "unit": unit} if reply else None,
        "photos": [
            {
                "photo_id": photo.token,
                "width": photo.width,
                "height": photo.height,
                "link": url_for("resident_api.photo", report_id=order.number, photo_id=photo.token),
            }
            for photo in order.photos
        ],
        "allowed_actions": progress.actions(order, may_reopen=may_reopen),
        "links": _links(order.number),
    }
