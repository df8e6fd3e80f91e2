"""学地名: a name is learnt for the finest area that enough different people agree on, and for nothing less."""

from __future__ import annotations

import pytest

from analytics.place_learning import Confirmed, LearntPlace, learn_places, wilson

STREET = ("1", "11", "111")
LOTUS, PINE = (*STREET, "1111"), (*STREET, "1112")
FIRST, SECOND = (*LOTUS, "11111"), (*LOTUS, "11112")
LISTED = {
    "锦城市": [("1",)],
    "东湖区": [("1", "11")],
    "静水街道": [STREET],
    "翠竹苑": [FIRST],
    "荷塘社区": [LOTUS],
}
WIDE = ("1", "11")


def orders(text: str, *lines: tuple[str, ...], place: str = "", who: str = "p") -> list[Confirmed]:
    return [Confirmed(text, place, line, f"{who}{n}") for n, line in enumerate(lines)]


def learnt(told: list[Confirmed], **more: list[str]) -> dict[str, LearntPlace]:
    return {one.name: one for one in learn_places(told, LISTED, WIDE, **more)}


def test_a_place_enough_people_agree_on_is_learnt() -> None:
    found = learnt(orders("老纺织大院没有路灯", *[FIRST] * 5))
    assert found == {"老纺织大院": LearntPlace("老纺织大院", "11111", 5, 1.0)}
    assert learnt(orders("老纺织大院没有路灯", *[FIRST] * 4)) == {}


def test_one_person_s_many_letters_are_one_vote() -> None:
    told = [Confirmed("老纺织大院没有路灯", "", FIRST, "same") for _ in range(30)]
    assert learnt(told) == {}


def test_a_place_across_two_grids_belongs_to_their_community() -> None:
    found = learnt(orders("老纺织大院没有路灯", *[FIRST] * 5, *[SECOND] * 5))
    assert (found["老纺织大院"].code, found["老纺织大院"].n) == ("1111", 10)


def test_a_place_all_over_the_district_is_not_learnt() -> None:
    elsewhere = [("1", "11", f"12{n}", f"12{n}1") for n in range(9)]
    assert learnt(orders("福星超市卖过期牛奶", *elsewhere)) == {}


def test_who_was_placed_coarsely_speaks_neither_for_nor_against() -> None:
    found = learnt(orders("老纺织大院没有路灯", *[FIRST] * 5, *[LOTUS] * 20))
    assert found["老纺织大院"] == LearntPlace("老纺织大院", "11111", 5, 1.0)


def test_doors_and_buildings_are_learnt_in_one_writing_and_rooms_never() -> None:
    told = [
        Confirmed("没有路灯", place, FIRST, str(n))
        for n, place in enumerate(["清溪东路15号", "清溪东路十五号", "东湖区清溪东路１５号", "静水街道清溪东路15号", "清溪东路 15 号"])
    ] + [
        Confirmed("漏水", place, SECOND, str(n))
        for n, place in enumerate(
            ["翠竹苑三幢2单元501室", "翠竹苑3号楼1单元502", "翠竹苑3栋1单元601", "翠竹苑3栋", "翠竹苑3幢2单元302室"]
        )
    ]  # fmt: skip
    found = learnt(told)
    assert found["清溪东路15号"].code == "11111"
    assert found["翠竹苑3栋"].code == "11112"
    assert set(found) == {"清溪东路15号", "翠竹苑3栋"}


@pytest.mark.parametrize(
    "text",
    [
        "翠竹苑北门没有路灯",
        "翠竹苑没有路灯",
        "荷塘没有路灯",
        "家属院没有路灯",
        "搅拌厂没有路灯",
        "小区大门没有路灯",
    ],
)
def test_what_the_list_tells_already_or_any_place_is_called_is_not_learnt(text: str) -> None:
    assert learnt(orders(text, *[FIRST] * 9)) == {}


def test_words_and_divisions_before_a_name_are_no_part_of_it() -> None:
    told = [
        *orders("", *[FIRST] * 2, place="东湖区静水街道老纺织大院", who="a"),
        *orders("", *[FIRST] * 3, place="老纺织大院", who="b"),
    ]
    assert list(learnt(told)) == ["老纺织大院"]


def test_a_learnt_name_people_no_longer_agree_on_is_told() -> None:
    told = orders("老纺织大院没有路灯", *[("1", "11", f"12{n}", f"12{n}1") for n in range(9)])
    assert learnt(told, earlier=["老纺织大院", "没人说的地方"]) == {
        "老纺织大院": LearntPlace("老纺织大院", "", 0, 0.0)
    }
    assert learnt(told) == {}


def test_nothing_confirmed_nothing_learnt() -> None:
    assert learn_places([], LISTED) == []
    assert learn_places(orders("", FIRST), {}) == []


def test_the_bound_rises_with_people_and_with_agreement() -> None:
    assert wilson(0, 0) == 0.0
    assert wilson(5, 5) == pytest.approx(0.6489, abs=1e-4)
    assert wilson(4, 4) < wilson(5, 5) < wilson(50, 50) < 1
    assert wilson(6, 10) < wilson(8, 10)
