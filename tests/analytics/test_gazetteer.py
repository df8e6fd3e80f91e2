"""地名录: listed places are found, settled among themselves, and trusted no further than they deserve."""

from __future__ import annotations

import re

import pytest

from analytics.gazetteer import Gazetteer, Place

CITY = ("锦城市",)
EAST, WEST = (*CITY, "东湖区"), (*CITY, "西山区")
QUIET, NORTH = (*EAST, "静水街道"), (*WEST, "北坡街道")
LOTUS, PINE = (*QUIET, "荷塘社区"), (*NORTH, "松林社区")
GRID = (*LOTUS, "荷塘第一网格")
PLACES = [
    Place("1", "锦城市", "city", CITY, ("锦城",)),
    Place("11", "东湖区", "district", EAST, ("东湖",)),
    Place("12", "西山区", "district", WEST, ()),
    Place("111", "静水街道", "street", QUIET, ("静水街道办",)),
    Place("121", "北坡街道", "street", NORTH, ()),
    Place("1111", "荷塘社区", "community", LOTUS, ("荷塘社区居委会",)),
    Place("1211", "松林社区", "community", PINE, ()),
    Place("11111", "荷塘第一网格", "grid", GRID, ("荷塘1网格",)),
    Place("11111", "翠竹苑", "estate", (*GRID, "翠竹苑"), ("翠竹苑小区", "翠竹")),
    Place("1111", "阳光花园", "estate", (*LOTUS, "阳光花园"), ("阳光",)),
    Place("1211", "阳光花园", "estate", (*PINE, "阳光花园"), ()),
    Place("1211", "松林路", "estate", (*PINE, "松林路"), ()),
    Place("1211", "雪松家园", "estate", PINE, ()),  # a path that stops at the area
]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(PLACES)


def test_the_finest_place_of_a_line_is_returned_alone(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("东湖区静水街道荷塘社区翠竹苑小区3栋停水")
    assert [(one.code, one.name) for one in found] == [("11111", "翠竹苑")]
    assert found[0].path == (*GRID, "翠竹苑")
    assert found[0].confidence > 0.9
    assert "翠竹苑小区" in found[0].why
    assert "荷塘社区" in found[0].why


@pytest.mark.parametrize(
    ("text", "code", "low", "high"),
    [
        ("东湖区的公交太少", "11", 0.05, 0.3),
        ("锦城市东湖区的公交太少", "11", 0.05, 0.3),
        ("静水街道没人扫地", "111", 0.4, 0.6),
        ("荷塘社区没人扫地", "1111", 0.6, 0.8),
        ("荷塘1网格没人扫地", "11111", 0.8, 0.95),
        ("翠竹苑没人扫地", "11111", 0.8, 0.95),
    ],
)
def test_a_finer_place_is_surer(gazetteer: Gazetteer, text: str, code: str, low: float, high: float) -> None:
    first = gazetteer.resolve(text)[0]
    assert first.code == code
    assert low <= first.confidence <= high


def test_the_district_stays_weak_even_in_the_place_field(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("", "锦城市东湖区")[0].confidence <= 0.3


def test_homonyms_are_settled_by_another_name_said(gazetteer: Gazetteer) -> None:
    assert [one.code for one in gazetteer.resolve("松林社区阳光花园停电")] == ["1211"]
    assert [one.code for one in gazetteer.resolve("阳光花园停电", "静水街道")] == ["1111"]
    assert [one.code for one in gazetteer.resolve("西山区阳光花园停电")] == ["1211"]


def test_homonyms_left_open_share_the_confidence(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("阳光花园停电")
    assert {one.code for one in found} == {"1111", "1211"}
    assert all(one.confidence < 0.5 for one in found)
    assert "同名 2 处" in found[0].why


def test_the_place_field_counts_more(gazetteer: Gazetteer) -> None:
    alone = gazetteer.resolve("翠竹苑停电")[0].confidence
    in_field = gazetteer.resolve("停电", "翠竹苑")[0].confidence
    assert in_field > alone
    found = gazetteer.resolve("松林路这边也停电", "翠竹苑")
    assert found[0].code == "11111"
    assert found[0].confidence > found[1].confidence


def test_conflict_lowers_confidence(gazetteer: Gazetteer) -> None:
    alone = gazetteer.resolve("翠竹苑停电")[0].confidence
    assert gazetteer.resolve("翠竹苑停电，雪松家园也停电")[0].confidence < alone
    wrong_district = gazetteer.resolve("西山区翠竹苑停电")
    assert next(one for one in wrong_district if one.code == "11111").confidence < 0.6


def test_neighbours_in_conflict_offer_their_community(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("荷塘社区翠竹苑和阳光花园之间的路坏了")
    assert {"11111", "1111"} <= {one.code for one in found}


def test_a_landmark_is_not_the_place(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("隔壁翠竹苑都有水，就我们雪松家园停水")
    assert found[0].name == "雪松家园"


def test_a_two_character_alias_needs_the_place_field_or_company(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("家里没有阳光，翠竹也枯了") == []
    assert gazetteer.resolve("没水", "翠竹")[0].code == "11111"
    assert gazetteer.resolve("荷塘社区翠竹没水")[0].code == "11111"


def test_a_longer_name_is_another_place(gazetteer: Gazetteer) -> None:
    road = gazetteer.resolve("松林路太窄")[0].confidence
    assert gazetteer.resolve("松林路小学太吵")[0].confidence < road


def test_full_width_and_blanks_do_not_matter(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("荷塘１ 网格停电")[0].code == "11111"


def test_nothing_named_nothing_found(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("", "") == []
    assert gazetteer.resolve("请问社保怎么办理", "荷") == []
    assert Gazetteer([]).resolve("荷塘社区") == []


def test_results_are_ordered_and_one_per_code(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("翠竹苑、荷塘第一网格、阳光花园、雪松家园、松林路、静水街道、北坡街道都停电")
    assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)
    assert len({one.code for one in found}) == len(found) <= 5
    assert all(0 < one.confidence <= 1 for one in found)


def test_an_unknown_level_is_refused_in_chinese() -> None:
    with pytest.raises(ValueError, match="层级“town”不对"):
        Gazetteer([Place("1", "某镇", "town", ("某镇",), ())])


DOORS = [
    *PLACES,
    Place("11111", "清溪东路11号", "estate", (*GRID, "清溪东路11号")),
    Place("11111", "清溪东路19号", "estate", (*GRID, "清溪东路19号")),
    Place("1211", "清溪东路12号", "estate", (*PINE, "清溪东路12号")),
    Place("1211", "清溪东路40号", "estate", (*PINE, "清溪东路40号")),
    Place("11111", "清溪东路44号", "estate", (*GRID, "清溪东路44号")),
    Place("11111", "翠竹苑3栋", "estate", (*GRID, "翠竹苑3栋")),
]


@pytest.fixture(scope="module")
def doors() -> Gazetteer:
    return Gazetteer(DOORS)


@pytest.mark.parametrize("said", ["清溪东路11号", "清溪东路１１ 号", "清溪东路十一号"])
def test_a_listed_number_is_found_however_it_is_written(doors: Gazetteer, said: str) -> None:
    assert [(one.code, one.name) for one in doors.resolve(f"{said}门口停电")] == [("11111", "清溪东路11号")]


def test_a_listed_building_is_found_however_it_is_written(doors: Gazetteer) -> None:
    for said in ("翠竹苑三幢", "翠竹苑3号楼", "翠竹苑3栋"):
        assert doors.resolve(f"{said}停电")[0].name == "翠竹苑3栋"
        assert doors.knows(said)
    assert not doors.knows("翠竹苑4栋")


def test_an_unlisted_number_lies_where_the_numbers_beside_it_do(doors: Gazetteer) -> None:
    listed = doors.resolve("清溪东路11号停电")[0]
    between = doors.resolve("清溪东路15号停电")[0]
    assert (between.code, between.name) == ("11111", "荷塘第一网格")
    assert "11号与19号之间" in between.why
    assert listed.confidence > between.confidence > doors.resolve("清溪东路21号停电")[0].confidence > 0.5
    # the other side of the street is another community's
    assert doors.resolve("清溪东路14号停电")[0].code == "1211"


@pytest.mark.parametrize("said", ["清溪东路42号", "清溪东路91号", "清溪西路15号", "清溪东路15号线"])
def test_a_number_the_listed_ones_say_nothing_of_is_not_guessed(doors: Gazetteer, said: str) -> None:
    assert doors.resolve(f"{said}停电") == []


def test_the_end_of_a_longer_name_is_not_the_place() -> None:
    short = Gazetteer([*PLACES, Place("1111", "荷塘横街", "estate", (*LOTUS, "荷塘横街"), ("横街",))])
    assert short.resolve("", "松林横街") == []
    assert short.resolve("松林横街没灯", "西山区松林横街")[0].code == "12"
    assert short.resolve("", "荷塘社区横街")[0].code == short.resolve("", "横街")[0].code == "1111"
    whole, tail = short.resolve("", "翠竹苑")[0], short.resolve("", "新翠竹苑")[0]
    assert tail.confidence < 0.8 * whole.confidence


def test_an_unlisted_place_in_the_field_speaks_against_the_text(gazetteer: Gazetteer) -> None:
    alone = gazetteer.resolve("翠竹苑的人也睡不着", "静水街道")
    assert (alone[0].code, len(alone)) == ("11111", 1)
    found = gazetteer.resolve("翠竹苑的人也睡不着", "静水街道锦绣豪庭")
    confidence = {one.code: one.confidence for one in found}
    assert confidence["11111"] < 0.6 * alone[0].confidence + 0.05
    assert found[0].code == "111"  # what the field says and we know
    assert any("“锦绣豪庭”未收录" in one.why for one in found)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("停电", "南湾区翠竹苑"),
        ("停电", "南湾市翠竹苑"),
        ("停电", "大风街道翠竹苑"),
        ("在南湾区长河街道翠竹苑停电", ""),
    ],
)
def test_a_place_outside_speaks_against_ours(gazetteer: Gazetteer, text: str, field: str) -> None:
    ours = gazetteer.resolve("翠竹苑停电", "翠竹苑" if field else "")[0].confidence
    found = gazetteer.resolve(text, field)[0]
    assert found.confidence < 0.8 * ours
    assert re.search("“(南湾[区市]|大风街道)”不在名录", found.why)


def test_our_own_divisions_in_other_words_are_not_outside(gazetteer: Gazetteer) -> None:
    for said in ("在东湖区静水街道翠竹苑", "在本区静水街道翠竹苑", "住小区静水街道翠竹苑"):
        assert gazetteer.resolve(f"{said}停电")[0].confidence > 0.9


def test_no_text_breaks_it(doors: Gazetteer) -> None:
    for said in ("", "号" * 500, "清溪东路" * 300, "1" * 5000, "😀\x00\t翠竹苑", "區縣" * 50):
        doors.resolve(said, said[:255])
