"""主动学习: doubtful, recent and different orders come first; the same thing is asked once."""

from __future__ import annotations

from dataclasses import replace

from analytics.active import Candidate, choose


def _candidate(key: int, first: float = 0.5, second: float = 0.4, **more: object) -> Candidate:
    plain = Candidate(key=key, first=first, second=second, label="供水", age=0.0, twin=key)
    return replace(plain, **more)  # type: ignore[arg-type]


def _keys(candidates: list[Candidate], k: int) -> list[int]:
    return [one.key for one in choose(candidates, k)]


def test_the_doubtful_come_before_the_sure() -> None:
    sure, torn = _candidate(1, 0.99, 0.005), _candidate(2, 0.45, 0.44)
    between = _candidate(3, 0.7, 0.2)
    assert _keys([sure, between, torn], 3) == [2, 3, 1]


def test_what_a_unit_sent_back_is_doubtful_however_sure_the_model_was() -> None:
    assert _keys([_candidate(1, 0.6, 0.3), _candidate(2, 0.98, 0.01, disputed=True)], 2) == [2, 1]


def test_the_new_come_before_the_old() -> None:
    assert _keys([_candidate(1, age=60.0), _candidate(2, age=1.0), _candidate(3, age=20.0)], 3) == [2, 3, 1]
    assert _candidate(1, age=30.0).worth * 2 == _candidate(2).worth
    assert _candidate(1, age=-3.0).worth == _candidate(2).worth  # a clock a little ahead


def test_one_label_does_not_fill_the_queue() -> None:
    water = [_candidate(n, 0.46, 0.45) for n in range(20)]
    power = [_candidate(100 + n, 0.6, 0.3, label="供电") for n in range(5)]
    labels = [one.label for one in choose([*water, *power], 6)]
    assert labels[0] == "供水" and "供电" in labels


def test_orders_that_say_the_same_are_asked_once() -> None:
    again = [_candidate(n, twin="小区停水") for n in range(10)]
    assert len(choose([*again, _candidate(50)], 5)) == 2


def test_the_answer_does_not_hang_on_the_order_of_asking() -> None:
    many = [_candidate(n, 0.4 + n % 7 / 20, 0.2, label=f"类{n % 3}", age=float(n % 5)) for n in range(40)]
    assert _keys(many, 12) == _keys(many[::-1], 12)
    assert len(set(_keys(many, 12))) == 12


def test_nothing_to_ask() -> None:
    assert choose([], 5) == []
    assert choose([_candidate(1)], 0) == []
