"""地址解析: the parts of an address by the grammar, offsets exact, nothing raised whatever comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.address import LABELS, LEVELS, levels, parse
from analytics.address_model import read_conll
from tests.shared_data import needs, shared


def parts(text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.label) for span in parse(text)]


def test_a_whole_address_from_province_to_room() -> None:
    text = "四川省成都市青羊区府南街道同德社区清江东路12号同德花园3栋2单元10楼1001室"
    assert parts(text) == [
        ("四川省", "prov"),
        ("成都市", "city"),
        ("青羊区", "district"),
        ("府南街道", "town"),
        ("同德社区", "community"),
        ("清江东路", "road"),
        ("12号", "roadno"),
        ("同德花园", "poi"),
        ("3栋", "houseno"),
        ("2单元", "cellno"),
        ("10楼", "floorno"),
        ("1001室", "roomno"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("成都温江区", [("成都", "city"), ("温江区", "district")]),
        ("四川省简阳市", [("四川省", "prov"), ("简阳市", "district")]),
        ("北京北京市朝阳区", [("北京", "prov"), ("北京市", "city"), ("朝阳区", "district")]),
        (
            "锦绣家园5-2-301",
            [
                ("锦绣家园", "poi"),
                ("5", "houseno"),
                ("-", "redundant"),
                ("2", "cellno"),
                ("-", "redundant"),
                ("301", "roomno"),
            ],
        ),
        (
            "人民路与建设路交叉口",
            [("人民路", "road"), ("与", "assist"), ("建设路", "subroad"), ("交叉口", "assist")],
        ),
        ("红星村三组8号", [("红星村", "community"), ("三组", "road"), ("8号", "roadno")]),
        ("红星村3组8号", [("红星村", "community"), ("3组", "road"), ("8号", "roadno")]),
        (
            "北京市北京市朝阳区",
            [("北京市", "redundant"), ("北京市", "city"), ("朝阳区", "district")],
        ),
        ("人民南路4段12号", [("人民南路", "road"), ("4段", "subroad"), ("12号", "subroadno")]),
        ("二环路北四段8号", [("二环路", "road"), ("北四段", "subroad"), ("8号", "subroadno")]),
        ("同德路15号附3号2栋", [("同德路", "road"), ("15号附3号", "roadno"), ("2栋", "houseno")]),
        (
            "同德路和建设路交叉口",
            [("同德路", "road"), ("和", "assist"), ("建设路", "subroad"), ("交叉口", "assist")],
        ),
        ("同德路和平巷3号", [("同德路", "road"), ("和平巷", "subroad"), ("3号", "subroadno")]),
        ("文庙街地下2层", [("文庙街", "road"), ("地下2层", "floorno")]),
        (
            "西湖区_文三路",
            [("西湖区", "district"), ("_", "redundant"), ("文三路", "road")],
        ),
        # exports with places made unknown
        ("A市A3区同德路", [("A市", "city"), ("A3区", "district"), ("同德路", "road")]),
        ("广西壮族自治区南宁市", [("广西壮族自治区", "prov"), ("南宁市", "city")]),
        ("经济开发区创业大道9号", [("经济开发区", "devzone"), ("创业大道", "road"), ("9号", "roadno")]),
    ],
)
def test_by_the_grammar(text: str, expected: list[tuple[str, str]]) -> None:
    assert parts(text) == expected


def test_an_area_said_again_is_redundant() -> None:
    said = parts("浙江省杭州市余杭区杭州市余杭区五常街道")
    assert said[3:] == [("杭州市", "redundant"), ("余杭区", "redundant"), ("五常街道", "town")]


def test_a_street_named_after_a_city_is_no_city() -> None:
    assert parts("青岛路18号") == [("青岛路", "road"), ("18号", "roadno")]


def test_in_running_text_the_clause_that_is_an_address_is_read() -> None:
    text = "您好！我住在青羊区府南街道同德路12号，楼下夜宵摊太吵，请处理。"
    assert parts(text) == [
        ("青羊区", "district"),
        ("府南街道", "town"),
        ("同德路", "road"),
        ("12号", "roadno"),
    ]


def test_levels_hold_the_text_of_each_column() -> None:
    text = "成都市青羊区同德路12号同德花园3栋2单元"
    found = levels(text, parse(text))
    assert list(found) == list(LEVELS)
    assert found["city"] == "成都市"
    assert found["district"] == "青羊区"
    assert found["road"] == "同德路"
    assert found["number"] == "12号"
    assert found["poi"] == "同德花园"
    assert found["building"] == "3栋"
    assert found["unit"] == "2单元"
    assert found["province"] == found["room"] == ""


@given(
    st.one_of(
        st.text(max_size=60),
        st.text(alphabet="浙江省杭州市区县镇街道路号幢栋单元楼室村12345A-与、，。 ", max_size=60),
    )
)
def test_spans_are_in_order_within_the_text_and_never_overlap(text: str) -> None:
    at = 0
    for span in parse(text):
        assert at <= span.start < span.end <= len(text)
        assert span.label in LABELS
        at = span.end


def test_blank_texts_have_no_parts() -> None:
    assert parse("") == []
    assert levels("", []) == dict.fromkeys(LEVELS, "")


@needs("address_dev.conll")
def test_on_real_addresses() -> None:
    """Entity F1 of all labels on the first 500 addresses of the public development set."""
    data = read_conll(shared("address_dev.conll"))[:500]
    gold = {(number, span) for number, (_, spans) in enumerate(data) for span in spans}
    found = {(number, span) for number, (text, _) in enumerate(data) for span in parse(text)}
    assert 2 * len(gold & found) / (len(gold) + len(found)) > 0.75
