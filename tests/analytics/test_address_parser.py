"""文中找地址: the addresses in a complaint's own words, where they begin and end, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.address_parser import AddressParser, find_addresses


def found(text: str) -> list[str]:
    return [address.text for address in find_addresses(text)]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("您好！我家住在青羊区府南街道同德路12号，楼下太吵", ["青羊区府南街道同德路12号"]),
        ("投诉成都市青羊区同德花园3栋2单元漏水", ["成都市青羊区同德花园3栋2单元"]),
        ("我是A市A3区莲花镇龙台村村民", ["A市A3区莲花镇龙台村"]),
        ("锦绣家园5栋301装修，对面的同德花园8栋也装修", ["锦绣家园5栋301", "同德花园8栋"]),
        ("公司地址在人民路与建设路交汇处，无证经营", ["人民路与建设路交汇处"]),
        ("油烟扰民A3区天顶街道青山新村8栋", ["A3区天顶街道青山新村8栋"]),
        ("黄花镇新华村（东风组）修路", ["黄花镇新华村"]),
    ],
)
def test_addresses_are_found(text: str, addresses: list[str]) -> None:
    assert found(text) == addresses


@pytest.mark.parametrize(
    "text",
    [
        "",
        "孩子在马路上骑车，没有思路",
        "小区业主多次投诉物业公司",
        "请青羊区解决",  # a district alone places nothing
        "同德路太堵",  # one name alone is a place, not yet an address
        "3月3日3号线停运",
        "物业费每平方米12元，一共3000元",
    ],
)
def test_what_is_no_address_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_parts_count_from_the_beginning_of_the_text() -> None:
    text = "您好，请问青羊区同德路12号何时修好？"
    (address,) = find_addresses(text)
    assert text[address.start : address.end] == address.text == "青羊区同德路12号"
    assert [(text[part.start : part.end], part.label) for part in address.parts] == [
        ("青羊区", "district"),
        ("同德路", "road"),
        ("12号", "roadno"),
    ]


def test_the_builtin_parser_reads_lines_as_well() -> None:
    assert [span.label for span in AddressParser().parse("青羊区同德路12号")] == [
        "district",
        "road",
        "roadno",
    ]


@given(
    st.one_of(
        st.text(max_size=80),
        st.text(alphabet="在我们青羊区同德府南街道社村路与花园3栋12号单元，。（A交汇处旁", max_size=80),
    )
)
def test_addresses_are_in_order_and_their_parts_inside(text: str) -> None:
    at = 0
    for address in find_addresses(text):
        assert at <= address.start < address.end <= len(text)
        assert address.text == text[address.start : address.end]
        assert address.parts
        inside = address.start
        for part in address.parts:
            assert inside <= part.start < part.end <= address.end
            inside = part.end
        at = address.end
