"""关键词: content words, and what sets a group apart."""

from __future__ import annotations

import numpy as np

from analytics.keywords import Vocabulary, clauses, distinctive, is_content_word


def test_clauses_end_at_marks_and_area_codes():
    assert clauses("小区停水，电梯停运。") == [["小区", "停水"], ["电梯", "停运"]]
    assert all("A7" not in word.upper() for clause in clauses("A7县星沙停水") for word in clause)
    assert clauses("") == []


def test_courtesy_and_numbers_are_no_content():
    assert [w for w in ("停水", "您好", "3000", "A7县", "的", "尊敬", "搅拌站") if is_content_word(w)] == [
        "停水",
        "搅拌站",
    ]


def test_a_text_is_segmented_once():
    vocabulary = Vocabulary()
    assert not vocabulary.knows("小区停水停电")
    first = vocabulary.ids("小区停水停电")
    assert vocabulary.knows("小区停水停电")
    assert vocabulary.ids("小区停水停电") is first
    assert len(set(first.tolist())) == len(first)


def test_distinctive_puts_common_inside_rare_outside_first():
    # words: said by all inside and few outside; by all everywhere; by one inside and nobody outside
    score = distinctive(np.array([10, 10, 1]), 10, np.array([5, 900, 0]), 1000)
    assert score[0] > score[2]
    assert score[0] > score[1]
    assert abs(score[1]) < 0.3
