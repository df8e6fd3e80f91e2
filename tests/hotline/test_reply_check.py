"""Checking a draft reply: what the desk knows beside the text, and what it must not let be guessed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.audit import Actor
from core.database import db
from hotline import insights, verbs
from hotline.models import WorkOrder
from tests.console_forms import post
from tests.factories import UNIT, Factory, sign_in

_FULL = (
    "经现场核实，我局已于11月20日责成物业更换电梯主板，预计11月30日前完成。按照《住宅专项维修资金管理办法》第二十四条走应急程序。"
    "如有疑问请联系区住建局物业科 028-81234567，地址同德路668号。"
)


def _order(make: Factory, status: str = "SIGNED_FOR") -> WorkOrder:
    return make.order_at(
        status, text="我叫陈小明，家住3栋。请尽快更换电梯主板。", name="陈小明", phone="13800001234"
    )


def _codes(check: dict[str, Any]) -> set[str]:
    return {found["code"] for found in check["findings"]}


def test_an_office_may_be_named_and_a_person_s_number_may_not(app: Flask) -> None:
    with app.app_context():
        order = _order(Factory(app))
        assert insights.review_draft(order, _FULL)["level"] == "good"
        for said in ("车牌川A12345的车主已挪车。", "您的微信号：abc12345已记录。"):
            check = insights.review_draft(order, _FULL + said)
            assert _codes(check) == {"private"}
            assert check["level"] == "better"
            assert "12345" not in check["findings"][0]["message"]


@pytest.mark.parametrize(("right", "wrong"), [("陈小明", "陈小刚"), ("13800001234", "13800001235")])
def test_nobody_finds_out_the_complainant_by_guessing(app: Flask, right: str, wrong: str) -> None:
    """The right name and a wrong one get the same answer: only a recorded look may tell."""
    with app.app_context():
        order = Factory(app).order_at(
            "SIGNED_FOR", text="请更换电梯主板。", name="陈小明", phone="13800001234"
        )
        answers = [
            str(insights.review_draft(order, f"{_FULL}已与{who}联系。")).replace(who, "…")
            for who in (right, wrong)
        ]
        assert answers[0] == answers[1]


def test_a_rework_answered_as_before_is_told_so(app: Flask) -> None:
    with app.app_context():
        make = Factory(app)
        order = _order(make)
        clerk = Actor(role="unit_clerk", name="经办甲", unit_path=make.unit(UNIT).path)
        verbs.perform(db.session, order, "reply", clerk, {"reply": _FULL}, expected_version=order.version)
        db.session.commit()
        db.session.refresh(order)
        assert "same_again" in _codes(insights.review_draft(order, _FULL))
        assert "same_again" not in _codes(
            insights.review_draft(order, "主板11月28日已换好，电梯恢复运行，区住建局028-81234567。")
        )


def test_a_template_with_open_blanks_is_noticed_on_the_page(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        number = _order(make).number
        sign_in(client, make.staff("unit_clerk"))
    typed = "您好，您反映的电梯主板问题，{unit}于{date}到现场核实<b>。"
    page = post(
        client,
        f"/orders/{number}/actions/reply/check",
        {"version": "1", "reply": typed},
        page=f"/orders/{number}",
    ).get_data(as_text=True)
    assert "还没有填" in page
    assert "于{date}到现场核实&lt;b&gt;。</textarea>" in page
    assert "只供参考，不影响提交" in page
