"""Who may see a report: whoever shows its code, and the answer never tells which reports exist."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from community import receipts
from core.access import access_of
from core.database import db
from hotline.models import WorkOrder
from tests.community.resident import SATISFIED, Resident, picture, post
from wsgi import create_app

SECURED = [
    ("GET", ""),
    ("POST", "/judgement"),
    ("POST", "/reopen"),
    ("GET", "/photos/abc"),
]


@pytest.mark.parametrize(("method", "below"), SECURED)
def test_wrong_and_missing_codes_tell_nothing(client: FlaskClient, method: str, below: str) -> None:
    resident, other = Resident(client), Resident(client)
    resident.report()
    other.report()

    def ask(number: str, authorization: str | None) -> tuple[int, str, str]:
        headers = {"Authorization": authorization} if authorization is not None else {}
        address = f"/api/v1/reports/{number}{below}"
        answer = (
            client.get(address, headers=headers)
            if method == "GET"
            else post(client, address, SATISFIED, headers=headers)
        )
        return answer.status_code, answer.get_json()["code"], answer.get_json()["detail"]

    real, none = resident.receipt["number"], "20261123-0000000"
    for shown in (None, "", "Basic abc", "Bearer", "Bearer  "):
        assert ask(real, shown) == ask(none, shown)
        assert ask(real, shown)[:2] == (401, "access_code_missing")
    for shown in ("Bearer x", f"Bearer {other.receipt['access_code']}", "Bearer é", "Bearer " + "A" * 5000):
        assert ask(real, shown) == ask(none, shown)
        assert ask(real, shown)[:2] == (401, "access_code_wrong")
    assert client.get(resident.address).headers["WWW-Authenticate"] == "Bearer"


def test_the_code_in_the_address_is_not_accepted(client: FlaskClient) -> None:
    resident = Resident(client)
    resident.report()
    code = resident.receipt["access_code"]
    assert client.get(f"{resident.address}?access_code={code}&code={code}").status_code == 401
    assert code not in " ".join(resident.receipt["links"].values())


def test_a_code_copied_in_groups_and_small_letters_holds(client: FlaskClient) -> None:
    resident = Resident(client)
    resident.report()
    code = resident.receipt["access_code"].lower()
    grouped = "-".join(code[at : at + 4] for at in range(0, len(code), 4))
    assert client.get(resident.address, headers={"Authorization": f"bearer {grouped}"}).status_code == 200


def test_codes_belong_to_an_installation_and_to_one_order(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    resident.report()
    settings = app.extensions["settings"]
    with app.app_context():
        order = db.session.execute(select(WorkOrder)).scalar_one()
        code = receipts.access_code(settings, order)
        assert code == resident.receipt["access_code"]
        assert receipts.holds(settings, order, code)
        assert not receipts.holds(settings, order, code[:-1])
        assert not receipts.holds(settings, order, "")
        assert receipts.access_code(replace(settings, secret_key="another" * 8), order) != code


def test_answers_are_not_kept_by_caches(client: FlaskClient) -> None:
    resident = Resident(client)
    assert resident.report().headers["Cache-Control"] == "no-store"
    assert client.get(resident.address, headers=resident.code).headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/categories").headers["Cache-Control"].startswith("public")


def test_every_route_says_whom_it_is_for(app: Flask) -> None:
    mine = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("resident_api.", "resident_docs."))
    ]
    assert len(mine) == 9
    kinds = {endpoint: access.kind for endpoint in mine if (access := access_of(app, endpoint))}
    assert set(kinds) == set(mine)
    assert {endpoint for endpoint, kind in kinds.items() if kind == "receipt"} == {
        "resident_api.show", "resident_api.judge", "resident_api.reopen", "resident_api.photo",
    }  # fmt: skip


@pytest.fixture
def limited(app: Flask) -> Iterator[Flask]:
    """The same installation as ``app`` with its limits on, as anywhere but in tests."""
    strict = create_app(replace(app.extensions["settings"], environment="demo"))
    yield strict
    with strict.app_context():
        db.engine.dispose()


def test_posting_too_often_is_refused(limited: Flask) -> None:
    resident = Resident(limited.test_client())
    assert [resident.report().status_code for _ in range(11)] == [201] * 10 + [429]
    refused = resident.report()
    assert (refused.mimetype, refused.get_json()["code"]) == ("application/problem+json", "too_many_requests")
    assert [resident.upload(picture((4, 4))).status_code for _ in range(31)] == [201] * 30 + [429]
    assert resident.see()["status"] == "REGISTERED"


def test_the_log_holds_no_code_and_no_contact(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        resident = Resident(client)
        resident.report(contact={"name": "李女士", "phone": "13812345678"})
        resident.see()
    for secret in (resident.receipt["access_code"], "13812345678", "李女士"):
        assert secret not in caplog.text
