"""A report that does not add up is refused: every mutation of the report or of the data under it is caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.report.build import build_weekly
from analytics.report.figures import figures
from analytics.report.parts import Block, Cell, Paragraph, Row, Share, Table, WeeklyReport
from analytics.report.periods import monday_of
from analytics.report.reconcile import ReconciliationError, publishable, reconcile
from analytics.report.records import OrderRow, VisitBackRow, WeeklyInputs
from tests.analytics.report_fixture import CUT_OFF, WEEK, count_at, make_inputs

REPORT = build_weekly(make_inputs(300))
INTAKE = [
    order
    for order in REPORT.inputs.orders
    if monday_of(WEEK) <= order.reported_at < monday_of(WEEK) + timedelta(7)
]


def with_table(key: str, change: Callable[[Table], Table]) -> WeeklyReport:
    def changed(block: Block) -> Block:
        return change(block) if isinstance(block, Table) and block.key == key else block

    sections = tuple(
        replace(section, blocks=tuple(changed(block) for block in section.blocks))
        for section in REPORT.sections
    )
    return replace(REPORT, sections=sections)


def with_orders(orders: list[OrderRow]) -> WeeklyReport:
    return replace(REPORT, inputs=replace(REPORT.inputs, orders=tuple(orders)))


def with_cell(row: Row, index: int, **changes) -> Row:
    cells = list(row.cells)
    cells[index] = replace(cells[index], **changes)  # type: ignore[type-var]
    return replace(row, cells=tuple(cells))


PARTITIONED = [key for key, table in REPORT.tables().items() if table.total is not None]


def test_an_untouched_report_reconciles_and_is_published():
    assert reconcile(REPORT) == []
    assert publishable(REPORT) is REPORT


def test_there_are_tables_to_test():
    assert set(PARTITIONED) == {
        "days", "channels", "request_types", "topics", "units_handling", "units_judged", "pressing",
    }  # fmt: skip


@pytest.mark.parametrize("key", PARTITIONED)
def test_a_dropped_row_is_caught(key):
    def drop(table: Table) -> Table:
        biggest = max(table.rows, key=lambda row: count_at(row, 1).value)
        return replace(table, rows=tuple(row for row in table.rows if row is not biggest))

    failures = reconcile(with_table(key, drop))
    assert any("不等于合计" in str(failure) for failure in failures)


@pytest.mark.parametrize("key", PARTITIONED)
def test_a_doubled_row_is_caught(key):
    def double(table: Table) -> Table:
        biggest = max(table.rows, key=lambda row: count_at(row, 1).value)
        return replace(table, rows=(*table.rows, biggest))

    failures = [str(failure) for failure in reconcile(with_table(key, double))]
    assert any("计入两个分项" in text for text in failures)


@pytest.mark.parametrize("key", PARTITIONED)
def test_two_rows_that_change_places_are_caught_though_they_still_add_up(key):
    def swap(table: Table) -> Table:
        first, second, *rest = sorted(table.rows, key=lambda row: -count_at(row, 1).value)
        one = replace(first, cells=(first.cells[0], second.cells[1], *first.cells[2:]))
        other = replace(second, cells=(second.cells[0], first.cells[1], *second.cells[2:]))
        return replace(table, rows=(one, other, *rest))

    report = with_table(key, swap)
    # The figures keep their own addresses, so what is printed beside which name must be told by the row.
    assert reconcile(report), "a count printed beside another row's name went unnoticed"


def test_a_wrong_number_is_caught_where_it_stands():
    def alter(table: Table) -> Table:
        return replace(table, rows=(with_cell(table.rows[0], 1, value=999), *table.rows[1:]))

    failures = [str(failure) for failure in reconcile(with_table("channels", alter))]
    assert any("“电话”行“本周”栏" in text and "999" in text for text in failures)


def test_a_wrong_total_is_caught():
    def alter(table: Table) -> Table:
        assert table.total is not None
        total = table.total.cells[1]
        assert isinstance(total, Cell)
        return replace(table, total=with_cell(table.total, 1, value=total.value + 1))

    assert reconcile(with_table("topics", alter))


def test_an_order_moved_to_another_day_is_caught_though_it_still_adds_up():
    def move(table: Table) -> Table:
        first, second, *rest = table.rows
        one, two = first.cells[1], second.cells[1]
        assert isinstance(one, Cell) and isinstance(two, Cell)
        first = with_cell(first, 1, value=one.value - 1, ids=one.ids[1:])
        second = with_cell(second, 1, value=two.value + 1, ids=(*two.ids, one.ids[0]))
        return replace(table, rows=(first, second, *rest))

    failures = [str(failure) for failure in reconcile(with_table("days", move))]
    assert any("漏计" in text for text in failures) and any("多计" in text for text in failures)
    assert not any("不等于合计" in text for text in failures)


def test_a_share_of_another_whole_is_caught():
    def alter(table: Table) -> Table:
        assert table.total is not None
        share, other = table.rows[0].cells[3], table.rows[1].cells[3]
        assert isinstance(share, Share) and isinstance(other, Share)
        return replace(table, rows=(with_cell(table.rows[0], 3, of=other.of), *table.rows[1:]))

    failures = [str(failure) for failure in reconcile(with_table("units_handling", alter))]
    assert any("不在分母" in text for text in failures)


def test_a_wrong_figure_in_a_sentence_is_caught():
    section = REPORT.sections[0]
    paragraph = section.blocks[0]
    assert isinstance(paragraph, Paragraph)
    parts = tuple(
        replace(part, value=part.value + 1) if isinstance(part, Cell) else part for part in paragraph.parts
    )
    changed = replace(section, blocks=(Paragraph(parts), *section.blocks[1:]))
    assert reconcile(replace(REPORT, sections=(changed, *REPORT.sections[1:])))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(INTAKE))
def test_any_order_dropped_from_the_snapshot_is_caught(order):
    assert reconcile(with_orders([other for other in REPORT.inputs.orders if other is not order]))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(INTAKE))
def test_any_order_counted_twice_is_caught(order):
    doubled = build_weekly(replace(REPORT.inputs, orders=(*REPORT.inputs.orders, order)))
    with pytest.raises(ReconciliationError, match="同一工单出现两次"):
        publishable(doubled)


# A category outside the list of top topics is not printed, so only those inside it can be told.
LISTED = {row.key for row in REPORT.tables()["topics"].rows}
CHANGES: dict[str, Callable[[OrderRow], dict]] = {
    "day": lambda order: {"reported_at": order.reported_at + timedelta(days=1)},
    "channel": lambda order: {"channel": "传真"},
    "type": lambda order: {"request_type": "其他"},
    "category": lambda order: {"category": (*order.category, "新事项")},
}


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([order for order in INTAKE if "/".join(order.category) in LISTED]),
    st.sampled_from(sorted(CHANGES)),
)
def test_any_order_changed_under_the_report_is_caught_and_changes_a_new_one(order, kind):
    orders = [
        replace(other, **CHANGES[kind](other)) if other is order else other for other in REPORT.inputs.orders
    ]
    assert reconcile(with_orders(orders))
    assert figures(build_weekly(replace(REPORT.inputs, orders=tuple(orders)))) != figures(REPORT)


def test_the_refusal_names_the_failing_sums():
    report = with_orders(list(REPORT.inputs.orders[1:]))
    with pytest.raises(ReconciliationError, match="不予出具") as refusal:
        publishable(report)
    assert all(str(failure) in str(refusal.value) for failure in refusal.value.failures)


def test_last_weeks_intake_given_and_counted_must_agree():
    wrong = dict(REPORT.inputs.previous_weeks_intake) | {"2026-W45": 1}
    failures = reconcile(build_weekly(replace(REPORT.inputs, previous_weeks_intake=wrong)))
    assert any("上周（2026-W45）受理量给定为1件" in str(failure) for failure in failures)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"size": 99}, "件数99与工单清单"),
        ({"ratio": 9.9}, "不等于观测"),
        ({"q_value": 1.5}, "不在0和1之间"),
        ({"interval": (5.0, 1.0)}, "下限大于上限"),
        ({"complainants": 1000}, "诉求人1000位"),
    ],
)
def test_a_hotspot_that_contradicts_itself_is_refused(changes, said):
    first, *rest = REPORT.inputs.hotspots
    changed = build_weekly(replace(REPORT.inputs, hotspots=(replace(first, **changes), *rest)))
    assert any(said in str(failure) for failure in reconcile(changed))


@pytest.mark.parametrize(
    "private", ["请回电13800001234", "身份证510105199001011234", "证件51010519900101123X号"]
)
def test_text_that_names_a_phone_or_a_card_is_refused(private):
    first, *rest = REPORT.inputs.hotspots
    changed = build_weekly(replace(REPORT.inputs, hotspots=(replace(first, examples=(private,)), *rest)))
    assert any("未遮盖" in str(failure) for failure in reconcile(changed))


START = monday_of(WEEK) - timedelta(weeks=1)
moments = st.integers(-2000, 14 * 1440 + 700).map(lambda minutes: START + timedelta(minutes=minutes))
orders = st.builds(
    OrderRow,
    id=st.integers(0, 10**9).map(str),
    number=st.just("N"),
    reported_at=moments,
    channel=st.sampled_from(["电话", "网站", ""]),
    request_type=st.sampled_from(["投诉", "求助", ""]),
    category=st.sampled_from([(), ("甲",), ("甲", "乙"), ("丙", "丁")]),
    area=st.sampled_from([(), ("区",), ("区", "街", "社")]),
    unit=st.sampled_from(["", "一局", "二局"]),
    status=st.sampled_from(["", "办理中", "挂账", "办结", "不予受理"]),
    dispatched=st.booleans(),
    dispatched_at=st.none() | moments,
    completed_at=st.none() | moments,
    handle_due_at=st.none() | moments,
    sent_back=st.integers(0, 2),
    rework=st.integers(0, 3),
)
answers = st.tuples(
    st.integers(0, 30),
    moments,
    st.booleans(),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, "satisfied", "basically_satisfied", "dissatisfied"]),
    st.sampled_from(["", "一局", "二局"]),
)
cut_offs = st.integers(1, 10 * 1440).map(lambda minutes: monday_of(WEEK) + timedelta(minutes=minutes))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(orders, max_size=25, unique_by=lambda order: order.id), st.lists(answers, max_size=20), cut_offs
)
def test_whatever_the_data_the_two_countings_agree(rows, asked, cut_off):
    visits = {
        (visit := VisitBackRow(rows[index % len(rows)].id, *rest)).key: visit
        for index, *rest in asked
        if rows
    }
    report = build_weekly(WeeklyInputs(WEEK, "某区", cut_off, rows, list(visits.values())))
    assert reconcile(report) == []
    total = count_at(report.tables()["days"].total, 1)
    end = min(cut_off, monday_of(WEEK) + timedelta(weeks=1))
    assert total.value == sum(monday_of(WEEK) <= row.reported_at < end for row in rows)


def test_the_fixture_reaches_its_cut_off():
    assert max(order.reported_at for order in REPORT.inputs.orders) < CUT_OFF
