"""重复: the same event is found however it is worded, another place's is not, and likeness does not chain."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.duplicates import DuplicateIndex, Match
from analytics.event_stream import cluster
from analytics.records import Complaint

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MIXER = [
    "锦里新城旁边在建搅拌站，半夜噪音大得睡不着，灰尘满天",
    "投诉锦里新城小区附近搅拌站扬尘和噪音扰民，要求搬走",
    "锦里新城业主反映：小区外面的混凝土搅拌站粉尘严重，老人天天咳嗽",
]
MATTERS = [
    "路灯坏了三天没人修，晚上出门看不见",
    "物业费涨价没有公示，业主不同意",
    "电梯困人两次，维保单位迟迟不来",
    "垃圾桶满了没人清运，臭味很大",
    "广场舞音响太吵，孩子没法写作业",
    "临时停车收费标准不明，乱收费",
    "下水道堵塞污水外溢到路面",
    "楼上装修从早到晚敲墙没有休息",
]
ESTATES = ["青松花园", "白鹭家园", "红枫公寓", "紫藤雅居", "金桂名邸", "银杏佳苑", "海棠新村", "玉兰山庄"]


def day(n: float) -> datetime:
    return START + timedelta(days=n)


def background(n: int, seed: int = 1) -> list[Complaint]:
    rng = random.Random(seed)
    return [
        Complaint(
            f"B{i}",
            day(rng.uniform(0, 25)),
            f"{rng.choice(ESTATES)}{rng.randint(1, 30)}栋{rng.choice(MATTERS)}，第{rng.randint(2, 9)}次反映",
        )
        for i in range(n)
    ]


@pytest.fixture(scope="module")
def index() -> DuplicateIndex:
    index = DuplicateIndex()
    for one in background(400):
        index.add(one.id, one.time, one.text, one.place)
    for i, text in enumerate(MIXER):
        index.add(f"M{i}", day(10 + i), text)
    index.add("OLD", day(-60), MIXER[0])
    return index


def test_other_wordings_of_one_event_come_first(index: DuplicateIndex) -> None:
    found = index.candidates(day(13), "家住锦里新城，楼下搅拌站灰尘太大，窗户不敢开", k=3)
    assert {match.id for match in found} == {"M0", "M1", "M2"}
    assert all(match.place_same for match in found)
    assert found[0].score > 0.5
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)


def test_the_reasons_are_told(index: DuplicateIndex) -> None:
    match = index.candidates(day(12.2), MIXER[2], k=1)[0]
    assert match.id == "M2"
    assert match.score > 0.95
    assert match.days_apart == pytest.approx(0.2)
    assert "锦里新城" in match.shared
    assert any("锦里新城" in reason for reason in match.why)
    assert match.why[-1] == "同一天"


def test_orders_outside_the_window_are_no_candidates_on_either_side(index: DuplicateIndex) -> None:
    assert "OLD" not in {match.id for match in index.candidates(day(10), MIXER[0], k=50)}
    assert "OLD" in {match.id for match in index.candidates(day(-40), MIXER[0], k=50)}
    assert index.candidates(day(200), MIXER[0]) == []
    ids = {match.id for match in index.candidates(day(-15), MIXER[0], k=50)}
    assert "M0" in ids  # 25 days later
    assert "M2" in {match.id for match in index.candidates(day(0), MIXER[2], k=50)}


def test_the_same_words_at_another_place_are_not_the_same_event() -> None:
    index = DuplicateIndex()
    index.add("1", day(0), "青松花园停水一天了，没有通知，要求尽快恢复供水", "青松花园")
    index.add("2", day(0), "白鹭家园停水一天了，没有通知，要求尽快恢复供水", "白鹭家园")
    found = {
        match.id: match for match in index.candidates(day(0.5), "白鹭家园没水了，停水一天没通知", "白鹭家园")
    }
    assert found["2"].score > 0.5 > found["1"].score
    assert not found["1"].place_same
    assert "地点不同" in found["1"].why


def test_another_matter_at_the_same_place_is_not_the_same_event(index: DuplicateIndex) -> None:
    found = index.candidates(day(12), "锦里新城二期的房产证什么时候能办下来，交房两年了", k=5)
    assert all(match.score < 0.5 for match in found)


def test_shared_numbers_count() -> None:
    plain, numbered = DuplicateIndex(), DuplicateIndex()
    plain.add("1", day(0), "公交车司机甩站不停")
    numbered.add("1", day(0), "805路公交车司机甩站不停")
    asked = "公交车805路又甩站，等了很久"
    assert numbered.candidates(day(1), asked)[0].score > plain.candidates(day(1), asked)[0].score
    assert "805" in numbered.candidates(day(1), asked)[0].shared


def test_a_verbatim_copy_is_nearly_certain_even_among_many(index: DuplicateIndex) -> None:
    for one in background(400)[::40]:
        first = index.candidates(one.time, one.text, k=1)[0]
        assert first.score > 0.9


@pytest.mark.parametrize("text", ["", "   ", "。。。", "好", "😀😀", "12"])
def test_texts_that_say_nothing_raise_nothing(text: str) -> None:
    index = DuplicateIndex()
    index.add("1", day(0), text)
    index.add("2", day(0), MIXER[0])
    assert all(isinstance(match, Match) for match in index.candidates(day(0), text))


def test_an_empty_index_has_no_candidates() -> None:
    assert DuplicateIndex().candidates(day(0), MIXER[0]) == []


def test_times_need_a_zone() -> None:
    index = DuplicateIndex()
    with pytest.raises(ValueError, match="时区"):
        index.add("1", datetime(2026, 1, 1), "文字")
    with pytest.raises(ValueError, match="时区"):
        index.candidates(datetime(2026, 1, 1), "文字")


def test_growing_loses_nothing() -> None:
    """Past the first 3,000 orders the table of grams doubles; what was added before is still found."""
    index = DuplicateIndex()
    index.add("first", day(5), MIXER[0])
    for one in background(3600, seed=3):
        index.add(one.id, one.time, one.text)
    assert len(index) == 3601
    assert index.candidates(day(6), MIXER[1], k=1)[0].id == "first"


def test_events_are_grouped_and_bear_their_earliest_id() -> None:
    mine = [Complaint(f"M{i}", day(10 + i), text) for i, text in enumerate(MIXER)]
    everyone = [*reversed(mine), *background(150)]
    told = cluster(everyone)
    assert len(told) == len(everyone)
    assert [event for event, _ in told[:3]] == ["M0", "M0", "M0"]
    assert told[2] == ("M0", 1.0)
    assert all(0.5 < score <= 1 for _, score in told[:2])
    assert all(event != "M0" for event, _ in told[3:])


def test_events_do_not_depend_on_the_order_of_rows() -> None:
    everyone = [*background(80), *(Complaint(f"M{i}", day(10 + i), text) for i, text in enumerate(MIXER))]
    told = dict(zip([one.id for one in everyone], cluster(everyone), strict=True))
    shuffled = random.Random(5).sample(everyone, len(everyone))
    assert dict(zip([one.id for one in shuffled], cluster(shuffled), strict=True)) == told


def test_likeness_does_not_chain() -> None:
    """Each order is much like the one before it; the last has nothing left of the first."""
    words = [
        "锦里新城停水通知晚了居民意见很大",
        "水箱清洗以后水质发黄有异味",
        "二次供水设备老化需要更换",
        "泵房噪音整夜不停",
        "隔壁住户投诉振动",
        "物业说要等业委会决定",
        "业委会选举名单没有公示",
        "选票统计过程不公开",
    ]
    chain = [
        Complaint(f"C{i}", day(i), "，".join(["锦里新城", *words[i : i + 3]])) for i in range(len(words) - 2)
    ]
    events = [event for event, _ in cluster(chain)]
    assert events[1] == events[0]
    assert events[-1] != events[0]


def test_the_window_ends_an_event() -> None:
    same = [Complaint(str(i), day(20 * i), MIXER[0]) for i in range(3)]
    assert [event for event, _ in cluster(same)] == ["0", "0", "0"]
    assert [event for event, _ in cluster(same, timedelta(days=10))] == ["0", "1", "2"]


def test_nothing_to_group() -> None:
    assert cluster([]) == []


def test_a_crowd_does_not_hide_the_one_that_is_meant() -> None:
    """Past the buckets' eight places: what many write pushes out nothing but its own like."""
    index = DuplicateIndex()
    index.add("first", day(5), MIXER[0])
    for i in range(300):
        index.add(f"C{i}", day(5 + i / 100), f"青松花园{i}栋广场舞音响太吵，孩子没法写作业")
    assert index.candidates(day(9), MIXER[0], k=1)[0].id == "first"
    assert index.candidates(day(9), MIXER[1], k=1)[0].id == "first"


def test_a_removed_order_is_no_candidate_and_one_sent_again_replaces_itself() -> None:
    index = DuplicateIndex()
    index.add("1", day(0), MIXER[0])
    index.add("2", day(0), MIXER[0])
    index.remove("1")
    assert [match.id for match in index.candidates(day(0), MIXER[0])] == ["2"]
    index.add("2", day(1), "白鹭家园电梯困人两次")
    assert index.candidates(day(1), MIXER[0], k=9) == [] or all(
        match.score < 0.5 for match in index.candidates(day(1), MIXER[0], k=9)
    )
    with pytest.raises(KeyError):
        index.remove("1")


def test_expired_orders_are_gone_and_their_words_with_them() -> None:
    index = DuplicateIndex()
    for i in range(1500):
        index.add(str(i), day(i / 50), f"青松花园{i}栋电梯困人，维保单位不来")
    assert index.expire(day(25)) == 1250
    found = index.candidates(day(25.5), "青松花园1249栋电梯困人，维保单位不来", k=40)
    assert found
    assert all(int(match.id) >= 1250 for match in found)
    assert index._store._blocks[0] is None  # the first 1,024 are all past
    assert index._store.told(3) == ("", "", "")
    assert index.expire(day(25)) == 0


def test_a_saved_index_answers_as_before(tmp_path: Path) -> None:
    index = DuplicateIndex()
    for one in background(1100, seed=8):
        index.add(one.id, one.time, one.text, "青松花园", "城乡建设/物业管理")
    index.add("M", day(3), MIXER[0])
    index.remove("B0")
    index.save(tmp_path / "index.npz")
    again = DuplicateIndex().load(tmp_path / "index.npz")
    assert len(again) == len(index)
    for text in (MIXER[1], "青松花园3栋电梯困人两次"):
        assert again.candidates(day(4), text, k=9) == index.candidates(day(4), text, k=9)
    again.add("N", day(4), MIXER[1])  # and goes on
    assert again.candidates(day(4), MIXER[1], k=1)[0].id == "N"
    with pytest.raises(KeyError):
        again.remove("B0")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"\x93NUMPY"])
def test_a_damaged_index_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "index.npz").write_bytes(content)
    with pytest.raises(ValueError, match="查重索引"):
        DuplicateIndex().load(tmp_path / "index.npz")
    with pytest.raises(FileNotFoundError):
        DuplicateIndex().load(tmp_path / "none.npz")


def test_an_index_of_other_arrays_is_refused(tmp_path: Path) -> None:
    index = DuplicateIndex()
    index.add("1", day(0), MIXER[0])
    index.save(tmp_path / "whole.npz")
    with np.load(tmp_path / "whole.npz") as arrays:
        parts = dict(arrays)
    for name in ("postings_turn", "store_bytes"):
        np.savez(tmp_path / "bad.npz", **(parts | {name: parts[name][:-1]}))
        with pytest.raises(ValueError, match="查重索引"):
            DuplicateIndex().load(tmp_path / "bad.npz")


def test_shared_words_and_the_span_are_told() -> None:
    index = DuplicateIndex()
    index.add("1", day(0), "锦里新城旁边的搅拌站半夜开工，噪音太大")
    why = index.candidates(day(2), "锦里新城的居民都听得到搅拌站半夜开工", k=1)[0].why
    assert "三天内同一地点：锦里新城" in why
    assert any("搅拌站半夜开工" in reason for reason in why)


def test_a_known_category_speaks_for_and_against() -> None:
    index = DuplicateIndex()
    index.add("1", day(0), MIXER[0], category="环境保护/噪声")
    scores = [
        index.candidates(day(1), MIXER[2], category=category)[0].score
        for category in ("环境保护/噪声", "", "民政/养老")
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[2]
