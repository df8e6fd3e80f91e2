"""The order page: only what one may do is offered, what was typed is never lost, and every look is written down."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.database import db
from hotline import verbs
from hotline.models import OrderEvent, TrainingExample, WorkOrder
from tests.console_forms import post
from tests.factories import UNIT, Factory, sign_in

_ACTION = re.compile(r'/actions/([a-z_]+)"')


def _offered(client: FlaskClient, number: str) -> set[str]:
    return set(_ACTION.findall(client.get(f"/orders/{number}").get_data(as_text=True)))


def _version(number: str) -> int:
    return db.session.execute(select(WorkOrder.version).where(WorkOrder.number == number)).scalar_one()


def _act(app: Flask, client: FlaskClient, number: str, action: str, **fields: Any) -> Any:
    with app.app_context():
        version = fields.pop("version", None) or _version(number)
    return post(
        client,
        f"/orders/{number}/actions/{action}",
        {"version": str(version), **fields},
        page=f"/orders/{number}",
    )


def test_a_whole_life_through_the_forms_offers_each_role_its_own_actions(app: Flask) -> None:
    with app.app_context():
        make = Factory(app)
        number = make.order().number
        who = {role: sign_in(app.test_client(), make.staff(role)) for role in
               ("intake_operator", "dispatcher", "unit_clerk", "unit_lead", "visit_back_agent", "auditor")}  # fmt: skip
    assert _offered(who["intake_operator"], number) == {"answer_directly", "decline", "note"}
    assert _offered(who["dispatcher"], number) == {"answer_directly", "decline", "dispatch", "note"}
    assert _offered(who["auditor"], number) == set()
    assert _act(app, who["dispatcher"], number, "dispatch", lead_unit=UNIT).status_code == 302
    assert _offered(who["unit_clerk"], number) == {"sign_for", "send_back", "note"}
    assert _act(app, who["unit_clerk"], number, "sign_for").status_code == 302
    assert _act(app, who["unit_clerk"], number, "reply", reply="已修好").status_code == 302
    assert "approve" not in _offered(who["unit_clerk"], number)
    assert _offered(who["unit_lead"], number) == {"approve", "reject", "note"}
    assert _act(app, who["unit_lead"], number, "approve").status_code == 302
    answer = _act(
        app,
        who["visit_back_agent"],
        number,
        "visit_back",
        contacted="1",
        solved="1",
        satisfaction="satisfied",
    )
    assert answer.status_code == 302
    with app.app_context():
        order = db.session.execute(select(WorkOrder)).scalar_one()
        assert (order.status, order.visit_backs[0].solved) == ("COMPLETED", True)


def test_two_people_at_once_one_wins_the_other_is_told_and_keeps_the_words(app: Flask) -> None:
    with app.app_context():
        make = Factory(app)
        order = make.order_at("SIGNED_FOR")
        number, seen = order.number, order.version
        clerk = sign_in(app.test_client(), make.staff("unit_clerk", name="慢一步"))
        verbs.perform(db.session, order, "note", make.actor("supervisor"), {"note": "督办中"})
        order.title = "改过标题"
        db.session.commit()
    answer = _act(app, clerk, number, "reply", version=seen, reply="写了很久的回复，不能丢")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "测试督办员刚刚做了“备注”" in page and "写了很久的回复，不能丢" in page
    with app.app_context():
        assert db.session.execute(select(WorkOrder.status)).scalar_one() == "SIGNED_FOR"


def test_a_missing_field_is_named_and_nothing_happens(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        number = make.order().number
        sign_in(client, make.staff("dispatcher"))
    answer = _act(app, client, number, "decline", reason="不归我们管")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "请填写法定途径" in page and "不归我们管" in page
    answer = _act(app, client, number, "reply", reply="越级回复")
    assert answer.status_code == 409 and "现在可以" in answer.get_data(as_text=True)


def test_a_corrected_category_is_kept_to_learn_from(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        order = make.order()
        from hotline import insights

        insights.classify(db.session, order)
        db.session.commit()
        number, version = order.number, order.version
        assert order.insight is not None
        guessed = order.insight.categories[0]["code"]
        sign_in(client, make.staff("dispatcher"))
    right = "0101" if guessed != "0101" else "0114"
    answer = post(
        client,
        f"/orders/{number}/category",
        {"version": str(version), "category": right},
        page=f"/orders/{number}",
    )
    assert answer.status_code == 302
    with app.app_context():
        example = db.session.execute(select(TrainingExample)).scalar_one()
        assert (example.suggested_code, example.category_code, example.corrected) == (guessed, right, True)
        order = db.session.execute(select(WorkOrder)).scalar_one()
        assert (order.category_code, order.category_confirmed) == (right, True)


def test_a_private_field_opens_once_for_a_reason_and_is_written_down(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        number = make.order(name="王小明", phone="+86 138-0000-1234").number
        sign_in(client, make.staff("dispatcher"))
    page = f"/orders/{number}"
    hidden = client.get(page).get_data(as_text=True)
    assert "13800001234" not in hidden and "138****1234" in hidden and "王小明" not in hidden
    with app.app_context():
        version = str(_version(number))
    assert (
        post(
            client, f"{page}/reveal", {"version": version, "field": "phone", "reason": ""}, page=page
        ).status_code
        == 422
    )
    shown = post(
        client, f"{page}/reveal", {"version": version, "field": "phone", "reason": "回拨核实地址"}, page=page
    )
    assert "13800001234" in shown.get_data(as_text=True) and "王小明" not in shown.get_data(as_text=True)
    assert "13800001234" not in client.get(page).get_data(as_text=True)
    with app.app_context():
        looks = db.session.scalars(select(OrderEvent).where(OrderEvent.action == "reveal")).all()
        assert [(look.reason, look.data) for look in looks] == [("回拨核实地址", {"field": "电话"})]
        raw = db.session.execute(select(WorkOrder.complainant_phone)).scalar_one()
        assert raw is not None and "1380000" not in raw


def test_a_confidential_order_stays_closed_to_the_unit(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        number = make.order_at("DISPATCHED", phone="13800001234", confidential=True).number
        version = str(_version(number))
        sign_in(client, make.staff("unit_lead"))
    answer = post(
        client,
        f"/orders/{number}/reveal",
        {"version": version, "field": "phone", "reason": "联系"},
        page=f"/orders/{number}",
    )
    assert answer.status_code == 403 and "13800001234" not in answer.get_data(as_text=True)


def test_the_intake_form_registers_once_however_often_it_is_sent(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        sign_in(client, Factory(app).staff("intake_operator"))
    once = re.search(r'name="once"[^>]*value="([^"]+)"', client.get("/orders/new").get_data(as_text=True))
    assert once is not None
    form = {"once": once.group(1), "text": "锦澜苑门口路灯坏了三天", "request_type": "complaint", "channel": "phone",
            "phone": "１３８ ００００ １２３４", "area": "", "category": ""}  # fmt: skip
    first, second = (post(client, "/orders/new", form) for _ in range(2))
    assert first.status_code == second.status_code == 302 and first.location == second.location
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(WorkOrder)) == 1


def test_a_wrong_phone_is_told_beside_the_field_and_the_text_stays(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        sign_in(client, Factory(app).staff("intake_operator"))
    form = {
        "text": "说了很久的内容",
        "request_type": "help",
        "channel": "phone",
        "phone": "12ab",
        "area": "",
        "category": "",
    }
    answer = post(client, "/orders/new", form)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "电话号码不对" in page and "说了很久的内容" in page


def test_suggestions_as_one_types_name_category_place_and_duplicates(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        twin = make.order("锦澜苑3栋电梯停运三天了，老人下不了楼，物业一直不修").number
        sign_in(client, make.staff("intake_operator"))
    from tests.console_forms import token

    headers = {"X-CSRFToken": token(client, "/orders/new")}
    told = client.post(
        "/orders/suggest", json={"text": "锦澜苑3栋的电梯停运三天，老人下不了楼，物业不修"}, headers=headers
    ).get_json()
    assert "城乡建设/电梯设施" in [category["path"] for category in told["categories"]]
    assert told["categories"][0]["why"]
    assert told["place"]["path"].endswith("锦澜苑")
    assert [match["number"] for match in told["duplicates"]] == [twin]
    assert told["unit"] is not None and told["model"].startswith("builtin")
    empty = client.post("/orders/suggest", json={"text": " "}, headers=headers).get_json()
    assert empty["categories"] == [] and empty["unit"] is None


@pytest.mark.parametrize("query", ["q=100%25", "q=_", "q='; DROP TABLE work_order;--", "category=05&area=510105006&unit=QY-FN",
                                   "status=open&urgent=1&sort=due", "since=2026-01-01&until=2026-12-31", "page=999"])  # fmt: skip
def test_the_queue_takes_any_filter(app: Flask, client: FlaskClient, query: str) -> None:
    with app.app_context():
        make = Factory(app)
        make.order("满意度100%的表扬")
        make.order("普通的一件诉求")
        sign_in(client, make.staff("supervisor"))
    page = client.get(f"/orders?tab=all&{query}")
    assert page.status_code == 200
    if query == "q=100%25":
        text = page.get_data(as_text=True)
        assert "满意度100%" in text and "普通的一件" not in text


@pytest.mark.parametrize("query", ["sort=nonsense", "size=7", "since=昨天"])
def test_the_queue_says_what_is_wrong_with_a_filter(app: Flask, client: FlaskClient, query: str) -> None:
    with app.app_context():
        sign_in(client, Factory(app).staff("supervisor"))
    answer = client.get(f"/orders?{query}")
    assert answer.status_code == 422


def test_a_draft_reply_is_looked_at_and_nothing_is_sent_or_lost(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        order = make.order_at("SIGNED_FOR")
        number, events = order.number, len(order.events)
        sign_in(client, make.staff("unit_clerk"))
    draft = "您的留言已收悉，我们高度重视，感谢您的关心与支持！"
    page = post(
        client,
        f"/orders/{number}/actions/reply/check",
        {"version": "1", "reply": draft},
        page=f"/orders/{number}",
    )
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert draft in text
    assert "建议修改后再发" in text
    part = post(
        client, f"/orders/{number}/actions/reply/check", {"draft": draft}, page=f"/orders/{number}"
    ).get_data(as_text=True)
    assert "建议修改后再发" in part
    assert "<html" not in part
    with app.app_context():
        kept = db.session.execute(select(WorkOrder).where(WorkOrder.number == number)).scalar_one()
        assert kept.status == "SIGNED_FOR"
        assert len(kept.events) == events
