"""What must be hidden is hidden, what is harmless stays readable, and what is sealed cannot be passed off."""

from __future__ import annotations

import base64
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.privacy import (
    Vault,
    VaultError,
    mask_address,
    mask_id_number,
    mask_name,
    mask_phone,
    mask_text,
    new_key,
    normalise_phone,
)

RIGHT_ID, WRONG_ID = "11010519491231002X", "110105194912310021"
CARD = "6222021234567890128"  # holds by Luhn


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        # mobiles
        ("电话13812345678。", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("138 12345678", "138****5678"),
        ("1381 234 5678", "138****5678"),
        ("+8613812345678", "138****5678"),
        ("+86 138 1234 5678", "138****5678"),
        ("8613812345678", "138****5678"),
        ("008613812345678", "138****5678"),
        ("013812345678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("＋８６　１３８　１２３４　５６７８", "138****5678"),
        ("１３８－１２３４－５６７８", "138****5678"),
        ("tel:13812345678abc", "138****5678"),
        # landlines
        ("028-85551234", "028-******34"),
        ("02885551234", "028-******34"),
        ("028 8555 1234", "028-******34"),
        ("（028）85551234", "028-******34"),
        ("0571-87654321", "0571-******21"),
        ("010-65551234转801", "010-******34"),
        ("0838-2551234", "0838-*****34"),
        # identity numbers
        (f"身份证{RIGHT_ID}", "110*************2X"),
        (RIGHT_ID.lower(), "110*************2x"),
        (WRONG_ID, "110*************21"),
        ("110105 19491231 002X", "110*************2X"),
        # cards
        (f"卡号{CARD}", "6222****0128"),
        ("6222 0212 3456 7890 128", "6222****0128"),
        # plates
        ("川A12345", "川A*****"),
        ("川A·D1234", "川A*****"),
        ("川AD12345", "川A*****"),
        ("粤B·F12345", "粤B*****"),
        ("京a88888", "京a*****"),
        ("渝A1234学", "渝A*****"),
        # mail and chat
        ("zhang.san@example.com", "z***@example.com"),
        ("微信号：zhang_san88", "微信号：***"),
        ("微信zhangsan88", "微信***"),
        ("加我微信 zs-1988", "微信 ***"),
        ("QQ12345678", "QQ***"),
        ("qq号：12345678", "qq号：***"),
        ("微信号是zhangsan", "微信号是***"),
        ("QQ:12345678", "QQ:***"),
        ("座机：85551234", "座机：******34"),
        ("138 - 1234 - 5678", "138****5678"),
        ("138.1234.5678", "138****5678"),
        # homes
        ("3栋2单元501", "**"),
        ("锦绣家园3栋2单元501室漏水", "锦绣家园**漏水"),
        ("五号楼三单元", "**"),
        ("A座1203室", "**"),
        ("12-3-501", "**"),
        ("人民路12号附3号", "人民路**"),
        ("住1203室", "住**"),
        # names that something announces
        ("我叫王小明，住在同德社区", "我叫王**，住在同德社区"),
        ("联系人：李芳 电话", "联系人：李* 电话"),
        ("姓名：欧阳娜。", "姓名：欧**。"),
        ("业主张伟电话", "业主张*电话"),
    ],
)
def test_hidden(text: str, hidden: str) -> None:
    masked = mask_text(text)
    assert hidden in masked
    assert not re.search(r"\d{5}", masked)


@pytest.mark.parametrize(
    "text",
    [
        "2019年4月25日", "2019-04-25 09:32:09", "2019-04-25", "2019.04.25", "20190425", "09:32", "3号线延误", "地铁10号线",
        "拨打12345热线", "12345", "110、119、120", "欠薪35000元", "物业费2.35元/平方米", "罚款200元整", "共计1234567.89元",
        "2019年", "人民路", "人民路中段", "全长1200米", "300多户居民", "4326件", "第46周", "85%", "3岁小孩", "A4纸",
        "川渝两地", "G5京昆高速", "我是居民，", "我是业主，", "反映高新区的问题", "编号20260411000123", "微信群里", "微信公众号",
        "7座面包车", "三座桥", "10座位", "五一期间", "9时至11时", "一期工程", "第3单元测试", "K51路公交车", "5G信号",
        "50~60分贝", "新iphone15", "微信Android版", "面积135 2019-04-25", "工单20261123-1234567", "1-2天", "早7:00-9:00",
    ],
)  # fmt: skip
def test_harmless(text: str) -> None:
    assert mask_text(text) == text


MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_around = st.text(st.characters(blacklist_categories=["Nd", "No", "Nl", "Cs"]), max_size=6)
_mobile = st.from_regex(r"\A1[3-9][0-9]{9}\Z")


@given(_around, st.sampled_from(["", "+86", "86", "0086", "0", "+86-", "86 "]), _mobile, _around)
def test_no_mobile_is_left(before: str, prefix: str, mobile: str, after: str) -> None:
    masked = mask_text(before + prefix + mobile + after)
    assert mobile not in masked
    assert not MOBILE.search(masked)
    assert f"{mobile[:3]}****{mobile[7:]}" in masked


@given(
    _around,
    _mobile,
    st.sampled_from([" ", "-", "\u3000", "－", "—", "."]),
    st.sampled_from([(3, 7), (4, 7), (3,)]),
)
def test_no_typed_out_mobile_is_left(before: str, mobile: str, gap: str, cuts: tuple[int, ...]) -> None:
    places = [0, *cuts, 11]
    typed = gap.join(mobile[a:b] for a, b in itertools.pairwise(places))
    masked = mask_text(before + typed)
    assert f"{mobile[:3]}****{mobile[7:]}" in masked


@given(st.text(st.sampled_from("0123456789 -+０１３８电话号座栋单元室*甲A"), max_size=40))
def test_masking_twice_changes_nothing_and_leaves_no_mobile(text: str) -> None:
    masked = mask_text(text)
    assert not MOBILE.search(masked)
    assert mask_text(masked) == masked


@given(st.text(max_size=60))
def test_masking_takes_any_text(text: str) -> None:
    mask_text(text)
    mask_address(text)
    mask_name(text)
    mask_phone(text)
    assert normalise_phone(text) == normalise_phone(normalise_phone(text))


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("13812345678", "13812345678"),
        (" +86 138-1234-5678 ", "13812345678"),
        ("0086 13812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("（028）8555-1234", "028-85551234"),
        ("0571 87654321", "0571-87654321"),
        ("4008123123", "4008123123"),
        ("12345", "12345"),
        ("85551234", "85551234"),
        ("138123456789", ""),
        ("12812345678", ""),
        ("无", ""),
        ("", ""),
    ],
)
def test_normalising_phones(typed: str, plain: str) -> None:
    assert normalise_phone(typed) == plain


def test_masking_single_fields() -> None:
    assert mask_phone("+86 138 1234 5678") == "138****5678"
    assert mask_phone("028-85551234") == "028-******34"
    assert mask_phone("85551234") == "******34"
    assert mask_phone("123") == "****"
    assert mask_name(" 王小明 ") == "王**"
    assert mask_name("王") == "王*"
    assert mask_name("") == ""
    assert mask_id_number(RIGHT_ID) == "110*************2X"
    assert mask_id_number("1234") == "****"
    assert mask_address("同德社区人民路12号3栋2单元501") == "同德社区人民路**"
    assert mask_address("同德社区") == "同德社区"


# --- the vault


@pytest.fixture(scope="module")
def keys() -> list[str]:
    return [new_key() for _ in range(3)]


BLIND = new_key()


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_what_is_sealed_opens_again(value: str) -> None:
    vault = Vault([_KEY], BLIND)
    token = vault.encrypt(value, "phone")
    assert vault.decrypt(token, "phone") == value
    assert token.isascii()


_KEY = new_key()


def test_the_same_value_never_looks_the_same(keys: list[str]) -> None:
    vault = Vault(keys[:1], BLIND)
    tokens = {vault.encrypt("13812345678", "phone") for _ in range(5)}
    assert len(tokens) == 5
    assert not any(
        "138" in base64.urlsafe_b64decode(token.split(".")[2]).decode("latin-1") for token in tokens
    )


def test_a_value_is_bound_to_its_field(keys: list[str]) -> None:
    vault = Vault(keys[:1], BLIND)
    with pytest.raises(VaultError, match="改动"):
        vault.decrypt(vault.encrypt("13812345678", "phone"), "name")


def test_every_altered_byte_is_noticed(keys: list[str]) -> None:
    vault = Vault(keys[:1], BLIND)
    head, body = vault.encrypt("王小明", "name").rsplit(".", 1)
    raw = base64.urlsafe_b64decode(body)
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(VaultError):
            vault.decrypt(f"{head}.{base64.urlsafe_b64encode(changed).decode()}", "name")
    for wrong in (
        "", "王小明", "v1", "v1.", f"{head}.", f"{head}.AAAA", f"{head}.甲", f"v2.{head[3:]}.{body}",
        f"{head}.{body[:-8]}", "v1.deadbeef." + body,
    ):  # fmt: skip
        with pytest.raises(VaultError):
            vault.decrypt(wrong, "name")


def test_rotation(keys: list[str]) -> None:
    old, both, new = Vault(keys[:1], BLIND), Vault([keys[1], keys[0]], BLIND), Vault([keys[1]], BLIND)
    token = old.encrypt("王小明", "name")
    assert both.decrypt(token, "name") == "王小明"
    assert both.needs_rotation(token)
    assert not old.needs_rotation(token)
    fresh = both.encrypt(both.decrypt(token, "name"), "name")
    assert not both.needs_rotation(fresh)
    assert new.decrypt(fresh, "name") == "王小明"
    with pytest.raises(VaultError, match="把旧密钥加回去"):
        new.decrypt(token, "name")


def test_blind_index(keys: list[str]) -> None:
    vault, other = Vault(keys[:1], BLIND), Vault(keys[:1], keys[2])
    index = vault.blind_index("13812345678", "phone")
    assert index == Vault(keys[1:2], BLIND).blind_index(
        " １３８ 1234 5678", "phone"
    )  # rotation leaves it alone
    assert vault.blind_index("ABC", "name") == vault.blind_index("abc", "name")
    assert index != vault.blind_index("13812345679", "phone")
    assert index != vault.blind_index("13812345678", "name")
    assert index != other.blind_index("13812345678", "phone")
    assert "138" not in index[:3]


@pytest.mark.parametrize(
    "bad",
    ["", "short", "甲" * 10, new_key()[:-4], new_key() + new_key(), "=" * 44],
    ids=[
        "empty",
        "short",
        "chinese",
        "cut",
        "two run together",
        "padding only",
    ],  # keys are random; names must not be
)
def test_keys_that_are_none(bad: str) -> None:
    with pytest.raises(VaultError, match="密钥"):
        Vault([bad], BLIND)
    with pytest.raises(VaultError, match="密钥"):
        Vault([new_key()], bad)
    with pytest.raises(VaultError, match="没有加密密钥"):
        Vault([], BLIND)


def test_new_keys_are_new() -> None:
    assert len({new_key() for _ in range(20)}) == 20
    assert len(base64.urlsafe_b64decode(new_key())) == 32


@pytest.mark.parametrize(
    "text", ["请保障业主权利，谢谢", "投诉人员态度差。", "物业主管部门，请处理", "业主单位，请答复"]
)
def test_words_that_begin_like_a_name_stay(text: str) -> None:
    assert mask_text(text) == text


def test_a_name_after_a_colon_is_masked() -> None:
    assert "李小明" not in mask_text("业主：李小明，住3栋")
    assert "李小明" not in mask_text("联系人李小明，电话")
