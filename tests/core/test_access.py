"""Default deny, the whole role × route matrix, and what only the own unit may see."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.access import PUBLIC_ENDPOINTS, access_of
from core.database import db
from core.staff import ROLES, disable, reset_password
from tests.console_forms import post
from tests.factories import Factory, sign_in

ALL = frozenset(ROLES)
DESK = {"intake_operator", "dispatcher"}
UNIT = {"unit_clerk", "unit_lead", "grid_worker"}
OVERSEE = {"supervisor", "decision_maker", "auditor", "administrator"}
EVERYBODY = "everybody"
RECEIPT = "receipt"

# who each page is for, written down once more by hand: a permission widened by mistake fails here
EXPECTED: dict[str, object] = {
    "frame.home": EVERYBODY, "frame.login": EVERYBODY, "frame.charts_script": EVERYBODY,
    "frame.logout": ALL, "frame.password": ALL,
    "frame.staff": {"administrator"}, "frame.staff_action": {"administrator"},
    "frame.audit": {"auditor", "administrator"},
    "desk.start": ALL, "desk.queue": ALL,
    "desk.intake": DESK, "desk.intake_suggest": DESK,
    "desk.queue_order": ALL - {"administrator"}, "desk.queue_photo": ALL - {"administrator"},
    "desk.queue_act": DESK | UNIT | {"visit_back_agent", "supervisor", "administrator"},
    "desk.queue_check": DESK | UNIT | {"visit_back_agent", "supervisor", "administrator"},
    "desk.queue_category": DESK | {"supervisor"}, "desk.queue_urgency": DESK | {"supervisor"},
    "desk.queue_reveal": DESK | UNIT | {"visit_back_agent", "supervisor"},
    "desk.imports": {"administrator", "supervisor", "dispatcher"},
    "desk.imports_start": {"administrator", "supervisor", "dispatcher"},
    "desk.imports_run": {"administrator", "supervisor", "dispatcher"},
    "desk.imports_progress": {"administrator", "supervisor", "dispatcher"},
    "desk.hotspots": DESK | OVERSEE, "desk.hotspots_one": DESK | OVERSEE,
    "desk.hotspots_scan": {"supervisor", "administrator"},
    "desk.hotspots_verdict": {"dispatcher", "supervisor"},
    "desk.hotspots_acknowledge": {"dispatcher", "supervisor", "decision_maker"},
    "desk.hotspots_suppress": {"supervisor", "administrator"},
    "desk.hotspots_lift": {"supervisor", "administrator"},
    "desk.hotspots_assign": {"dispatcher", "supervisor"},
    "desk.hotspots_backtest": OVERSEE - {"auditor"}, "desk.hotspots_backtest_start": {"supervisor", "administrator"},
    "desk.hotspots_backtest_run": OVERSEE - {"auditor"}, "desk.hotspots_backtest_progress": OVERSEE - {"auditor"},
    "desk.reports": OVERSEE | {"dispatcher"}, "desk.reports_one": OVERSEE | {"dispatcher"},
    "desk.reports_file": OVERSEE | {"dispatcher"}, "desk.reports_publish": {"supervisor", "administrator"},
    "desk.reports_style": EVERYBODY,
    "desk.models": {"supervisor", "administrator", "auditor", "decision_maker"},
    "desk.models_back": {"administrator"},
    "desk.labels": DESK | {"supervisor"}, "desk.labels_confirm": DESK | {"supervisor"},
    "desk.warnings": DESK | UNIT | {"visit_back_agent", "supervisor"},
    "desk.jobs": {"administrator", "supervisor"}, "desk.jobs_once": {"administrator", "supervisor"},
    "resident_api.upload": EVERYBODY, "resident_api.report": EVERYBODY, "resident_api.categories": EVERYBODY,
    "resident_api.health": EVERYBODY, "resident_docs.page": EVERYBODY,
    "resident_api.show": RECEIPT, "resident_api.judge": RECEIPT, "resident_api.reopen": RECEIPT,
    "resident_api.photo": RECEIPT,
}  # fmt: skip
SAMPLE = {"number": "20260101-0000000", "action": "note", "token": "AAAAAAAAAAAAAAAAAAAAAA", "hotspot_id": "1",
          "week": "2026-W01", "form": "docx", "name": "tidy", "staff_id": "999999", "photo_id": "1"}  # fmt: skip


def _routes(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of every route that is not a library's."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC_ENDPOINTS:
            continue
        values = {name: SAMPLE.get(name, "1") for name in rule.arguments}
        if rule.endpoint == "frame.staff_action":
            values["action"] = "reset"
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, values)
        found += [
            (rule.endpoint, method, address) for method in sorted((rule.methods or set()) & {"GET", "POST"})
        ]
    return found


def test_every_route_says_whom_it_is_for(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        assert access is not None, f"{rule.endpoint} ({rule.rule}) is unguarded"
        if access.kind == "everybody":
            assert len(access.reason) > 5, f"{rule.endpoint} is open without a reason"


def test_the_marks_are_the_table(app: Flask) -> None:
    told = {}
    for endpoint in {endpoint for endpoint, _, _ in _routes(app)}:
        access = access_of(app, endpoint)
        assert access is not None
        told[endpoint] = set(access.roles) if access.kind == "staff" else access.kind
    assert told == {name: set(who) if not isinstance(who, str) else who for name, who in EXPECTED.items()}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_what_a_role_is_answered(app: Flask, role: str) -> None:
    """The matrix as the application really answers: refused with 403 where the table says so, and nowhere else."""
    with app.app_context():
        staff = Factory(app).staff(role)
        app.config["WTF_CSRF_ENABLED"] = False
        try:
            for endpoint, method, address in _routes(app):
                who = EXPECTED[endpoint]
                if isinstance(who, str) or endpoint == "frame.logout":
                    continue
                client = sign_in(app.test_client(), staff)
                status = client.open(address, method=method).status_code
                assert (status == 403) == (role not in who), f"{role} {method} {address}: {status}"  # type: ignore[operator]
                db.session.rollback()
        finally:
            app.config["WTF_CSRF_ENABLED"] = True


def test_a_stranger_is_sent_to_sign_in_or_refused(app: Flask, client: FlaskClient) -> None:
    for endpoint, method, address in _routes(app):
        if isinstance(EXPECTED[endpoint], str):
            continue
        answer = client.open(address, method=method)
        if method == "GET":
            assert answer.status_code == 302 and "/login?next=" in answer.location, address
        else:
            assert answer.status_code in (400, 401), address  # no token, or nobody


def test_an_unmarked_view_is_closed(app: Flask) -> None:
    from flask import Flask as Plain

    from core import access, problems
    from core.errors import NotAllowed

    bare = Plain("bare")
    bare.config.update(TESTING=True, SECRET_KEY="x" * 32)
    bare.add_url_rule("/secret", "secret", lambda: "secret")
    access.install(bare)
    with pytest.raises(NotAllowed):
        bare.test_client().get("/secret")
    assert problems.status_of(NotAllowed("")) == 403


def test_a_unit_sees_its_own_subtree_only(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        mine, other = (
            make.order_at("DISPATCHED", unit="QY-FN").number,
            make.order_at("DISPATCHED", unit="QY-ZF").number,
        )
        below = make.order_at("DISPATCHED", unit="QY-FN-001").number
        sign_in(client, make.staff("unit_clerk", "QY-FN"))
    listed = client.get("/orders?tab=all").get_data(as_text=True)
    assert mine in listed and below in listed and other not in listed
    assert client.get(f"/orders/{mine}").status_code == 200
    assert client.get(f"/orders/{other}").status_code == 404
    assert other not in client.get(f"/orders?tab=all&q={other}").get_data(as_text=True).replace(
        f'value="{other}"', ""
    )
    assert (
        post(client, f"/orders/{other}/actions/sign_for", {"version": "1"}, page="/password").status_code
        == 404
    )


def test_a_complaint_about_a_unit_is_hidden_from_it_and_below(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        about = make.unit("QY-FN").id
        order = make.order_at("DISPATCHED", unit="QY-ZF", about_unit_id=about)
        from hotline.models import AssistingUnit

        order.assisting.append(AssistingUnit(unit_id=make.unit("QY-FN-001").id))
        db.session.commit()
        number = order.number
        hidden_from = [
            sign_in(app.test_client(), make.staff("unit_lead", "QY-FN")),
            sign_in(app.test_client(), make.staff("grid_worker", "QY-FN-001")),
        ]
        sign_in(client, make.staff("unit_clerk", "QY-ZF"))
    for person in hidden_from:
        assert person.get(f"/orders/{number}").status_code == 404
        assert number not in person.get("/orders?tab=all").get_data(as_text=True)
    assert client.get(f"/orders/{number}").status_code == 200


def test_a_form_without_token_is_refused(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        sign_in(client, Factory(app).staff("intake_operator"))
    assert client.post("/orders/new", data={"text": "没有令牌"}).status_code == 400


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_this_site_only(app: Flask, client: FlaskClient, elsewhere: str) -> None:
    with app.app_context():
        staff = Factory(app).staff("dispatcher")
        name = staff.username
    from tests.factories import PASSWORD

    answer = client.post(
        f"/login?next={elsewhere}",
        data={"csrf_token": _token(client), "username": name, "password": PASSWORD},
    )
    assert answer.status_code == 302 and answer.location == "/orders"


def _token(client: FlaskClient) -> str:
    from tests.console_forms import token

    return token(client, "/login")


def test_sessions_end_when_they_must(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        reset, closed = make.staff("dispatcher"), make.staff("dispatcher")
        one, two = sign_in(client, reset), sign_in(app.test_client(), closed)
        assert one.get("/orders").status_code == two.get("/orders").status_code == 200
        reset_password(db.session.merge(reset))
        disable(db.session.merge(closed))
        db.session.commit()
    assert one.get("/orders").status_code == two.get("/orders").status_code == 302


def test_a_first_password_must_be_changed_before_anything_else(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        staff = Factory(app).staff("dispatcher")
        staff.must_change_password = True
        db.session.commit()
        sign_in(client, staff)
    answer = client.get("/orders")
    assert answer.status_code == 302 and answer.location == "/password"
    assert client.get("/password").status_code == 200


def test_headers_and_cookies_protect_the_page(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/login")
    policy = answer.headers["Content-Security-Policy"]
    assert (
        "script-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe-eval" not in policy
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
