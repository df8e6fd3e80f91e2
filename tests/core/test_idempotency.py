"""A key sent twice, at once or later, does the thing once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.database import db
from core.errors import Conflict, InvalidInput
from core.idempotency import KEEP_FOR, MAX_KEY, IdempotencyKey, claim, digest_of, forget_old, settle

ONE, OTHER = digest_of({"text": "路灯坏了"}), digest_of({"text": "井盖丢失"})


def test_first_then_the_same_answer(session: Session) -> None:
    assert claim(session, "reports", "k", ONE) is None
    settle(session, "reports", "k", "20261123-1")
    session.commit()
    assert claim(session, "reports", "k", ONE) == "20261123-1"
    assert claim(session, "reports", "k", ONE) == "20261123-1"


def test_other_content_is_a_conflict(session: Session) -> None:
    claim(session, "reports", "k", ONE)
    settle(session, "reports", "k", "x")
    with pytest.raises(Conflict) as told:
        claim(session, "reports", "k", OTHER)
    assert told.value.code == "idempotency_key_reused"


def test_scopes_are_apart(session: Session) -> None:
    assert claim(session, "reports", "k", ONE) is None
    assert claim(session, "photos", "k", OTHER) is None


def test_rolled_back_is_as_if_never_sent(session: Session) -> None:
    assert claim(session, "reports", "k", ONE) is None
    session.rollback()
    assert claim(session, "reports", "k", OTHER) is None


@pytest.mark.parametrize("key", ["", "x" * (MAX_KEY + 1), "a\nb", "a\x00", "\u202e"])
def test_malformed_keys(session: Session, key: str) -> None:
    with pytest.raises(InvalidInput) as told:
        claim(session, "reports", key, ONE)
    assert told.value.code == "bad_idempotency_key"


def test_the_longest_key(session: Session) -> None:
    assert claim(session, "reports", "键" * MAX_KEY, ONE) is None


def test_digests_look_at_content_only() -> None:
    assert digest_of({"a": 1, "b": [1, 2]}) == digest_of({"b": [1, 2], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": "1"})
    assert digest_of([1, 2]) != digest_of([2, 1])


def test_old_keys_are_forgotten(session: Session) -> None:
    claim(session, "reports", "old", ONE)
    with clock.advanced(KEEP_FOR - timedelta(hours=1)):
        claim(session, "reports", "young", ONE)
        assert forget_old(session) == 0
    with clock.advanced(KEEP_FOR + timedelta(seconds=1)):
        assert forget_old(session) == 1
    assert session.scalars(select(IdempotencyKey.key)).all() == ["young"]


@pytest.mark.parametrize("fails", [False, True])
def test_two_at_once(app: Flask, fails: bool) -> None:
    """The second waits for the first: it gets the first's answer or, when that one failed, does the work itself."""
    first_has_claimed, answers = threading.Event(), {}

    def first() -> None:
        with app.app_context():
            assert claim(db.session, "reports", "k", ONE) is None
            first_has_claimed.set()
            # the other is, by now or soon, waiting on the row
            first_may_end.wait(0.3)
            if fails:
                db.session.rollback()
            else:
                settle(db.session, "reports", "k", "made by the first")
                db.session.commit()
            db.session.remove()

    def second() -> None:
        first_has_claimed.wait(10)
        with app.app_context():
            answers["second"] = claim(db.session, "reports", "k", ONE)
            if answers["second"] is None:
                settle(db.session, "reports", "k", "made by the second")
            db.session.commit()
            db.session.remove()

    first_may_end = threading.Event()
    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == {"second": None if fails else "made by the first"}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1
        subject = db.session.scalar(select(IdempotencyKey.subject))
        assert subject == ("made by the second" if fails else "made by the first")
