"""The resident's whole way by HTTP: report with a photo, number, progress, answer, judgement; and again when unsolved."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from pytest import MonkeyPatch
from sqlalchemy import select

from core import clock
from core.database import db
from hotline import insights
from hotline.models import OrderEvent, WorkOrder
from tests.community.resident import (
    LEAD_REPLY,
    SATISFIED,
    TEXT,
    UNSOLVED,
    Resident,
    answer_it,
    handle_it,
    picture,
    staff_do,
    titles,
)
from tests.factories import UNIT, Factory

UNIT_NAME_STARTS = "已转交"


def test_a_resident_reports_follows_and_judges(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    photo = resident.upload(picture((120, 80)))
    assert photo.status_code == 201
    assert (photo.get_json()["width"], photo.get_json()["height"]) == (120, 80)

    made = resident.report(
        title="路灯不亮",
        place={"text": "府南街道同德社区", "lat": 30.683, "lng": 104.023},
        photos=[photo.get_json()["photo_id"]],
        contact={"name": "李女士", "phone": "13812345678"},
        request_type="help",
        confidential=True,
    )
    assert made.status_code == 201
    receipt = made.get_json()
    assert receipt["status"] == "REGISTERED"
    assert re.fullmatch(r"[A-Z2-7]{24}", receipt["access_code"])
    assert receipt["id"] == receipt["number"]
    promised = datetime.fromisoformat(receipt["promised_by"])
    assert promised.utcoffset() == timedelta(hours=8)
    assert promised > datetime.fromisoformat(receipt["reported_at"])

    seen = resident.see()
    assert seen["status_name"] == "已登记，正在安排承办单位"
    assert titles(seen) == ["已登记"]
    assert seen["allowed_actions"] == []
    assert seen["reply"] is None
    assert seen["place"] == {"text": "府南街道同德社区", "lat": 30.683, "lng": 104.023}
    assert seen["promised_by"] == receipt["promised_by"]
    shown = client.get(seen["photos"][0]["link"], headers=resident.code)
    assert shown.status_code == 200
    assert shown.mimetype == "image/jpeg"

    answer_it(app, receipt["number"])
    with app.app_context():
        unit = Factory(app).unit(UNIT).name
    seen = resident.see()
    assert seen["status"] == "REVIEWED"
    assert titles(seen) == ["已登记", f"已转交{unit}", "承办单位已签收", "已回复", "等待您评价"]
    assert seen["reply"]["text"] == LEAD_REPLY
    assert seen["unit"] == unit
    assert seen["allowed_actions"] == ["visit_back"]

    judged = resident.judge(SATISFIED)
    assert judged.status_code == 200
    assert judged.get_json()["status"] == "COMPLETED"
    seen = resident.see()
    assert titles(seen)[-3:] == ["已回复", "您已评价", "已办结"]
    assert seen["completed_at"].endswith("+08:00")
    assert seen["allowed_actions"] == ["reopen"]
    with app.app_context():
        order = db.session.execute(select(WorkOrder)).scalar_one()
        assert (order.channel, order.confidential, order.request_type) == ("mini_program", True, "help")
        assert order.complainant_phone and "13812345678" not in order.complainant_phone
        assert [row.by for row in order.visit_backs] == ["resident"]


def test_unsolved_goes_back_to_the_unit_and_can_be_judged_again(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    number = resident.report().get_json()["number"]
    answer_it(app, number)
    judged = resident.judge(UNSOLVED)
    assert (judged.status_code, judged.get_json()["status"]) == (200, "SIGNED_FOR")
    seen = resident.see()
    assert titles(seen)[-2:] == ["您已评价", "已要求承办单位重新办理"]
    assert seen["timeline"][-2]["detail"] == "未解决，不满意"
    assert seen["allowed_actions"] == []
    handle_it(app, number)
    assert resident.judge(SATISFIED).get_json()["status"] == "COMPLETED"
    with app.app_context():
        assert db.session.execute(select(WorkOrder.rework_count)).scalar_one() == 1


def test_a_finished_report_can_be_reopened_within_the_window_only(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    number = resident.report().get_json()["number"]
    answer_it(app, number)
    resident.judge(SATISFIED)
    reopened = resident.reopen("修好两天又不亮了")
    assert (reopened.status_code, reopened.get_json()["status"]) == (200, "SIGNED_FOR")
    assert titles(resident.see())[-1] == "已重新办理"
    handle_it(app, number)
    resident.judge(SATISFIED)
    with clock.advanced(timedelta(days=16)):
        assert resident.see()["allowed_actions"] == []
        late = resident.reopen("又不亮了")
    assert late.status_code == 409
    assert late.get_json()["code"] == "reopen_window_closed"
    assert "重新提交" in late.get_json()["detail"]


def test_judging_too_early_says_what_is_possible(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    number = resident.report().get_json()["number"]
    early = resident.judge(SATISFIED)
    assert early.status_code == 409
    assert early.mimetype == "application/problem+json"
    assert early.get_json()["allowed_actions"] == []
    answer_it(app, number)
    resident.judge(SATISFIED)
    twice = resident.judge(SATISFIED)
    assert twice.status_code == 409
    assert twice.get_json()["allowed_actions"] == ["reopen"]


def test_a_resident_never_sees_staff_or_quarrels(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    number = resident.report().get_json()["number"]
    secret = "这不归我们管"
    staff_do(
        app,
        number,
        ("dispatcher", "dispatch", {"lead_unit": UNIT, "note": secret}),
        ("unit_clerk", "send_back", {"reason": secret}),
    )
    assert resident.see()["status"] == "DISPATCHED"
    refused = resident.judge(SATISFIED)
    assert refused.status_code == 409 and "退单" not in refused.get_data(as_text=True)
    staff_do(
        app,
        number,
        ("dispatcher", "uphold", {"reason": secret}),
        ("dispatcher", "note", {"note": secret}),
        ("dispatcher", "dispatch", {"lead_unit": UNIT}),
        ("unit_clerk", "sign_for", {}),
        ("unit_clerk", "note", {"note": secret}),
        ("unit_clerk", "ask_extension", {"days": 3, "reason": secret}),
        ("dispatcher", "extend_deadline", {"reason": secret}),
        ("unit_clerk", "reply", {"reply": "没审过的回复"}),
        ("unit_lead", "reject", {"reason": secret}),
        ("unit_clerk", "reply", {"reply": "还没审过的回复"}),
    )
    seen = resident.see()
    told = resident.client.get(resident.address, headers=resident.code).get_data(as_text=True)
    for word in (secret, "没审过", "某", "退单", "SENT_BACK", "dispatcher"):
        assert word not in told, word
    assert seen["reply"] is None
    assert titles(seen)[1].startswith(UNIT_NAME_STARTS)
    assert titles(seen)[2].startswith("已改由")
    assert titles(seen)[-1] == "办理时间已延长"
    assert seen["timeline"][-1]["detail"] == "延长 3 个工作日"


def test_promise_moves_with_an_extension_and_rests_while_suspended(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    first = resident.report().get_json()
    staff_do(
        app,
        first["number"],
        ("dispatcher", "dispatch", {"lead_unit": UNIT}),
        ("unit_clerk", "sign_for", {}),
        ("unit_clerk", "ask_extension", {"days": 3, "reason": "等配件"}),
        ("dispatcher", "extend_deadline", {}),
    )
    assert resident.see()["promised_by"] > first["promised_by"]
    staff_do(app, first["number"], ("supervisor", "suspend", {"reason": "等立项", "review_on": "2099-01-01"}))
    seen = resident.see()
    assert seen["promised_by"] is None
    assert seen["timeline"][-1] == seen["timeline"][-1] | {"title": "暂缓办理", "detail": "1 月 1 日前复查"}


def test_declined_and_answered_at_once(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    number = resident.report().get_json()["number"]
    staff_do(
        app, number, ("dispatcher", "decline", {"legal_route": "litigation", "reason": "属于民事纠纷。"})
    )
    seen = resident.see()
    assert seen["status"] == "DECLINED"
    told = seen["timeline"][-1]["detail"]
    assert told.startswith("属于民事纠纷。") and "人民法院" in told and "litigation" not in told
    number = resident.report(request_type="inquiry").get_json()["number"]
    staff_do(app, number, ("intake_operator", "answer_directly", {"answer": "周一至周五可以办理。"}))
    seen = resident.see()
    assert seen["reply"]["text"] == "周一至周五可以办理。"
    assert titles(seen) == ["已登记", "已答复", "已办结"]


def test_anonymous_keeps_nothing_of_the_person(app: Flask, client: FlaskClient) -> None:
    answer = Resident(client).report(anonymous=True, contact={"name": "张三", "phone": "13812345678"})
    assert answer.status_code == 201
    with app.app_context():
        order = db.session.execute(select(WorkOrder)).scalar_one()
        kept = [order.complainant_name, order.complainant_phone, order.phone_index, order.complainant_key]
        assert kept == [None, None, None, None]
        event = db.session.execute(select(OrderEvent)).scalars().first()
        assert event is not None and event.data["anonymous"] is True


def test_a_failing_classifier_never_loses_a_report(
    app: Flask, client: FlaskClient, monkeypatch: MonkeyPatch
) -> None:
    def broken(session: object, order: WorkOrder) -> None:
        order.category_code = "half-done"
        db.session.flush()
        raise ValueError("no model")

    monkeypatch.setattr(insights, "classify", broken)
    resident = Resident(client)
    assert resident.report().status_code == 201
    assert resident.see()["text"] == TEXT
    with app.app_context():
        order = db.session.execute(select(WorkOrder)).scalar_one()
        assert order.category_code is None
        assert len(order.events) == 1


def test_a_database_error_in_the_classifier_does_not_poison_the_report(
    app: Flask, client: FlaskClient, monkeypatch: MonkeyPatch
) -> None:
    def broken(session: object, order: WorkOrder) -> None:
        db.session.execute(db.text("SELECT * FROM no_such_table"))

    monkeypatch.setattr(insights, "classify", broken)
    assert Resident(client).report().status_code == 201
    with app.app_context():
        assert db.session.execute(select(WorkOrder)).scalar_one().text == TEXT
