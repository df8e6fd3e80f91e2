"""The lifecycle table: what it says, and that random histories keep to it on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.audit import RESIDENT, SYSTEM, Actor
from core.errors import Conflict, InvalidInput, NotAllowed, RuleError
from core.staff import ROLES
from hotline import journal, lifecycle, queries, verbs
from hotline.lifecycle import CLOSED, OPEN, STATUSES, TRANSITIONS
from hotline.models import WorkOrder
from tests.factories import UNIT, Factory
from tools import lifecycle_doc

ARROWS = {
    ("REGISTERED", "answer_directly", "COMPLETED"), ("REGISTERED", "decline", "DECLINED"),
    ("REGISTERED", "dispatch", "DISPATCHED"), ("DISPATCHED", "sign_for", "SIGNED_FOR"),
    ("DISPATCHED", "send_back", "SENT_BACK"), ("SENT_BACK", "uphold", "REGISTERED"),
    ("SENT_BACK", "deny", "DISPATCHED"), ("SIGNED_FOR", "reply", "REPLIED"),
    ("SIGNED_FOR", "suspend", "SUSPENDED"), ("SUSPENDED", "resume", "SIGNED_FOR"),
    ("REPLIED", "reject", "SIGNED_FOR"), ("REPLIED", "approve", "REVIEWED"),
    ("REVIEWED", "visit_back", "COMPLETED"), ("REVIEWED", "visit_back", "SIGNED_FOR"),
    ("REVIEWED", "close_unreached", "COMPLETED"), ("COMPLETED", "reopen", "SIGNED_FOR"),
    ("COMPLETED", "reopen", "REGISTERED"), ("COMPLETED", "archive", "ARCHIVED"), ("DECLINED", "archive", "ARCHIVED"),
}  # fmt: skip


def test_the_table_holds_the_arrows_of_the_domain_and_no_others() -> None:
    moving = {(o, t.action, t.to) for t in TRANSITIONS for o in t.origins if t.to and t.to != o}
    assert moving == ARROWS


def test_the_table_names_only_what_exists() -> None:
    for line in TRANSITIONS:
        assert set(line.origins) <= set(STATUSES)
        assert not line.to or line.to in STATUSES
        assert set(line.roles) <= {*ROLES, "resident", "system"}
        assert set(line.needs) <= set(lifecycle.FIELDS)
        assert not line.when or line.when in lifecycle.CONDITIONS
        assert line.action in verbs._ROOMS
    assert {line.action for line in TRANSITIONS} == set(verbs._ROOMS)


def test_the_document_says_what_the_table_says() -> None:
    assert lifecycle_doc.TARGET.read_text(encoding="utf-8") == lifecycle_doc.render()


def test_from_every_open_status_somebody_can_go_on_and_closed_ones_end() -> None:
    for status in OPEN:
        assert any(status in t.origins and t.to not in ("", status) for t in TRANSITIONS), status
    assert not any("ARCHIVED" in t.origins for t in TRANSITIONS)
    assert set(STATUSES) == OPEN | CLOSED


def test_an_illegal_transition_is_refused_with_the_allowed_ones(session: Any, make: Factory) -> None:
    order = make.order_at("DISPATCHED")
    clerk = Actor(role="unit_clerk", name="经办", unit_path=make.unit().path)
    with pytest.raises(Conflict) as refused:
        verbs.perform(session, order, "reply", clerk, {"reply": "好"})
    assert refused.value.code == "illegal_transition"
    assert refused.value.context["allowed"] == ["sign_for", "send_back", "note"]
    assert "签收" in refused.value.detail
    assert order.status == "DISPATCHED"


def test_another_unit_may_not_act(session: Any, make: Factory) -> None:
    order = make.order_at("DISPATCHED", unit="QY-ZF")
    stranger = Actor(role="unit_clerk", name="别家", unit_path=make.unit("QY-ZJ").path)
    with pytest.raises(NotAllowed):
        verbs.perform(session, order, "sign_for", stranger)
    with pytest.raises(RuleError):
        queries.get(session, order.number, stranger)


def test_a_stale_version_is_refused_and_says_who_did_what(session: Any, make: Factory) -> None:
    order = make.order()
    seen = order.version
    desk = Actor(role="dispatcher", name="派单员乙")
    verbs.perform(session, order, "dispatch", desk, {"lead_unit": UNIT}, expected_version=seen)
    session.commit()
    with pytest.raises(Conflict) as refused:
        verbs.perform(session, order, "note", desk, {"note": "晚了"}, expected_version=seen)
    assert refused.value.code == "stale"
    assert "派单员乙" in refused.value.detail and "派单" in refused.value.detail


def test_missing_fields_are_named_in_chinese(session: Any, make: Factory) -> None:
    order = make.order()
    with pytest.raises(InvalidInput) as refused:
        verbs.perform(session, order, "decline", Actor(role="dispatcher", name="甲"), {})
    assert set(refused.value.context["fields"]) == {"legal_route", "reason"}
    assert "请填写法定途径" in refused.value.detail


def test_three_reworks_escalate(session: Any, make: Factory) -> None:
    order = make.order_at("REVIEWED")
    path = make.unit().path
    clerk, lead = (Actor(role=r, name=r, unit_path=path) for r in ("unit_clerk", "unit_lead"))
    bad = {"contacted": True, "solved": False, "satisfaction": "dissatisfied", "comment": "没修"}
    for round_ in (1, 2, 3):
        verbs.perform(session, order, "visit_back", RESIDENT, bad)
        assert (order.status, order.rework_count) == ("SIGNED_FOR", round_)
        assert order.escalated is (round_ >= 3)
        verbs.perform(session, order, "reply", clerk, {"reply": "再修"})
        verbs.perform(session, order, "approve", lead)
    assert [event.action for event in queries.timeline(session, order)].count("escalate") == 1


def test_reopening_ends_with_its_window(session: Any, make: Factory) -> None:
    order = make.order_at("COMPLETED")
    with clock.advanced(timedelta(days=16)), pytest.raises(Conflict) as refused:
        verbs.perform(session, order, "reopen", RESIDENT, {"reason": "又坏了"})
    assert refused.value.code == "reopen_window_closed"
    verbs.perform(session, order, "reopen", RESIDENT, {"reason": "又坏了"})
    assert (order.status, order.rework_count, order.completed_at) == ("SIGNED_FOR", 1, None)


def test_reopening_what_was_answered_at_the_desk_goes_back_to_the_desk(session: Any, make: Factory) -> None:
    order = make.order()
    verbs.perform(
        session, order, "answer_directly", Actor(role="intake_operator", name="甲"), {"answer": "可以网上办"}
    )
    verbs.perform(session, order, "reopen", RESIDENT, {"reason": "网上办不了"})
    assert (order.status, order.lead_unit_id) == ("REGISTERED", None)


def test_the_unit_complained_of_never_gets_the_order(session: Any, make: Factory) -> None:
    order = make.order(about_unit_id=make.unit("QY-ZF").id)
    desk = Actor(role="dispatcher", name="甲")
    with pytest.raises(NotAllowed) as refused:
        verbs.perform(session, order, "dispatch", desk, {"lead_unit": "QY-ZF"})
    assert refused.value.code == "unit_complained_of"
    with pytest.raises(NotAllowed):
        verbs.perform(session, order, "dispatch", desk, {"lead_unit": "QY-ZJ", "assisting_units": ["QY-ZF"]})


def test_a_tampered_journal_is_found(session: Any, make: Factory) -> None:
    order = make.order_at("COMPLETED")
    count, fault = journal.verify(session)
    assert fault is None and count >= 6
    event = queries.timeline(session, order)[2]
    event.reason = "改过"
    session.flush()
    held, fault = journal.verify(session)
    assert fault is not None and "第 3 条" in fault and held == 2


_actors = [
    Actor(role="intake_operator", name="受理"), Actor(role="dispatcher", name="派单"), Actor(role="supervisor", name="督办"),
    Actor(role="visit_back_agent", name="回访"), Actor(role="auditor", name="审计"), RESIDENT, SYSTEM,
]  # fmt: skip
_data = {
    "reason": "理由充分", "answer": "答复", "legal_route": "litigation", "lead_unit": UNIT, "days": 3,
    "review_on": "2099-01-01", "reply": "已办", "contacted": True, "satisfaction": "satisfied", "note": "记一笔",
}  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(sorted(verbs._ROOMS)), st.integers(0, 9), st.booleans()), max_size=30
    )
)
def test_random_histories_keep_to_the_table(
    session: Any, make: Factory, steps: list[tuple[str, int, bool]]
) -> None:
    order = make.order()
    path = make.unit().path
    actors = [
        *_actors,
        *(Actor(role=r, name=r, unit_path=path) for r in ("unit_clerk", "unit_lead", "grid_worker")),
    ]
    told = [order.status]
    for action, who, solved in steps:
        before = (order.status, len(queries.timeline(session, order)))
        offered = {line.action for line in lifecycle.allowed(order, actors[who])}
        try:
            verbs.perform(session, order, action, actors[who], _data | {"solved": solved})
        except RuleError:
            assert (order.status, len(queries.timeline(session, order))) == before, (
                "a refusal changed something"
            )
            continue
        assert action in offered, f"{action} was not offered but done"
        assert order.status in {
            t.to or before[0] for t in TRANSITIONS if t.action == action and before[0] in t.origins
        }
        told.append(order.status)
    _holds(session, order)
    session.rollback()


def _holds(session: Any, order: WorkOrder) -> None:
    session.flush()
    events = queries.timeline(session, order)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    at = None
    for event in events:
        assert event.from_status == at or event.from_status is None, "the journal does not replay"
        at = event.to_status
    assert at == order.status
    if order.status not in ("REGISTERED", "COMPLETED", "DECLINED", "ARCHIVED"):
        assert order.lead_unit_id is not None, "an order under way without an owner"
    for deadline in order.deadlines:
        assert deadline.met_at is None or deadline.met_at >= deadline.started_at
    assert (order.completed_at is not None) == (order.status in CLOSED)
