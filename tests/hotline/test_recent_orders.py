"""近期工单: what the scan reads follows the database, and what did not change is not read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from core import clock
from hotline.insights.recent_orders import RecentOrders
from hotline.models import WorkOrder
from tests.factories import Factory


@contextmanager
def _texts_read(session: Any) -> Iterator[list[str]]:
    """Statements that read the text of orders."""
    said: list[str] = []

    def hear(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "work_order.text" in statement:
            said.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_changes_are_seen_and_the_rest_is_not_read_again(session: Any, make: Factory) -> None:
    area, other = make.area("同德社区"), make.area("草市街街道")
    orders = [make.order(text=f"路灯第{n}盏不亮", area=area, category_code="0113") for n in range(60)]
    session.flush()
    since, before = clock.now() - timedelta(days=7), clock.now() + timedelta(days=1)
    recent = RecentOrders()
    first = recent.read(session, since, before)
    assert [c.id for c in first] == [str(o.id) for o in sorted(orders, key=lambda o: (o.reported_at, o.id))]
    assert first[0].place == area.full_name
    assert first[0].category.count("/") >= 1
    with _texts_read(session) as said:
        assert recent.read(session, since, before) == first
    assert said == []

    orders[3].area = other
    orders[4].category_code = "0501"
    orders[5].text = "路灯第五盏又不亮了"
    late = make.order(text="新来的一件", area=area)
    session.flush()
    with _texts_read(session) as said:
        again = {c.id: c for c in recent.read(session, since, before)}
    assert len(said) == 1
    assert again[str(orders[3].id)].place == other.full_name
    assert again[str(orders[4].id)].category != first[0].category
    assert "又不亮" in again[str(orders[5].id)].text
    assert again[str(late.id)].text.endswith("新来的一件")


def test_what_leaves_the_period_or_is_deleted_is_forgotten(session: Any, make: Factory) -> None:
    orders = [make.order(text=f"第{n}件") for n in range(3)]
    session.flush()
    recent = RecentOrders()
    since, before = clock.now() - timedelta(days=7), clock.now() + timedelta(days=1)
    assert len(recent.read(session, since, before)) == 3
    session.query(WorkOrder).filter(WorkOrder.id == orders[0].id).update(
        {"reported_at": clock.now() - timedelta(days=30)}
    )
    session.expire_all()
    assert {c.id for c in recent.read(session, since, before)} == {str(o.id) for o in orders[1:]}
    assert recent.read(session, before, before + timedelta(days=1)) == []


def test_a_renamed_area_is_renamed_everywhere(session: Any, make: Factory) -> None:
    area = make.area("同德社区")
    make.order(text="一件", area=area)
    session.flush()
    recent = RecentOrders()
    since, before = clock.now() - timedelta(days=7), clock.now() + timedelta(days=1)
    assert recent.read(session, since, before)[0].place == area.full_name
    area.full_name = f"{area.full_name}（新）"
    session.flush()
    assert recent.read(session, since, before)[0].place == area.full_name
