"""Sending again is harmless: one key, one report, one answer; also when both arrive at the same moment."""

from __future__ import annotations

import threading
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core import clock
from core.database import db
from hotline.models import VisitBack, WorkOrder
from tests.community.resident import SATISFIED, TEXT, UNSOLVED, Resident, answer_it, picture, post, staff_do
from tests.factories import UNIT


def _orders(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(WorkOrder)) or 0


def test_same_key_same_body_is_the_same_answer(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    photo = resident.upload(picture()).get_json()["photo_id"]
    first = resident.report(key="k-1", photos=[photo], contact={"phone": "13812345678"})
    # what happens to it meanwhile does not change what the receipt said
    staff_do(
        app,
        first.get_json()["number"],
        ("dispatcher", "dispatch", {"lead_unit": UNIT}),
        ("unit_clerk", "sign_for", {}),
        ("unit_clerk", "ask_extension", {"days": 5, "reason": "等配件"}),
        ("dispatcher", "extend_deadline", {}),
    )
    with clock.advanced(timedelta(hours=3)):
        again = resident.report(key="k-1", photos=[photo], contact={"phone": "13812345678"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.get_data() == first.get_data()
    assert _orders(app) == 1


def test_same_key_other_body_is_a_conflict(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    assert resident.report(key="k-2").status_code == 201
    other = resident.report(key="k-2", title="别的事")
    assert (other.status_code, other.get_json()["code"]) == (409, "idempotency_key_reused")
    assert _orders(app) == 1


def test_without_a_key_two_posts_are_two_reports(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    numbers = {resident.report().get_json()["number"], resident.report().get_json()["number"]}
    assert len(numbers) == 2 == _orders(app)


def test_a_refused_request_does_not_use_up_its_key(client: FlaskClient) -> None:
    resident = Resident(client)
    assert resident.report(key="k-3", photos=["nobody-s"]).status_code == 422
    assert resident.report(key="k-3", text="").status_code == 422
    assert resident.report(key="k-3").status_code == 201


def test_a_key_nobody_can_mean(client: FlaskClient) -> None:
    for key in ("", "x" * 129, "\x7f"):
        answer = Resident(client).report(key=key)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "bad_idempotency_key"), key


def test_two_at_once_make_one_report(app: Flask) -> None:
    together = threading.Barrier(2)
    answers = []

    def send() -> None:
        client = app.test_client()
        together.wait()
        answers.append(post(client, "/api/v1/reports", {"text": TEXT}, key="at-once"))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_data() == answers[1].get_data()
    assert sorted("Idempotency-Replayed" in answer.headers for answer in answers) == [False, True]
    assert _orders(app) == 1


def test_judging_and_reopening_once_per_key(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    answer_it(app, resident.report().get_json()["number"])
    first = resident.judge(SATISFIED, key="j-1")
    reopened = resident.reopen("又坏了", key="r-1")
    assert (first.get_json()["status"], reopened.get_json()["status"]) == ("COMPLETED", "SIGNED_FOR")
    again, again_reopened = resident.judge(SATISFIED, key="j-1"), resident.reopen("又坏了", key="r-1")
    assert (again.status_code, again.get_data()) == (200, first.get_data())
    assert (again_reopened.status_code, again_reopened.get_data()) == (200, reopened.get_data())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert resident.judge(UNSOLVED, key="j-1").status_code == 409
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(VisitBack)) == 1


def test_two_judgements_at_once_count_once(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    answer_it(app, resident.report().get_json()["number"])
    together = threading.Barrier(2)
    statuses = []

    def send() -> None:
        mine = app.test_client()
        together.wait()
        answer = post(mine, f"{resident.address}/judgement", SATISFIED, headers=resident.code)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(VisitBack)) == 1
