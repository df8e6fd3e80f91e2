"""十段式: the many writings of one address become one; what the table of divisions contradicts is left alone."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import address_segments
from analytics.address import LABELS, Span
from analytics.address_model import read_conll
from analytics.address_segments import SEGMENTS, TenSegments, chinese, normalise, numeral, plain, segments
from tests.shared_data import needs, shared

FULL = "四川省成都市青羊区府南街道同德社区清江东路15号附3号同德花园3栋2单元502室"


@pytest.mark.parametrize(
    "said",
    [
        "四川省成都市青羊区府南街道同德社区清江东路15号附3号同德花园3栋2单元502室",
        "四川成都青羊区府南街道办事处同德社区居委会清江东路十五号附三号同德花园三幢二单元5楼502",
        "成都市青羊区府南街道办同德社区清江东路１５号之３ 同德花园小区3号楼2单元502房",
        "成都青羊区府南街道同德社区清江东路15号附三号同德花园小区3#楼二单元五层502室",
        "四川 成都 青羊区 府南街道 同德社区 清江东路015号附3 同德花园03幢02单元502",
    ],
)
def test_one_door_has_one_writing(said: str) -> None:
    assert normalise(said).line == FULL


def test_the_ten_segments_in_their_order() -> None:
    found = normalise(FULL)
    assert list(SEGMENTS) == list(TenSegments.__dataclass_fields__)
    assert len(SEGMENTS) == 10
    assert astuple(found) == (
        "四川省", "成都市", "青羊区", "府南街道", "同德社区", "清江东路", "15号附3号", "同德花园", "3栋2单元", "502室",
    )  # fmt: skip
    assert found.door == "清江东路15号附3号"
    assert normalise("清江东路").door == normalise("同德花园15栋").door == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("人民南路4段12号", "人民南路四段十二号"),
        ("同德花园1-2-502", "同德花园1栋2单元502室"),
        ("清江东路与同德路交叉口", "同德路与清江东路交叉口"),
        ("建国路88号SOHO现代城A座3002", "建国路８８号soho现代城a栋3002室"),
        ("郫县红光镇白云村3组", "郫县红光镇白云村三组"),
        ("北京朝阳区建国路88号", "北京市北京市朝阳区建国路88号"),
        ("凉山州西昌市", "四川省凉山彝族自治州西昌市"),
        ("文一西路969号3幢5楼502", "文一西路969号3幢502"),
        ("昆仑路街道办事处碧水苑2期", "昆仑路街道碧水苑二期"),
    ],
)
def test_equal_addresses_are_equal(one: str, other: str) -> None:
    assert normalise(one).line == normalise(other).line != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("清江东路15号", "清江西路15号"),
        ("清江东路15号", "清江东路15-1号"),
        ("同德花园1栋1单元1102室", "同德花园11栋1单元102室"),
        ("文一西路969号3幢15楼502", "文一西路969号3幢502"),  # the room does not tell this floor
        ("文一西路969号3幢负1楼102", "文一西路969号3幢1楼102"),
        ("九里堤南路99号院", "九里堤南路99号"),
    ],
)
def test_other_doors_stay_apart(one: str, other: str) -> None:
    assert normalise(one).line != normalise(other).line


@pytest.mark.parametrize(
    ("said", "province", "city"),
    [
        ("成都青羊区", "四川省", "成都市"),
        ("延边延吉市人民路3号", "吉林省", "延边朝鲜族自治州"),
        ("内蒙古呼和浩特新城区", "内蒙古自治区", "呼和浩特市"),
        ("黑龙江哈尔滨市", "黑龙江省", "哈尔滨市"),
        ("上海市浦东新区张杨路500弄12号", "上海市", "上海市"),
        ("府南街道", "", ""),
    ],
)
def test_divisions_are_written_in_full(said: str, province: str, city: str) -> None:
    found = normalise(said)
    assert (found.province, found.city) == (province, city)
    assert found.line.count("市") <= 1


def test_what_the_table_contradicts_is_left_as_said() -> None:
    said = "海南省海南州"
    found = segments(said, [Span(0, 3, "prov"), Span(3, 6, "city")])
    assert (found.province, found.city) == ("海南省", "海南州")


def test_parts_that_name_no_place_are_left_out_and_the_first_of_two_cities_counts() -> None:
    said = "成都市绵阳市清江东路15号王五电联对面"
    spans = [Span(0, 3, "city"), Span(3, 6, "city"), Span(6, 10, "road"), Span(10, 13, "roadno"),
             Span(13, 15, "person"), Span(15, 17, "redundant"), Span(17, 19, "assist")]  # fmt: skip
    assert segments(said, spans).line == "四川省成都市清江东路15号"


def test_a_lane_counted_from_a_number_stays_behind_it() -> None:
    said = "中山路15号3巷5号"
    spans = [Span(0, 3, "road"), Span(3, 6, "roadno"), Span(6, 8, "subroad"), Span(8, 10, "subroadno")]
    found = segments(said, spans)
    assert (found.road, found.number) == ("中山路", "15号3巷5号")


def test_a_development_zone_stands_for_the_district_unless_one_is_named() -> None:
    said = "青羊区经济开发区白沙街道"
    spans = [Span(0, 3, "district"), Span(3, 8, "devzone"), Span(8, 12, "town")]
    found = segments(said, spans)
    assert (found.district, found.town) == ("青羊区", "经济开发区白沙街道")
    alone = segments(said, spans[1:])
    assert (alone.district, alone.town) == ("经济开发区", "白沙街道")


def test_what_goes_without_saying_is_filled_in_from_home() -> None:
    home = ("四川省", "成都市", "青羊区")
    assert normalise("府南街道同德社区").within(*home).line == "四川省成都市青羊区府南街道同德社区"
    assert normalise("青羊区府南街道").within(*home) == normalise("府南街道").within(*home)
    other = normalise("武侯区浆洗街")
    assert other.within(*home) == other


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("二十三", 23),
        ("一百零二", 102),
        ("三〇二", 302),
        ("十", 10),
        ("廿三", 23),
        ("一千二百", 1200),
        ("壹", 1),
    ],
)
def test_chinese_numbers_are_read(said: str, number: int) -> None:
    assert numeral(said) == number


@pytest.mark.parametrize("said", ["", "三楼", "半", "abc"])
def test_what_is_no_number_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="不是中文数字"):
        numeral(said)


@given(st.integers(0, 99))
def test_numbers_are_written_and_read_back(number: int) -> None:
    assert numeral(chinese(number)) == number


def test_names_with_numerals_stay_names() -> None:
    assert plain("第三人民医院百货大楼千层饼店") == "第三人民医院百货大楼千层饼店"
    assert plain("一环路北四段") == "一环路北四段"
    assert plain("八二一号") == "821号"
    assert plain("2一9号") == "2一9号"  # half and half: whatever was meant, it is left


@given(st.text(max_size=60))
def test_any_text_is_read_and_reading_again_changes_nothing(said: str) -> None:
    assert plain(plain(said)) == plain(said)
    normalise(said)


@given(
    st.text("成都市青羊区一二三15号栋单元路之附-街道花园A楼 ", max_size=25), st.lists(st.sampled_from(LABELS))
)
def test_any_reading_gives_segments(said: str, labels: list[str]) -> None:
    spans = [Span(at, at + 1, label) for at, label in zip(range(len(said)), labels, strict=False)]
    assert isinstance(segments(said, spans).line, str)


def test_every_division_is_found_by_its_full_name_and_its_short_one() -> None:
    assert len(set(address_segments._PROVINCES.values())) == 34
    for name in ("凉山", "凉山州", "凉山彝族自治州"):
        assert address_segments._CITIES[name] == ("四川省", "凉山彝族自治州")


@needs("address_dev.conll")
def test_real_addresses_gain_a_province_and_no_segment_is_lost() -> None:
    data = read_conll(shared("address_dev.conll"))[:600]
    with_city = [(text, spans) for text, spans in data if any(span.label == "city" for span in spans)]
    found = [segments(text, spans) for text, spans in with_city]
    assert sum(bool(one.province) for one in found) / len(found) > 0.95
    for (text, spans), one in zip(with_city, found, strict=True):
        for label, name in (("road", "road"), ("town", "town"), ("community", "community")):
            if any(span.label == label for span in spans):
                assert getattr(one, name), text
