"""What verdicts teach: slowly, by category, never to silence; and what a known or false one has to do to be told again."""

from __future__ import annotations

import pytest

from hotline.hotspot_gate import Teaching, judge, top
from hotline.hotspot_records import HotspotRecord


def teaching(**counts: tuple[int, int]) -> Teaching:
    return Teaching(counts, real_share=0.8, weight=6.0, edge=1 / 7, known_ratio=2.0)


def record(q: float = 0.1, **more: object) -> HotspotRecord:
    values = {"category": "环境保护/噪音扰民", "q_value": q, "observed": 6, "announced": False, **more}
    return HotspotRecord(**values)


def test_with_no_verdicts_everything_the_scan_raises_is_told() -> None:
    gate = judge(record(0.142), teaching())
    assert gate.announced and gate.limit is None and gate.lesson.share == pytest.approx(0.8)


def test_one_false_alarm_changes_nothing_and_many_tighten_the_category_alone() -> None:
    assert teaching(环境保护=(0, 1)).of("环境保护").budget_part == 1
    taught = teaching(环境保护=(0, 12))
    lesson = taught.of("环境保护")
    assert lesson.share == pytest.approx(6 * 0.8 / 18)
    assert lesson.budget_part == pytest.approx(lesson.share / (1 - lesson.share))
    weak, strong = judge(record(0.1), taught), judge(record(0.001), taught)
    assert not weak.announced and strong.announced
    assert weak.limit == strong.limit == pytest.approx(lesson.budget_part / 7)


def test_the_more_false_the_stricter_and_never_deaf() -> None:
    parts = [teaching(环境保护=(0, n)).of("环境保护").budget_part for n in (0, 3, 8, 20, 500)]
    assert parts == sorted(parts, reverse=True) and parts[-1] == pytest.approx(0.02)
    assert judge(record(1e-6), teaching(环境保护=(0, 500))).announced


def test_other_categories_lend_what_they_taught_and_are_outvoted_by_own_experience() -> None:
    elsewhere = teaching(城乡建设=(0, 40))
    assert elsewhere.of("环境保护").share < 0.3
    own = teaching(城乡建设=(0, 40), 环境保护=(30, 0))
    assert own.of("环境保护").share > 0.8
    low, high = own.of("环境保护").interval
    assert low < own.of("环境保护").share < high


@pytest.mark.parametrize("verdict", ["known", "false"])
def test_a_known_or_false_one_is_told_again_when_it_doubles(verdict: str) -> None:
    judged = {"verdict": verdict, "verdict_observed": 6, "announced": True}
    assert not judge(record(1e-9, observed=11, **judged), teaching()).announced
    assert judge(record(1e-9, observed=12, **judged), teaching()).announced


def test_what_was_told_is_not_taken_back_by_what_others_taught() -> None:
    assert judge(record(0.14, announced=True), teaching(环境保护=(0, 12))).announced
    assert judge(record(0.14, verdict="real"), teaching(环境保护=(0, 12))).announced


def test_an_order_without_category_has_a_name_for_it() -> None:
    assert top("") == "未分类" and top("环境保护/噪音扰民") == "环境保护"
