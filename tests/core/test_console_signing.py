"""Signing in and out through the door: the same words for every failure, lockout, and accounts that start safely."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.staff import Staff
from tests.console_forms import post
from tests.factories import PASSWORD, Factory, sign_in


def _try(client: FlaskClient, name: str, password: str) -> tuple[int, str]:
    answer = post(client, "/login", {"username": name, "password": password})
    return answer.status_code, answer.get_data(as_text=True)


def test_wrong_name_and_wrong_password_sound_alike_and_five_lock_the_account(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        name = Factory(app).staff("dispatcher").username
    status, stranger = _try(client, "nobody-here", "whatever-1234")
    assert status == 401
    for _ in range(5):
        status, known = _try(client, name, "wrong-password-1")
        assert status == 401
        # only the name that was typed and the form's token differ
        assert _plain(known).replace(name, "X") == _plain(stranger).replace("nobody-here", "X")
    status, locked = _try(client, name, PASSWORD)
    assert status == 401 and "账号已锁定" in locked
    with app.app_context():
        failed = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "login.failed")).all()
        assert len(failed) == 7


def _plain(page: str) -> str:
    return re.sub(r'name="csrf_token"[^>]*value="[^"]+"', "", page)


def test_signing_in_and_out_is_written_down(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        name = Factory(app).staff("decision_maker").username
    assert _try(client, name.upper(), PASSWORD)[0] == 302
    assert client.get("/start").location == "/reports"
    assert post(client, "/logout", page="/password").status_code == 302
    assert client.get("/orders").status_code == 302
    with app.app_context():
        assert set(db.session.scalars(select(AuditEntry.action))) == {"login", "logout"}


def test_an_administrator_opens_resets_and_closes_accounts(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        boss = Factory(app).staff("administrator")
        boss_id = boss.id
        sign_in(client, boss)
    form = {"username": "xin-ren", "name": "新人", "role": "unit_clerk", "unit": ""}
    refused = post(client, "/staff", form)
    assert refused.status_code == 422 and "必须属于一个承办单位" in refused.get_data(as_text=True)
    assert post(client, "/staff", form | {"unit": "QY-FN"}).status_code == 302
    page = client.get("/staff").get_data(as_text=True)
    shown = re.search(r"初始密码 (\S+?)（", page)
    assert shown is not None and "xin-ren" in page
    assert shown.group(1) not in client.get("/staff").get_data(as_text=True), "a password is shown once"
    newcomer = app.test_client()
    assert _try(newcomer, "xin-ren", shown.group(1))[0] == 302
    assert newcomer.get("/orders").location == "/password"
    change = {"old": shown.group(1), "new": "A-better-one-9", "again": "A-better-one-9"}
    assert post(newcomer, "/password", change | {"again": "different"}).status_code == 422
    assert post(newcomer, "/password", change).status_code == 302
    assert newcomer.get("/orders").status_code == 200
    with app.app_context():
        key = db.session.execute(select(Staff.id).where(Staff.username == "xin-ren")).scalar_one()
    assert post(client, f"/staff/{key}/disable", page="/staff").status_code == 302
    assert newcomer.get("/orders").status_code == 302
    assert post(client, f"/staff/{boss_id}/disable", page="/staff").status_code == 422
    audit = client.get("/audit").get_data(as_text=True)
    assert "开账号" in audit and "停用账号" in audit and "staff:xin-ren" in audit
