"""指纹: what is a place's name in running text and what is not; grams do not depend on marks or on case."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.fingerprints import TEXT_LIMIT, clean, fingerprint, grams_of, runs_of, same_names


def names(text: str, place: str = "") -> frozenset[str]:
    return fingerprint(clean(text), place).names


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我是锦里新城小区的业主", {"锦里新城"}),
        ("白鹭家园楼下的油烟直排", {"白鹭家园"}),
        ("解放路和建设街都在修", {"解放路", "建设街"}),
        ("请提高农村低保标准", set()),
        ("今天早上路上全是石子", set()),
        ("请帮忙找销路", set()),
        ("建设美好家园人人有责", set()),
        ("马路上没有公路标志", set()),
    ],
)
def test_names_of_places(text: str, wanted: set[str]) -> None:
    assert names(text) == wanted


@pytest.mark.parametrize(
    "field",
    [
        "苏坡街道御景西苑6栋2单元",
        "青羊区/苏坡街道/清波社区/御景西苑",
        "御景西苑",
        "青羊区苏坡街道御景西苑三期",
    ],
)
def test_the_place_field_s_name_is_the_estate_whatever_stands_round_it(field: str) -> None:
    assert fingerprint(clean("停水"), field).at == "御景西苑"


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("青湖新城", "购青湖新城", {"青湖新城"}),
        ("梅园小区", "梅园花园", {"梅园小区"}),
        ("梅园花园", "兰园花园", set()),
        ("西苑", "御景西苑", set()),
    ],
)
def test_names_that_mean_one_place(one: str, two: str, same: set[str]) -> None:
    found = same_names(frozenset({one}), frozenset({two}))
    assert bool(found) == bool(same)
    assert bool(same_names(frozenset({two}), frozenset({one}))) == bool(same)


def test_grams_are_sorted_without_repeats_and_deaf_to_marks_and_case() -> None:
    grams = grams_of("停水停水停水，ABC")
    assert (np.diff(grams.astype(np.int64)) > 0).all()
    assert np.array_equal(grams, grams_of("停水停水停水！abc"))
    assert len(grams_of("，。！😀")) == 0
    assert len(grams_of("")) == 0


LETTER = (
    "锦里新城旁边的搅拌站半夜开工，水泥罐车来回跑，噪音大得睡不着，窗台上全是灰，老人和孩子都在咳嗽，"
    "打了几次电话都说在协调，到现在没有人来看过，要求停止夜间施工并且公布检测结果"
)


def shared_keys(one: str, two: str) -> int:
    return len(np.intersect1d(fingerprint(clean(one)).whole(), fingerprint(clean(two)).whole()))


def test_a_copy_shares_a_key_however_it_is_punctuated() -> None:
    assert shared_keys("锦里新城，停水三天。", "锦里新城停水三天！！")
    assert shared_keys("好！", "好")
    assert len(fingerprint("😀").whole()) == 0


def test_a_light_rewording_shares_a_key_and_another_matter_does_not() -> None:
    assert shared_keys(LETTER, LETTER.replace("噪音大得睡不着", "吵得没法睡").replace("全是灰", "都是灰"))
    assert not shared_keys(LETTER, "白鹭家园电梯困人两次，维保单位迟迟不来，业主群里问了物业，说配件还在路上")


def test_an_ending_is_no_key_of_a_place() -> None:
    """Every farmers' market ends in 农贸市场: what is said at one is not tied to all."""
    one, two = (
        fingerprint(clean(f"{name}摊位占道经营"), name).tied() for name in ("泉金农贸市场", "银藤农贸市场")
    )
    assert len(one)
    assert not set(one) & set(two)
    again = fingerprint(clean("购青湖新城摊位占道"), "购青湖新城").tied()
    assert set(again) & set(fingerprint(clean("青湖新城摊位占道"), "青湖新城").tied())


def test_what_both_say_word_for_word() -> None:
    said = [words for words, _ in runs_of("搅拌站半夜开工，噪音大", "小区边的搅拌站半夜开工")]
    assert said == ["搅拌站半夜开工"]
    assert list(runs_of("停水", "停水")) == []


@pytest.mark.parametrize("text", ["", "\x00", "啊" * 100_000, "😀" * 1000, "\ud800坏", "a" * 100_000])
def test_any_text_has_a_bounded_fingerprint(text: str) -> None:
    said = fingerprint(clean(text))
    assert len(said.text) <= TEXT_LIMIT
    assert len(said.grams) <= 2 * TEXT_LIMIT
