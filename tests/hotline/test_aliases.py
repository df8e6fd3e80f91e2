"""学得地名: confirmed orders teach the list of places; what the machine set itself teaches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.areas import Area, Estate
from core.database import db
from hotline import dispatch
from hotline.insights import aliases, memory
from hotline.models import OrderInsight, WorkOrder
from tests.factories import Factory

NAME = "老印刷厂"
GRID = "同德第六网格"
ELSEWHERE = ("草市街街道", "少城街道", "金沙街道", "苏坡街道", "光华街道", "文家街道")


@pytest.fixture(autouse=True)
def fresh(session: Session) -> Iterator[None]:
    """The list is a seed table: nothing of these tests may stay in it, nor in what the process remembers."""
    memory.forget()
    yield
    db.session.rollback()
    db.session.info.pop("places", None)
    memory.forget()


def _orders(
    make: Factory, area: str, n: int = 5, text: str = f"{NAME}没有路灯", **more: Any
) -> list[WorkOrder]:
    return [
        make.order(text=text, area=make.area(area), phone=f"1380000{make.area(area).id:03d}{k}", **more)
        for k in range(n)
    ]


def _suggested(orders: list[WorkOrder], code: str, confidence: float) -> None:
    for order in orders:
        order.insight = OrderInsight(
            order_id=order.id, model="t", made_at=clock.now(), place={"code": code, "confidence": confidence}
        )
    db.session.commit()


def _learnt(session: Session) -> dict[str, str]:
    rows = session.execute(select(Estate.name, Area.name).join(Area).where(Estate.kind == aliases.KIND))
    return {name: area for name, area in rows}


def test_a_name_operators_placed_is_learnt_and_found_from_then_on(session: Session, make: Factory) -> None:
    _orders(make, GRID)
    assert [(one.name, one.code, one.n) for one in aliases.learnt_aliases(session)] == [
        (NAME, make.area(GRID).code, 5)
    ]
    assert _learnt(session) == {}
    assert memory.gazetteer(session).resolve(f"{NAME}停水") == []
    done = aliases.learn(session)
    assert done["learnt"] == 1
    assert done["added"] == [f"{NAME}→{make.area(GRID).full_name}"]
    found = memory.gazetteer(session).resolve(f"{NAME}停水")[0]
    assert found.code == make.area(GRID).code
    assert found.confidence > 0.6
    again = aliases.learn(session)
    assert (again["added"], again["moved"], again["dropped"], again["learnt"]) == ([], [], [], 1)


def test_what_the_machine_set_itself_teaches_nothing(session: Session, make: Factory) -> None:
    orders = _orders(make, GRID)
    code = make.area(GRID).code
    _suggested(orders, code, 0.9)
    assert aliases.learnt_aliases(session) == []
    _suggested(orders, code, 0.3)  # too unsure to have been written into the order
    assert len(aliases.learnt_aliases(session)) == 1
    _suggested(orders, make.area("少城街道").code, 0.9)  # a person knew better
    assert len(aliases.learnt_aliases(session)) == 1


def test_the_unit_that_handled_an_order_vouches_for_its_own_area(session: Session, make: Factory) -> None:
    unit = dispatch.of_place(session, make.area(GRID), "community")
    assert unit is not None
    orders = [
        make.order_at(
            "REPLIED", unit.code, text=f"{NAME}没有路灯", area=make.area(GRID), phone=f"1380000{k:04d}"
        )
        for k in range(5)
    ]
    _suggested(orders, make.area(GRID).code, 0.9)
    assert [(one.name, one.code) for one in aliases.learnt_aliases(session)] == [
        (NAME, make.area("同德社区").code)
    ]
    for order in orders:
        order.send_back_count = 1
    assert aliases.learnt_aliases(session) == []


def test_one_caller_and_old_orders_do_not_count(session: Session, make: Factory) -> None:
    for _ in range(6):
        make.order(text=f"{NAME}没有路灯", area=make.area(GRID), phone="13800001111")
    _orders(make, GRID, text="老印刷大院没有路灯", reported_at=clock.now() - aliases.RECENT * 2)
    assert aliases.learnt_aliases(session) == []


def test_a_name_moves_and_is_dropped_when_people_say_otherwise(session: Session, make: Factory) -> None:
    elsewhere = make.area("少城街道")
    session.add(Estate(name=NAME, kind=aliases.KIND, area=elsewhere, aliases=[]))
    session.flush()
    before = session.scalar(select(Estate.id).where(Estate.name == NAME))
    found = aliases._Found([aliases.LearntPlace(NAME, make.area(GRID).code, 5, 1.0)], [])
    assert aliases.keep(session, clock.now(), found)["moved"] == [f"{NAME}→{make.area(GRID).full_name}"]
    assert _learnt(session) == {NAME: GRID}
    assert session.scalar(select(Estate.id).where(Estate.name == NAME)) > before
    done = aliases.keep(session, clock.now(), aliases._Found([], [NAME]))
    assert done["dropped"] == [NAME]
    assert _learnt(session) == {}


def test_disputed_and_listed_names_are_found_by_the_look(session: Session, make: Factory) -> None:
    for area in ELSEWHERE:
        _orders(make, area, n=1)
    session.add_all(
        [
            Estate(name=NAME, kind=aliases.KIND, area=make.area(GRID), aliases=[]),
            Estate(name="同德花园", kind=aliases.KIND, area=make.area("少城街道"), aliases=[]),
            Estate(name="很久没人说的大院", kind=aliases.KIND, area=make.area("少城街道"), aliases=[]),
        ]
    )
    session.flush()
    assert aliases.look(session, clock.now()).disputed == [NAME, "同德花园"]
    assert aliases.learn(session)["dropped"] == [NAME, "同德花园"]
    assert _learnt(session) == {"很久没人说的大院": "少城街道"}


def test_the_city_and_listed_names_are_never_learnt(session: Session, make: Factory) -> None:
    _orders(make, "青羊区", n=8)
    _orders(make, GRID, n=8, text="同德花园没有路灯，锦澜苑也没有")
    assert aliases.learnt_aliases(session) == []
