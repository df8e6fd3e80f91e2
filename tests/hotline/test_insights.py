"""Insights over the database: hotspots keep their identity, reports are published once and as they were, clocks hasten."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core import clock
from core.audit import Actor
from core.database import db
from core.errors import Conflict, InvalidInput
from hotline import importing, insights, intake
from hotline.hotspot_records import HotspotRecord
from hotline.insights.hotspots import without_false
from hotline.models import OrderInsight, PublishedReport, WorkOrder
from tests.console_forms import post
from tests.factories import Factory, sign_in

_MATTERS = [
    "路灯不亮",
    "垃圾没有清运",
    "违停车辆多",
    "健身器材坏了",
    "楼上漏水",
    "树枝挡住窗户",
    "下水道返味",
]
_BURST = [
    "工地半夜打桩吵得睡不着", "施工到凌晨两点孩子没法睡", "通宵施工噪音太大", "夜间施工扰民没人管",
    "十二点以后还在浇混凝土", "打桩机响了一夜", "连夜违规施工影响三百多户", "凌晨一点渣土车还在进出",
    "夜里施工机器轰鸣心脏受不了", "连续三晚夜间施工", "半夜施工关窗也听得见", "要求停止夜间施工",
]  # fmt: skip


def _history(make: Factory) -> None:
    """Eight quiet weeks and, in the last two days, a burst in 同德社区."""
    now = clock.now()
    areas = [make.area(name) for name in ("同德社区", "草市街街道", "少城街道", "金沙街道", "苏坡街道")]
    batch = importing.new_batch(
        db.session, token="history-history", file_name="h", path=None, by_id=None, source="t"
    )
    requests = [
        intake.Request(
            text=f"{areas[n % 5].name}{_MATTERS[n % 7]}已经{n % 6 + 1}天", area=areas[n % 5], source="t",
            external_number=f"q{n}", reported_at=now - timedelta(days=60 - n * 56 / 150), category_code="0113",
            complainant_alias=f"q{n}",
        )
        for n in range(150)
    ] + [
        intake.Request(
            text=f"同德社区{text}", area=areas[0], source="t", external_number=f"b{n}", category_code="0501",
            reported_at=now - timedelta(hours=44 - n * 3.5), complainant_alias=f"b{n}",
        )
        for n, text in enumerate(_BURST)
    ]  # fmt: skip
    intake.accept_many(
        db.session, make.vault, requests, Actor(role="system", name="历史"), import_batch_id=batch.id
    )
    db.session.commit()


def test_a_burst_is_found_kept_under_one_identity_and_laid_to_rest(session: Any, make: Factory) -> None:
    _history(make)
    now = clock.now()
    found = insights.scan_hotspots(session, now)
    assert len(found) == 1
    spot = found[0]
    assert "同德社区" in spot.place and spot.category == "环境保护/噪音扰民" and spot.status == "emerging"
    assert spot.observed >= 10 and spot.expected < 2 and spot.q_value < 0.01
    members = session.scalars(
        select(WorkOrder.external_number).join_from(WorkOrder, HotspotRecord.members.property.mapper.class_)
    )
    assert {number[0] for number in members} == {"b"}
    again = insights.scan_hotspots(session, now + timedelta(hours=1))
    assert [row.id for row in again] == [spot.id]
    assert spot.first_seen_at == now and spot.last_seen_at == now + timedelta(hours=1)
    assert insights.scan_hotspots(session, now + timedelta(days=40)) == []
    assert (spot.active, spot.status) == (False, "resolved")


def test_the_hotspot_pages_show_it_and_drill_to_its_orders(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        _history(make)
        sign_in(client, make.staff("supervisor"))
    assert post(client, "/hotspots/scan", page="/hotspots").status_code == 302
    listing = client.get("/hotspots").get_data(as_text=True)
    assert "噪音" in listing and "新发" in listing
    with app.app_context():
        key = db.session.execute(select(HotspotRecord.id)).scalar_one()
    page = client.get(f"/hotspots/{key}").get_data(as_text=True)
    assert "按之前 56 天的自身水平" in page and "每日件数" in page and "青羊区综合行政执法局" in page
    orders = client.get(f"/orders?hotspot={key}&tab=all").get_data(as_text=True)
    assert "共 12 件" in orders


def test_what_was_judged_false_is_not_in_the_report(session: Any, make: Factory) -> None:
    _history(make)
    now = clock.now()
    found = insights.found_at(session, now)
    [record] = insights.keep_hotspots(session, found, now)
    assert without_false(session, found, now) == found
    record.verdict, record.verdict_at = "known", now
    session.flush()
    assert without_false(session, found, now) == found
    record.verdict = "false"
    session.flush()
    assert without_false(session, found, now) == []
    # As of a moment before the verdict the report stays what it was.
    assert without_false(session, found, now - timedelta(hours=1)) == found


def test_a_report_is_published_once_and_kept_as_it_was(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        _history(make)
        sign_in(client, make.staff("supervisor"))
    week = clock.iso_week(clock.now() - timedelta(weeks=2))
    assert post(client, "/reports/publish", {"week": week}, page="/reports").status_code == 302
    assert post(client, "/reports/publish", {"week": week}, page="/reports").status_code == 409
    page = client.get(f"/reports/{week}").get_data(as_text=True)
    assert "总体情况" in page and "统计口径" in page
    word = client.get(f"/reports/{week}/file.docx")
    assert word.mimetype.endswith("wordprocessingml.document")
    assert any("热点报告" in p.text for p in Document(BytesIO(word.data)).paragraphs)
    assert client.get(f"/reports/{week}/file.pdf").data.startswith(b"%PDF")
    before = client.get(f"/reports/{week}/file.json").data
    with app.app_context():
        Factory(app).order("后来补登的一件", reported_at=clock.monday_of(week) + timedelta(days=1))
    assert client.get(f"/reports/{week}/file.json").data == before, "a published report changed"
    assert client.get("/reports/2020-W01").status_code == 404
    for wrong in ("2026-46", "2026-W60", clock.iso_week(clock.now() + timedelta(weeks=2))):
        assert post(client, "/reports/publish", {"week": wrong}, page="/reports").status_code == 422


def test_a_report_whose_sums_fail_is_refused_by_name_and_nothing_is_published(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make = Factory(app)
        _history(make)
        sign_in(client, make.staff("supervisor"))
    from hotline.insights import weekly

    monkeypatch.setattr(
        weekly, "_previous", lambda session, start: {clock.iso_week(start - timedelta(days=1)): 999_999}
    )
    week = clock.iso_week(clock.now() - timedelta(weeks=2))
    answer = post(client, "/reports/publish", {"week": week}, page="/reports")
    assert answer.status_code == 409 and "合计对不上" in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(PublishedReport)) == 0


def test_publishing_twice_is_refused_by_the_rule_too(session: Any, make: Factory) -> None:
    make.order()
    week = clock.iso_week(clock.now())
    prepared = insights.prepare_weekly_report(session, week)
    insights.publish(session, prepared, "甲")
    with pytest.raises(Conflict):
        insights.publish(session, prepared, "乙")
    with pytest.raises(InvalidInput):
        insights.weekly_report(session, "去年")


def test_an_urgent_report_hastens_its_clocks(session: Any, make: Factory) -> None:
    order = make.order("锦澜苑燃气泄漏味道很大，有老人头晕倒地，快来人")
    slow = {row.clock: row.due_at for row in order.deadlines}
    insights.classify(session, order)
    session.flush()
    assert order.urgent and order.insight is not None and order.insight.urgency["why"]
    first = [row for row in order.deadlines if row.clock == "first_response"]
    assert len(first) == 1 and first[0].due_at - first[0].started_at == timedelta(hours=2)
    assert all(row.due_at <= slow.get(row.clock, row.due_at) for row in order.deadlines), "a clock got slower"


def test_orders_left_without_suggestions_are_caught_up(session: Any, make: Factory) -> None:
    make.order("锦澜苑电梯停运")
    make.order("人行道井盖缺失，很危险")
    assert insights.classify_pending(session) == 2
    assert insights.classify_pending(session) == 0
    kept = session.scalars(select(OrderInsight)).all()
    assert all(row.categories and row.model for row in kept)
