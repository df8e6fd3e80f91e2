"""隐私识别: what tells of a person is found where it stands, what only looks like it stays, and no text is too odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.privacy import find, mask_address, mask_houses, mask_text
from core.private_words import KINDS, plain_width
from tests.shared_data import needs, shared


def _found(text: str, kind: str) -> list[str]:
    return [text[one.start : one.end] for one in find(text) if one.kind == kind]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("您好，我叫张三丰，家住附近", "张三丰"),
        ("本人李为民，男，汉族", "李为民"),
        ("我是何芳，今年五十岁", "何芳"),
        ("投诉人：牛不凡，电话见下", "牛不凡"),
        ("我父亲王德福在医院", "王德福"),
        ("村支书胡建国多次推诿", "胡建国"),
        ("请找赵晓梅女士核实", "赵晓梅"),
        ("张晓局长来过", "张晓"),
        ("于老幺，男，汉族", "于老幺"),
        ("孙小军（身份证见附件）", "孙小军"),
        ("刘志刚 13800001234", "刘志刚"),
        ("姜楠妹妹被打倒", "姜楠"),
        ("他们把陈烨皓打伤了", "陈烨皓"),
        ("请核实。\n欧阳娜\n2026年3月5日", "欧阳娜"),
        ("此致敬礼！ 周艳", "周艳"),
        ("我叫阿依古丽·买买提，住在这里", "阿依古丽·买买提"),
        ("我叫吴强住在三组", "吴强"),
        ("1方勇晓，2李孟华，3欧小芳，", "李孟华"),
    ],
)
def test_names_that_something_announces(text: str, secret: str) -> None:
    assert secret in _found(text, "name")
    assert secret not in mask_text(text)


def test_who_stands_beside_a_name_is_one_and_a_name_is_found_again() -> None:
    assert _found("举报人：余中华、王才茂、张庆国", "name") == ["余中华", "王才茂", "张庆国"]
    assert _found("豪车（张澎、周凤凤、李洁等）", "name") == ["张澎", "周凤凤", "李洁"]
    assert _found("安全、环保、高效", "name") == []
    assert _found("王小明说不管。我叫王小明，后来又找王小明", "name") == ["王小明"] * 3


@pytest.mark.parametrize(
    "text",
    [
        # a family name and a title say who is meant to those who may know, and to nobody else
        "王女士来电", "李医生说", "张局长批示", "联系人：张主任，上班时间", "黄老师布置的作业",
        # words that begin like names
        "我是高中毕业生", "业主任何时候都能进", "居民安全问题", "老师严重违反规定", "家长周末休息", "书记高度重视",
        "教师能安心工作", "小孩马上要上小学", "申请人身份证明", "业主许可", "母亲和我", "谢谢杨书记", "法人：无",
        "经理向您解释", "物业经理成天不在", "残疾人扶助政策", "带孙子孙女", "居民区服务电话", "孩子高考", "33路和88路经过",
        # coded already
        "王某在场", "举报人：李某某，男", "业主彭*反馈", "患者 张XX",
    ],
)  # fmt: skip
def test_words_and_coded_names_stay(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "猪舍一栋", "建了3栋楼", "12栋都停水", "共有9栋", "新楼房一栋栋拔地而起", "一幢旧房", "每一栋楼都漏水", "存在5栋别墅",
        "三栋楼房", "变为3栋24层的公寓", "3单元楼的居民", "第三层", "住了三户", "建筑面积89.5㎡的房屋", "第三单元测试",
        "5月12号", "知道12号停水", "乘10号线", "公里12号", "订单号2026112300012345678", "安装七八台",
        "门诊号码查询", "户口簿", "身份证号码怎么查", "先生于2019年10月16日到达", "2013年9月1日—2014年8月31日出生的儿童",
        "微信公众号（微信号：abcdefg）", "拨打400-810-1234", "热线4008123123", "96165", "浙江杭州", "上午9:00-11:30",
        "2019-2020学年", "1 3 5 7 9 11 13 15", "2,138,000,000元", "13.800.000.000元", "文号川府发2019-12-301号",
    ],
)  # fmt: skip
def test_counts_dates_and_public_numbers_stay(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("2、3、4、6 栋购房业主", "**购房业主"),
        ("我是六栋的业主", "我是**的业主"),
        ("3、18栋2单元漏水", "3、**漏水"),
        ("金沙湾7#2单元1203", "金沙湾**"),
        ("红光村3组7号", "红光村3组**"),
        ("丽景苑一栋门口", "丽景苑**门口"),
        ("小区A7栋、B2栋停电", "小区**停电"),
        ("家住６栋２单元５０１", "家住**"),
        ("电话一三八一二三四五六七八", "电话138****5678"),
        ("打138微1234微5678", "打138****5678"),
        ("1-3-8-1-2-3-4-5-6-7-8", "138****5678"),
        ("电话138\u200b1234\u200b5678", "电话138****5678"),
        ("座机：85551234、65554321", "座机：******34、******21"),
        ("028-85551234转801", "028-******34转***"),
        ("身份证号码：51010519491231002，", "身份证号码：510************02，"),
        ("卡号：6222021234567890123", "卡号：6222****0123"),
        ("车牌号A12345，", "车牌号*****，"),
        ("邮箱zs123456#163.com", "邮箱z***@163.com"),
        ("护照号E12345678", "护照号***78"),
        ("学号：2019123456", "学号：***56"),
        ("出生于1957年1月10日，", "出生于1957年**，"),
    ],
)
def test_forms(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_an_address_field_hides_more_than_its_houses() -> None:
    assert mask_address("锦绣家园一栋501 电话13812345678") == "锦绣家园** 电话138****5678"
    assert mask_houses("锦绣家园一栋501 电话13812345678") == "锦绣家园** 电话13812345678"


_CARRIER = st.text(st.sampled_from("小区停水了，请处理。物业\n不管！（）、：为何又坏 ０３a*某"), max_size=25)
_SECRETS = st.one_of(
    st.tuples(st.just("phone"), st.from_regex(r"\A电话1[3-9][0-9]{9}\Z")),
    st.tuples(
        st.just("id_number"), st.from_regex(r"\A证：510105(19[5-9][0-9])(0[1-9])([12][0-9])[0-9]{3}[0-9X]\Z")
    ),
    st.tuples(st.just("email"), st.from_regex(r"\A信[a-z]{3,9}@[a-z]{2,8}\.com\Z")),
    st.tuples(st.just("plate"), st.from_regex(r"\A车川[A-F]·?[0-9]{5}\Z")),
    st.tuples(
        st.just("name"), st.from_regex(r"\A我叫[王李张刘陈杨赵黄][伟芳娜秀英敏静丽强磊军洋勇艳杰]{2}\Z")
    ),
    st.tuples(st.just("house"), st.from_regex(r"\A苑[1-9][0-9]?栋[1-4]单元[1-9]0[1-4]室\Z")),
)


@given(_CARRIER, _SECRETS, _CARRIER)
def test_what_is_put_in_is_found_in_its_place_and_is_gone(
    before: str, secret: tuple[str, str], after: str
) -> None:
    kind, clause = secret
    text = f"{before}。{clause}，{after}"
    value = clause.lstrip("电话证：信车我叫苑")
    at = text.index(clause) + len(clause) - len(value)
    assert any(one.kind == kind and one.start <= at and one.end >= at + len(value) for one in find(text))
    masked = mask_text(text)
    assert value not in masked
    assert mask_text(masked) == masked


_ANYTHING = st.text(
    st.one_of(
        st.sampled_from(
            "0123456789０１３一三八〇 -·、，。:：号栋单元室路街楼房王李张伟芳明我叫是业主父亲电话证微信QQ@.川A*某\n\u200b\ud800\x00"
        ),
        st.characters(),
    ),
    max_size=80,
)


@given(_ANYTHING)
def test_offsets_order_and_stillness(text: str) -> None:
    found = find(text)
    here = 0
    for one in found:
        assert here <= one.start < one.end <= len(text)
        assert one.kind in KINDS
        assert one.why
        here = one.end
    masked = mask_text(text)
    if not found:
        assert masked == text
    assert mask_text(masked) == masked
    assert len(plain_width(text)) == len(text)


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "一", "１", "1-", "3栋", "王", "我叫", "a@", "138 ", "(", "\ud800", "主任", "、", "王伟、"],
)
def test_a_long_text_of_one_thing_is_read(piece: str) -> None:
    """Nothing to assert but an answer: a pattern that backtracks would not come back from 100 kB."""
    text = piece * (100_000 // len(piece))
    assert len(mask_text(text)) > 0


@needs("hotline_with_replies.csv")
def test_real_messages_are_read_and_masked_once() -> None:
    from core.tables import read_table

    rows = [
        row.values for _, row in zip(range(150), read_table(shared("hotline_with_replies.csv")), strict=False)
    ]
    for row in rows:
        for text in (row["留言详情"], row["答复意见"]):
            masked = mask_text(text)
            assert mask_text(masked) == masked
