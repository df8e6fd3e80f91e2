"""并单: a stream gives the same events however it is cut; persons' merges and splits hold and teach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics.event_stream import EventStream, Merge, cluster
from analytics.records import Complaint
from tests.analytics.test_duplicates import MIXER, background, day


def mixer(i: int, text: str) -> Complaint:
    return Complaint(f"M{i}", day(10 + i), text)


@pytest.fixture
def everyone() -> list[Complaint]:
    mine = [mixer(i, text) for i, text in enumerate(MIXER)]
    return sorted([*background(120, seed=9), *mine], key=lambda one: (one.time, one.id))


def partition(stream: EventStream, complaints: list[Complaint]) -> dict[str, str]:
    return {one.id: stream.event(one.id) for one in complaints}


def test_one_pass_is_what_the_stream_says(everyone: list[Complaint]) -> None:
    stream = EventStream()
    told = [stream.add(one) for one in everyone]
    whole = cluster(everyone)
    assert partition(stream, everyone) == {
        one.id: event for one, (event, _) in zip(everyone, whole, strict=True)
    }
    assert [one.score for one in told] == [score for _, score in whole]
    assert {stream.event(f"M{i}") for i in range(len(MIXER))} == {"M0"}
    assert stream.members("M1") == [f"M{i}" for i in range(len(MIXER))]


@pytest.mark.parametrize("cut", [1, 7, 60])
def test_events_do_not_depend_on_where_the_stream_is_cut(everyone: list[Complaint], cut: int) -> None:
    """A batch is only a few orders more: there is nothing to rebuild between them."""
    one_by_one, batches = EventStream(), EventStream(capacity=10_000)
    for one in everyone:
        one_by_one.add(one)
    for begin in range(0, len(everyone), cut):
        for one in everyone[begin : begin + cut]:
            batches.add(one)
        assert batches.event(everyone[begin].id)
    assert partition(batches, everyone) == partition(one_by_one, everyone)
    assert batches.merges == one_by_one.merges


def test_an_order_that_is_like_two_events_makes_them_one() -> None:
    stream = EventStream()
    stream.add(mixer(0, "锦里新城旁边的搅拌站半夜开工，噪音大得睡不着"))
    stream.add(mixer(1, "水泥罐车进出锦里新城，灰尘满天，窗户不敢开"))
    assert stream.event("M1") == "M1"
    stream.add(Complaint("X", day(11), "白鹭家园电梯困人两次"))
    stream.add(mixer(2, "锦里新城旁边的搅拌站半夜开工噪音大得睡不着，水泥罐车进出灰尘满天，窗户不敢开"))
    assert [stream.event(f"M{i}") for i in range(3)] == ["M0", "M0", "M0"]
    assert stream.merges == [Merge("M0", "M1", "M2", by_person=False)]
    assert stream.event("X") == "X"


def test_the_same_text_ten_thousand_times_is_one_event_and_no_slower() -> None:
    """What is looked at per order is bounded, so it is counted rather than timed."""
    stream = EventStream()
    compared: list[int] = []
    find = stream.index.compare

    def counted(*args: object) -> object:
        found = find(*args)  # type: ignore[arg-type]
        compared.append(len(found))
        return found

    stream.index.compare = counted  # type: ignore[method-assign, assignment]
    for i in range(3000):
        stream.add(Complaint(str(i), day(i / 3000), MIXER[0]))
    assert {stream.event(str(i)) for i in range(0, 3000, 97)} == {"0"}
    assert len(stream.members("0")) == 3000
    assert max(compared) <= 8


def test_a_person_s_merge_joins_whole_events() -> None:
    stream = EventStream()
    for i, text in enumerate(MIXER[:2]):
        stream.add(mixer(i, text))
    stream.add(Complaint("X", day(12), "白鹭家园电梯困人两次，维保单位迟迟不来"))
    stream.add(Complaint("Y", day(13), "白鹭家园电梯又困人，维保单位不来"))
    assert stream.event("Y") == "X"
    assert stream.merge("Y", "M1") == "M0"
    assert stream.members("X") == ["M0", "M1", "X", "Y"]
    assert stream.merges[-1] == Merge("M0", "X", "M1", by_person=True)
    assert stream.lessons == 1


def test_a_split_order_stays_out() -> None:
    stream = EventStream()
    for i, text in enumerate(MIXER[:3]):
        stream.add(mixer(i, text))
    assert stream.split("M1") == "M1"
    assert stream.event("M1") == "M1"
    assert stream.members("M0") == ["M0", "M2"]
    assert stream.lessons == 2
    stream.add(mixer(4, MIXER[1] + "。" + MIXER[0]))  # like both: must not bring them together again
    assert stream.event("M1") != stream.event("M0")
    assert stream.split("M1") == stream.event("M1")


def test_splitting_off_the_first_leaves_the_event_to_the_next() -> None:
    stream = EventStream()
    for i, text in enumerate(MIXER[:3]):
        stream.add(mixer(i, text))
    assert stream.split("M0") == "M0"
    assert [stream.event(f"M{i}") for i in range(3)] == ["M0", "M1", "M1"]


def test_a_person_may_change_their_mind() -> None:
    stream = EventStream()
    for i, text in enumerate(MIXER[:3]):
        stream.add(mixer(i, text))
    stream.split("M1")
    assert stream.merge("M1", "M2") == "M0"
    assert stream.members("M1") == ["M0", "M1", "M2"]


def test_what_persons_decide_teaches() -> None:
    stream = EventStream()
    for i, text in enumerate(MIXER):
        stream.add(mixer(i, text))
    for i in range(1, len(MIXER)):
        stream.split(f"M{i}")
    before = stream.index.likeness(stream.index.side(0), [1])[0]
    stream.learn()
    first = stream.index.likeness(stream.index.side(0), [1])[0]
    stream.learn()  # from the same lessons: no more than that is to be learnt
    assert stream.index.likeness(stream.index.side(0), [1])[0] == first
    assert first < before
    assert EventStream().learn().to_dict() == EventStream().index.model.to_dict()


def test_removing_and_sending_again() -> None:
    stream = EventStream()
    for i, text in enumerate(MIXER[:3]):
        stream.add(mixer(i, text))
    stream.remove("M0")
    with pytest.raises(KeyError):
        stream.event("M0")
    assert stream.members("M1") == ["M1", "M2"]
    assert stream.add(mixer(0, MIXER[0])).event_id == "M1"
    assert stream.add(mixer(0, "宽巷子卖的糖画不新鲜")).event_id == "M0"
    assert stream.members("M1") == ["M1", "M2"]
    with pytest.raises(KeyError):
        stream.remove("nobody")


def test_expired_orders_are_forgotten() -> None:
    stream = EventStream()
    for i, text in enumerate(MIXER[:3]):
        stream.add(mixer(i, text))
    assert stream.expire(day(11)) == 1
    assert stream.members("M2") == ["M1", "M2"]
    assert stream.expire(day(300)) == 2
    assert stream.add(mixer(9, MIXER[0])).event_id == "M9"


@pytest.mark.parametrize(
    "text", ["", " ", "！！！", "😀" * 50, "啊" * 5000, "12", "帮助" * 25_000, "\x00\x1f\n", "help me"]
)
def test_bad_texts_are_taken_in_and_join_nothing_else(text: str) -> None:
    stream = EventStream()
    stream.add(mixer(0, MIXER[0]))
    told = stream.add(Complaint("bad", day(11), text))
    assert told.event_id == "bad"
    again = stream.add(Complaint("bad again", day(11), text))
    assert 0 <= again.score <= 1
    assert stream.event("M0") == "M0"
    assert stream.members("M0") == ["M0"]


def test_texts_that_say_nothing_are_no_event() -> None:
    stream = EventStream()
    assert [stream.add(Complaint(str(i), day(1), "😀")).event_id for i in range(3)] == ["0", "1", "2"]


def test_times_need_a_zone_and_leave_nothing_behind() -> None:
    stream = EventStream()
    with pytest.raises(ValueError, match="时区"):
        stream.add(Complaint("1", datetime(2026, 1, 1), MIXER[0]))
    assert len(stream) == 0


def test_an_event_lasts_while_its_orders_come_within_the_window() -> None:
    stream = EventStream(timedelta(days=10))
    start = datetime(2026, 1, 1, tzinfo=UTC)
    events = [
        stream.add(Complaint(str(i), start + timedelta(days=8 * i), MIXER[0])).event_id for i in range(5)
    ]
    assert events == ["0"] * 5
