"""地名: what people call places in running text, and what only sounds like one."""

from __future__ import annotations

import pytest

from analytics.keywords import clauses
from analytics.places import PlaceFinder, areas, candidates, key_of


def found(text: str) -> list[str]:
    return candidates(clauses(text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我家住在锦苑小区三栋", "锦苑小区"),
        ("投诉清波小学门口乱停车", "清波小学"),
        ("府南街道石人南路路灯不亮", "府南街道"),
        ("关于桐梓林新村停水的投诉", "桐梓林新村"),
        ("A7县黄花镇的垃圾没人清运", "黄花镇"),
        ("请问解放西路何时通车", "解放西路"),
    ],
)
def test_names_are_found(text, name):
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "我们小区的物业不作为",
        "幼儿园收费太贵",
        "希望政府给我们一条出路",
        "这条路坑坑洼洼",
        "房地产市场要规范",
        "A市的公园太少",
        "普通家庭买不起房",
        "",
    ],
)
def test_what_only_sounds_like_a_place_is_not(text):
    assert found(text) == []


def test_districts_and_codes():
    assert areas("A7县星沙和A2区都停水，A市也是") == ["A7县", "A2区"]
    assert areas("成都市青羊区某小区") == ["青羊区"]


def test_the_collection_agrees_on_one_name():
    texts = [
        "青湖新城小区停水",
        "青湖新城附近噪音大",
        "抵制青湖新城乱收费",
        "青湖新城小区电梯坏了",
        "我要反映锦里花园的事",
    ]
    finder = PlaceFinder().settle(texts)
    names = [finder.find(text).names for text in texts]
    assert all(one == ("青湖新城",) for one in names[:4])
    assert finder.display["青湖新城"] in {"青湖新城", "青湖新城小区"}


def test_a_name_without_its_ending_is_recognised_once_known():
    texts = ["金水湾小区漏水", "金水湾小区没有电", "金水湾那边太吵了"]
    finder = PlaceFinder().settle(texts)
    assert finder.find(texts[2]).names == ("金水湾",)


def test_keys():
    assert key_of("青湖新城小区") == "青湖新城"
    assert key_of("锦苑小区") == "锦苑小区"
