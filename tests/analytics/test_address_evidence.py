"""旁证: counted over whole parts, without the addresses a candidate is from, the same after keeping."""

from __future__ import annotations

import numpy as np

from analytics.address import LABELS, Span
from analytics.address_candidates import WIDTH, Candidate, columns
from analytics.address_evidence import Evidence, names, rows

TEXT = "海棠云溪大道77号"
SPANS = [Span(0, 2, "town"), Span(2, 6, "road"), Span(6, 9, "roadno")]
DATA = [(TEXT, SPANS), ("玉兰云溪大道8号", [Span(0, 2, "town"), Span(2, 6, "road"), Span(6, 8, "roadno")])]
ROAD = LABELS.index("road")
FOUND = [Candidate(2, 6, ROAD, 0.9, 0.9), Candidate(2, 6, LABELS.index("poi"), 0.1, 0.1), Candidate(0, 6, ROAD, 0.1, 0.1)]  # fmt: skip


def _rows(evidence: Evidence, without: Evidence | None = None) -> np.ndarray:
    chances = np.zeros((len(TEXT), WIDTH))
    chances[:, columns(["I-road"])] = 0.9
    return rows(TEXT, FOUND, SPANS, chances, evidence, without)


def test_a_part_often_labelled_so_differs_from_its_rivals() -> None:
    as_road, as_poi, longer = _rows(Evidence.of(DATA, names(DATA)))
    assert len(as_road) == len(as_poi) == len(longer)
    assert np.isfinite(as_road).all()
    assert (as_road != as_poi).any()
    assert (as_road != longer).any()


def test_the_addresses_a_candidate_is_from_do_not_speak_for_it() -> None:
    known = names(DATA)
    whole = Evidence.of(DATA, known)
    assert (_rows(whole, without=whole) == _rows(Evidence.of([], known))).all()
    other = Evidence.of(DATA[1:], known)
    assert (_rows(whole, without=Evidence.of(DATA[:1], known)) == _rows(other)).all()


def test_counts_are_the_same_after_keeping() -> None:
    evidence = Evidence.of(DATA, names(DATA))
    assert (_rows(Evidence.from_arrays(evidence.arrays())) == _rows(evidence)).all()


def test_no_candidates_no_rows() -> None:
    assert len(rows(TEXT, [], SPANS, np.zeros((9, WIDTH)), Evidence.of([], frozenset()))) == 0
