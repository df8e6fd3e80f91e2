"""候选部分: runs of characters whose tags fit, and the choice that is right most often."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.address import LABELS, Span
from analytics.address_candidates import WIDTH, Candidate, candidates, choose, columns

ROAD, POI = LABELS.index("road"), LABELS.index("poi")


def chances(*characters: dict[str, float]) -> np.ndarray:
    out = np.zeros((len(characters), WIDTH))
    for at, told in enumerate(characters):
        out[at, columns(list(told))] = list(told.values())
    return out


def test_finer_labels_share_a_column() -> None:
    one, two, nothing = columns(["B-redundant|poi", "B-redundant", "O"])
    assert one == two
    assert nothing == 0
    assert len(set(columns([f"{place}-{label}" for place in "BIES" for label in LABELS]))) == WIDTH - 1


def test_every_reading_of_some_chance_is_a_candidate() -> None:
    found = candidates(
        chances(
            {"B-road": 0.9, "B-poi": 0.1},
            {"I-road": 0.6, "E-road": 0.3, "I-poi": 0.1},
            {"E-road": 0.6, "E-poi": 0.09, "S-poi": 0.3},
        )
    )
    assert [(one.start, one.end, LABELS[one.label]) for one in found] == [
        (0, 2, "road"),
        (0, 3, "road"),
        (0, 3, "poi"),
        (2, 3, "poi"),
    ]
    whole = found[1]
    assert whole.least == pytest.approx(0.6)
    assert whole.usual == pytest.approx((0.9 * 0.6 * 0.6) ** (1 / 3))


def test_a_run_ends_where_it_cannot_go_on() -> None:
    assert candidates(chances({"B-road": 1.0}, {"O": 1.0}, {"E-road": 1.0})) == []


def test_two_likely_parts_are_better_than_one_over_both() -> None:
    both = [Candidate(0, 4, ROAD, 0.8, 0.8), Candidate(0, 2, ROAD, 0.6, 0.6), Candidate(2, 4, POI, 0.7, 0.7)]
    assert choose(4, both, [0.8, 0.6, 0.7], sure=0.3) == [Span(0, 2, "road"), Span(2, 4, "poi")]
    assert choose(4, both, [0.99, 0.6, 0.3], sure=0.3) == [Span(0, 4, "road")]


def test_what_is_not_sure_enough_is_left_untold() -> None:
    one = [Candidate(0, 2, ROAD, 0.2, 0.2), Candidate(3, 4, POI, 0.9, 0.9)]
    assert choose(5, one, [0.2, 0.9], sure=0.3) == [Span(3, 4, "poi")]
    assert choose(5, [], []) == []
