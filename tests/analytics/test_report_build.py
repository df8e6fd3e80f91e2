"""The report's figures on weeks small enough to count by hand, and at the edges of its period."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.report.build import build_weekly
from analytics.report.parts import Cell, Paragraph, Table, WeeklyReport
from analytics.report.periods import SHANGHAI, monday_of, period_of
from analytics.report.reconcile import reconcile
from analytics.report.records import OrderRow, Thresholds, VisitBackRow, WeeklyInputs
from analytics.report.shown import paragraph_text, shown
from tests.analytics.report_fixture import CUT_OFF, WEEK, count_at, make_inputs

MONDAY = monday_of(WEEK)
DAY = timedelta(days=1)


def order(id_: str, reported: datetime = MONDAY + DAY, **fields) -> OrderRow:
    return OrderRow(id_, f"N{id_}", reported, **({"channel": "电话", "request_type": "投诉"} | fields))


def inputs(*orders: OrderRow, **fields) -> WeeklyInputs:
    given: dict[str, Any] = {"week": WEEK, "scope": "青羊区", "cut_off": CUT_OFF, "orders": orders}
    return WeeklyInputs(**(given | fields))


def built(*orders: OrderRow, **fields) -> WeeklyReport:
    report = build_weekly(inputs(*orders, **fields))
    assert reconcile(report) == []
    return report


def row(table: Table, key: str) -> list[str]:
    found = table.total if key == "total" else next(row for row in table.rows if row.key == key)
    assert found is not None
    return [shown(part) for part in found.cells]


def words_of(report: WeeklyReport, key: str) -> str:
    section = next(section for section in report.sections if section.key == key)
    return "\n".join(paragraph_text(block) for block in section.blocks if isinstance(block, Paragraph))


def test_share_prints_numerator_and_denominator():
    orders = [order(f"p{i}") for i in range(33)] + [order(f"w{i}", channel="网站") for i in range(55)]
    table = built(*orders).tables()["channels"]
    assert row(table, "电话")[1:3] == ["33", "37.5%（33/88）"]
    assert row(table, "total")[1:3] == ["88", "100.0%（88/88）"]


def test_nothing_to_divide_by_is_a_dash_and_not_zero():
    report = built(order("a", dispatched=True, dispatched_at=MONDAY + DAY, unit="区水务局"))
    assert row(report.tables()["units_handling"], "区水务局")[3] == "—（0/0）"
    assert row(report.tables()["units_judged"], "区水务局")[2:] == ["—（0/0）"] * 4 + ["—"]


def test_empty_week_says_to_check_the_data():
    report = built()
    assert "请先核实数据是否接入" in words_of(report, "headline")
    assert "没有达到预警线" in words_of(report, "emerging")


def test_week_begins_and_ends_at_midnight_in_shanghai():
    edges = {
        "first": datetime(2026, 11, 8, 16, 0, tzinfo=UTC),
        "before": datetime(2026, 11, 8, 15, 59, 59, tzinfo=UTC),
        "last": datetime(2026, 11, 15, 15, 59, 59, tzinfo=UTC),
        "after": datetime(2026, 11, 15, 16, 0, tzinfo=UTC),
    }
    days = built(*(order(id_, at) for id_, at in edges.items())).tables()["days"]
    now = count_at(days.total, 1)
    before = count_at(days.total, 3)
    assert set(now.ids) == {"first", "last"} and set(before.ids) == {"before"}
    assert row(days, "0")[1] == "1" and row(days, "6")[1] == "1" and row(days, "6")[3] == "1"


def test_unfinished_week_is_compared_with_as_much_of_the_last():
    cut_off = MONDAY + 3 * DAY + timedelta(hours=12)
    report = built(
        order("now", MONDAY + DAY),
        order("early", MONDAY - 6 * DAY),
        order("late", MONDAY - DAY),
        cut_off=cut_off,
        same_week_last_year_intake=50,
    )
    text = words_of(report, "headline")
    assert "与上周同期（1件）持平" in text and "本周尚未结束" in text
    assert "日均0.3（1/3.5）" in text
    assert "无上年同期数据" in text  # a whole week of last year is no match for half a one
    assert len(report.tables()["days"].rows) == 4


def test_against_last_week_and_last_year():
    orders = [order(f"n{i}") for i in range(99)] + [order(f"b{i}", MONDAY - DAY) for i in range(88)]
    text = words_of(built(*orders, same_week_last_year_intake=50), "headline")
    assert "比上周（88件）增加11件，环比+12.5%（+11/88），在随机波动可以解释的范围之内" in text
    assert "比上年同周（50件）增加49件，同比+98.0%（+49/50），超出随机波动通常的范围" in text
    assert "无上年同期数据" in words_of(built(*orders), "headline")


def test_units_are_judged_by_the_definitions():
    late, due = MONDAY + 3 * DAY, MONDAY + 2 * DAY
    done: dict[str, Any] = {
        "dispatched": True,
        "dispatched_at": MONDAY + DAY,
        "completed_at": late,
        "unit": "甲局",
    }
    orders = [
        order("on_time", **(done | {"handle_due_at": late})),
        order("late", **(done | {"handle_due_at": due, "sent_back": 2})),
        order("no_deadline", **done),
    ]
    at = MONDAY + 4 * DAY
    visits = [
        VisitBackRow("on_time", at, True, True, True, "satisfied", "甲局"),
        VisitBackRow("late", at, True, None, True, "basically_satisfied", "甲局"),
        VisitBackRow("late", at + DAY, True, True, False, "dissatisfied", "甲局"),
        VisitBackRow("no_deadline", at, False, None, None, None, "甲局"),
    ]
    tables = built(*orders, visit_backs=visits).tables()
    assert row(tables["units_handling"], "甲局")[1:] == [
        "3",
        "3",
        "50.0%＊（1/2）",
        "33.3%＊（1/3）",
        "0.0%＊（0/3）",
    ]
    # satisfaction (1 + 0.9) / 3; composite 100 × (0.1 × 2/3 + 0.5 × 2/3 + 0.4 × 1.9/3)
    assert row(tables["units_judged"], "甲局")[1:] == [
        "3", "66.7%＊（2/3）", "66.7%＊（2/3）", "63.3%＊（1.9/3）", "66.7%＊（2/3）", "65.3＊",
    ]  # fmt: skip


def test_city_row_is_pooled_and_not_an_average_of_averages():
    done: dict[str, Any] = {"dispatched": True, "dispatched_at": MONDAY, "completed_at": MONDAY + DAY}
    one = [order("x", unit="小局", handle_due_at=MONDAY, **done)]
    many = [order(f"y{i}", unit="大局", handle_due_at=MONDAY + 2 * DAY, **done) for i in range(9)]
    table = built(*one, *many).tables()["units_handling"]
    assert row(table, "小局")[3].startswith("0.0%") and row(table, "大局")[3].startswith("100.0%")
    assert row(table, "total")[3].startswith("90.0%")  # not 50 %


def test_units_stand_in_directory_order_and_are_not_ranked():
    table = build_weekly(make_inputs(400)).tables()["units_handling"]
    assert [row.key for row in table.rows][:3] == ["府南街道办事处", "区教育局", "公安青羊分局"]


@pytest.mark.parametrize(
    ("due", "fields", "expected"),
    [
        (CUT_OFF - timedelta(seconds=1), {}, ("0", "1", "0")),
        (CUT_OFF, {}, ("1", "0", "0")),
        (CUT_OFF + timedelta(days=2), {}, ("1", "0", "0")),
        (CUT_OFF + timedelta(days=2, seconds=1), {}, None),
        (CUT_OFF - timedelta(days=8), {}, ("0", "1", "1")),
        (CUT_OFF - DAY, {"status": "挂账"}, None),
        (CUT_OFF - DAY, {"status": "不予受理"}, None),
        (CUT_OFF - DAY, {"completed_at": CUT_OFF - timedelta(hours=1)}, None),
        (CUT_OFF - DAY, {"completed_at": CUT_OFF + timedelta(hours=1)}, ("0", "1", "0")),
    ],
)
def test_near_due_and_overdue_at_the_cut_off(due, fields, expected):
    report = built(order("a", handle_due_at=due, unit="甲局", **({"status": "办理中"} | fields)))
    table = report.tables().get("pressing")
    assert (tuple(row(table, "甲局")[1:]) if table else None) == expected


def test_topics_beyond_the_list_are_summed_and_ties_are_told():
    orders = [
        order(f"a{i}", category=("城乡建设", f"事项{i % 5}"), area=("青羊区", "同德社区")) for i in range(10)
    ]
    table = built(*orders, thresholds=Thresholds(top_topics=3)).tables()["topics"]
    assert [row.key for row in table.rows][-1] == "others"
    assert row(table, "others")[:3] == ["其他", "4", "40.0%（4/10）"]
    assert row(table, "城乡建设/事项0")[4] == "同德社区2"
    assert any("并列" in text for text in table.notes)


def test_every_count_drills_down_to_its_orders():
    for table in build_weekly(make_inputs(200)).tables().values():
        for cells in (row.cells for row in table.rows):
            for part in cells:
                if isinstance(part, Cell):
                    assert part.value == len(part.ids) == len(set(part.ids))


def test_hotspot_row_and_last_weeks_fate():
    report = build_weekly(make_inputs(600))
    assert [row.key for row in report.tables()["hotspots"].rows] == ["城乡建设/供水", "环境保护/噪音扰民"]
    follow_up = report.tables()["follow_up"]
    assert "仍在" in row(follow_up, "环境保护/噪音扰民")[2]
    assert row(follow_up, "城乡建设/电梯设施")[2] == "本周未再达到预警线"


@pytest.mark.parametrize("week", ["2026-46", "2026-W54", "W46", "2026-W4６"])
def test_a_week_that_is_none_is_refused_in_chinese(week):
    with pytest.raises(ValueError):
        build_weekly(inputs(week=week))


def test_a_week_not_begun_and_a_naive_cut_off_are_refused():
    with pytest.raises(ValueError, match="还没有数据"):
        period_of("2026-W48", CUT_OFF)
    with pytest.raises(ValueError, match="时区"):
        period_of(WEEK, datetime(2026, 11, 16))
    with pytest.raises(ValueError, match="没有指标口径 v9"):
        build_weekly(inputs(definitions_version="v9"))


def test_period_is_spoken_of_in_shanghai():
    period = period_of(WEEK, CUT_OFF.astimezone(UTC))
    assert period.title == "2026年第46周（11月9日至11月15日）"
    assert (period.start, period.end) == (MONDAY, datetime(2026, 11, 16, tzinfo=SHANGHAI))


def test_same_inputs_same_report():
    first, second = build_weekly(make_inputs(150)), build_weekly(make_inputs(150))
    assert first.sections == second.sections


def test_orders_without_a_deadline_do_not_make_nothing_overdue():
    text = words_of(
        built(order("a", status="办理中"), order("b", status="挂账", handle_due_at=MONDAY)), "deadlines"
    )
    assert "在办工单2件，其中有办理时限且未挂账的0件" in text and "已逾期—（0/0）" in text


def test_the_unclassified_are_no_topic_to_lead_with():
    topics = [order("a"), order("b"), order("c", category=("民政", "养老服务"))]
    assert "最集中的事项是“民政—养老服务”33.3%（1/3）" in words_of(built(*topics), "topics")
    assert "均未分类" in words_of(built(order("a")), "topics")


def test_a_hotspot_of_a_single_order_has_no_length_and_is_no_contradiction():
    one = make_inputs(400).hotspots[0]
    short = replace(
        one, end=one.start, size=1, order_ids=("x",), complainants=1, observed=1, expected=0.1, ratio=10.0
    )
    report = built(hotspots=[short])
    assert (report.week, report.cut_off) == (WEEK, CUT_OFF)
    assert "数量较少（观测1）" in words_of(report, "emerging")
