"""查重记忆: the index of recent orders follows the database: new ones at once, old ones bit by bit, one's own never early."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from core import clock
from core.database import db
from hotline.insights import memory
from tests.factories import Factory

TEXT = "同德花园3栋旁边的搅拌站半夜施工，噪音和灰尘都很大"


def _ids(session: Session, besides: int | None = None) -> set[int]:
    found = memory.candidates(session, clock.now(), TEXT, "", besides=besides, k=20)
    return {int(match.id) for match in found}


def test_an_order_s_own_row_is_left_out_now_and_found_later(session: Session, make: Factory) -> None:
    first = make.order(text=TEXT).id
    second = make.order(text=TEXT + "，请管一管").id
    db.session.commit()
    assert _ids(session, besides=second) == {first}
    # no order came since: the one left out must be found all the same
    assert _ids(session) == {first, second}
    assert _ids(session, besides=first) == {first, second}


def test_new_orders_are_found_at_once(session: Session, make: Factory) -> None:
    assert _ids(session) == set()
    first = make.order(text=TEXT).id
    assert _ids(session) == {first}
    second = make.order(text=TEXT).id
    assert _ids(session) == {first, second}


def test_old_orders_come_in_bit_by_bit(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "READ_AT_FIRST", 2)
    monkeypatch.setattr(memory, "READ_LATER", 3)
    monkeypatch.setattr(memory, "KEEP_ORDERS", 8)
    ids = [make.order(text=TEXT, reported_at=clock.now() - timedelta(days=n)).id for n in range(10)]
    db.session.commit()
    seen = [len(_ids(session)) for _ in range(4)]
    assert seen == [5, 8, 8, 8]
    assert _ids(session) == set(ids[2:])


def test_many_orders_at_once_begin_the_index_again(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "READ_AT_FIRST", 1)
    monkeypatch.setattr(memory, "READ_LATER", 2)
    before = make.order(text=TEXT).id
    assert _ids(session) == {before}
    ids = [make.order(text=TEXT).id for _ in range(6)]
    assert _ids(session) == set(ids[-3:])
    for _ in range(2):
        found = _ids(session)
    assert found == {before, *ids}
