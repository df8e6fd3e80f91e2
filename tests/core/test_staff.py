"""Accounts: what a password must be, what a wrong one brings, and what ends a session."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core import clock, staff
from core.database import db
from core.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from core.staff import LOCK_FOR, MAX_FAILURES, Staff
from tests.factories import PASSWORD, Factory, sign_in

WRONG = "not-the-password"


def refused(session: Session, username: str, password: str) -> tuple[str, str]:
    """Code and words of a refusal."""
    with pytest.raises(NotSignedIn) as told:
        staff.sign_in(session, username, password)
    session.commit()
    return told.value.code, told.value.detail


@pytest.fixture
def person(make: Factory) -> Staff:
    return make.staff("dispatcher", username="zhang.san")


def test_signing_in(session: Session, person: Staff) -> None:
    assert staff.sign_in(session, " ZHANG.San ", PASSWORD) is person
    assert person.last_login_at is not None
    assert PASSWORD not in person.password_hash
    assert person.password_hash.startswith("$argon2id$")


def test_the_same_words_for_a_wrong_name_and_a_wrong_password(session: Session, person: Staff) -> None:
    assert refused(session, "nobody", PASSWORD) == refused(session, "zhang.san", WRONG)
    staff.disable(person)
    assert refused(session, "zhang.san", PASSWORD) == refused(session, "nobody", PASSWORD)


def test_locked_after_five(session: Session, person: Staff) -> None:
    codes = [refused(session, "zhang.san", WRONG)[0] for _ in range(MAX_FAILURES)]
    assert codes == ["wrong_credentials"] * 5
    code, words = refused(session, "zhang.san", PASSWORD)  # the right one does not help now
    assert code == "locked"
    assert "15 分钟" in words or "16 分钟" in words
    with clock.advanced(LOCK_FOR - timedelta(seconds=30)):
        assert refused(session, "zhang.san", PASSWORD)[0] == "locked"
    with clock.advanced(LOCK_FOR + timedelta(seconds=1)):
        assert staff.sign_in(session, "zhang.san", PASSWORD) is person
    assert (person.failures, person.locked_until) == (0, None)


def test_success_starts_the_count_anew(session: Session, person: Staff) -> None:
    for _ in range(2):
        for _ in range(MAX_FAILURES - 1):
            refused(session, "zhang.san", WRONG)
        staff.sign_in(session, "zhang.san", PASSWORD)
        session.commit()
    assert person.locked_until is None


def test_a_lock_is_one_person_s(session: Session, make: Factory, person: Staff) -> None:
    other = make.staff("auditor", username="li-si")
    for _ in range(MAX_FAILURES):
        refused(session, "zhang.san", WRONG)
    assert staff.sign_in(session, "li-si", PASSWORD) is other


@pytest.mark.parametrize("weak", ["", "short", "123456789", "aaaaaaaaaaaa", "abababababab", "Zhang.San2026"])
def test_weak_passwords(session: Session, person: Staff, weak: str) -> None:
    before = person.password_hash
    with pytest.raises(InvalidInput) as told:
        staff.change_password(person, PASSWORD, weak)
    assert "password" in told.value.context["fields"]
    assert person.password_hash == before
    with pytest.raises(InvalidInput):
        staff.hash_password(weak, username="zhang.san")


def test_changing_one_s_own(session: Session, person: Staff) -> None:
    epoch = person.session_epoch
    for old, new, field in [(WRONG, "Another-good-1", "old"), (PASSWORD, PASSWORD, "new")]:
        with pytest.raises(InvalidInput) as told:
            staff.change_password(person, old, new)
        assert field in told.value.context["fields"]
    assert person.session_epoch == epoch
    staff.change_password(person, PASSWORD, "Another-good-1")
    assert person.session_epoch == epoch + 1
    assert refused(session, "zhang.san", PASSWORD)[0] == "wrong_credentials"
    assert staff.sign_in(session, "zhang.san", "Another-good-1") is person


def test_reset_unlocks_and_asks_for_a_new_password(session: Session, person: Staff) -> None:
    for _ in range(MAX_FAILURES):
        refused(session, "zhang.san", WRONG)
    first, second = staff.reset_password(person), staff.reset_password(person)
    assert first != second
    assert len(second) >= staff.MIN_PASSWORD
    assert staff.sign_in(session, "zhang.san", second).must_change_password
    assert refused(session, "zhang.san", first)[0] == "wrong_credentials"
    staff.change_password(person, second, "Another-good-1")
    assert not person.must_change_password


@pytest.mark.parametrize("end", ["reset", "disable", "change"])
def test_what_ends_every_session(app: Flask, client: FlaskClient, end: str) -> None:
    with app.app_context():
        sign_in(client, Factory(app).staff("dispatcher", username="zhang.san"))
    assert client.get("/orders").status_code == 200
    with app.app_context():
        person = staff.find(db.session, "zhang.san")
        if end == "reset":
            staff.reset_password(person)
        elif end == "disable":
            staff.disable(person)
        else:
            staff.change_password(person, PASSWORD, "Another-good-1")
        db.session.commit()
    answer = client.get("/orders")
    assert answer.status_code in (302, 401)
    assert answer.status_code == 401 or "sign" in answer.location or "login" in answer.location


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "a"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "a/b"}, "username"),
        ({"username": "x" * 65}, "username"),
        ({"name": "  "}, "name"),
        ({"role": "king"}, "role"),
        ({"role": "unit_clerk"}, "unit"),
        ({"role": "grid_worker"}, "unit"),
    ],
)
def test_what_an_account_must_have(session: Session, changes: dict[str, str], field: str) -> None:
    given = {"username": "wang-wu", "name": "王五", "role": "auditor", "password": PASSWORD} | changes
    with pytest.raises(InvalidInput) as told:
        staff.add(session, **given)  # type: ignore[arg-type]
    assert field in told.value.context["fields"]


def test_names_are_taken_once(session: Session, person: Staff) -> None:
    with pytest.raises(Conflict, match="zhang"):
        staff.add(session, username=" Zhang.San", name="另一人", role="auditor", password=PASSWORD)
    assert staff.find(session, "ZHANG.SAN ") is person
    with pytest.raises(NotFound, match="nobody"):
        staff.find(session, "nobody")
