"""号码识别 Numbers and accounts in running text: telephones, identity and bank cards, plates, mail, chat, dates of birth.

Patterns read text whose full-width characters were made half-width one for one, so that offsets hold for the text as
it was written. Every repetition is bounded: time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Number = tuple[int, int, str, str]  # start, end, kind, why

# what people put between the digits of a number, a zero-width character among it
_GAP = r"[\s\-–—－_.·•~()\u200b]{0,3}"
_AREA_CODE = r"0(?:10|2\d|[3-9]\d{2})"
_EXTENSION = r"(?:\s{0,2}(?:转(?:分机)?|分机|ext\.?)\s{0,2}\d{1,6})?"
_OBSCURED = r"(?:[微薇威信电话手机加联系vVxXwW零]{1,2})"
_MOBILE = re.compile(
    rf"(?<!\d)(?:(?:\+|00)?86{_GAP}|0)?(?P<number>1(?:{_GAP}\d){{10}})(?!\d)(?:{_EXTENSION})", re.ASCII
)
_OBSCURED_MOBILE = re.compile(
    rf"(?<!\d)(?P<number>1[3-9]\d{_OBSCURED}?{_GAP}\d{{4}}{_GAP}{_OBSCURED}?\d{{4}})(?!\d)", re.ASCII
)
# 138 0000 1234, 1380 000 1234 …: how a number is cut; eleven single digits must be cut alike
_CUTS = frozenset(
    {
        (11,),
        (3, 4, 4),
        (4, 3, 4),
        (3, 8),
        (4, 7),
        (7, 4),
        (3, 3, 5),
        (5, 6),
        (6, 5),
        (5, 3, 3),
        (3, 2, 2, 2, 2),
    }
)
_LANDLINE = re.compile(
    rf"(?<!\d)(?:\+?86{_GAP})?[（(]?{_AREA_CODE}[)）]?{_GAP}[2-8]\d{{2,3}}[\s\-]?\d{{4}}(?:[\-]\d{{1,5}}(?!\d)|{_EXTENSION})(?!\d)",
    re.ASCII,
)
# without an area code only where it is called a telephone
_CALLED = re.compile(
    r"(?:电话|座机|致电|拨打|热线|手机|联系方式|来电|传真|[Tt][Ee][Ll])(?:号码?)?[:：\s是为（(]{0,3}(?!(?:400|800)-?\d{3}-?\d{4})(?P<number>[2-8]\d{2,3}[\s\-]?\d{4}"
    rf"(?:{_EXTENSION}[、,，/\s或]{{1,2}}[2-8]\d{{2,3}}[\s\-]?\d{{4}}){{0,4}}{_EXTENSION})(?![\d\-])",
    re.ASCII,
)
_ONE_CALLED = re.compile(rf"[2-8]\d{{2,3}}[\s\-]?\d{{4}}{_EXTENSION}", re.ASCII)
_REGION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{4}"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
# by region and birthday: one with a slip in its check digit tells as much
_ID = re.compile(
    rf"(?<![0-9A-Za-z]){_REGION}[\s\-]?(?:18|19|20)\d{{2}}[\s\-]?{_DAY}[\s\-]?\d{{3}}[\dXx](?![0-9A-Za-z])",
    re.ASCII,
)
_ID_CUED = re.compile(
    r"(?:身份证|证件|身份)(?:件)?(?:号码?|编号)?(?:是|为)?[（(:：\s]{0,4}(?P<number>\d(?:[\s\-]?\d){12,16}[\s\-]?[\dXx])(?![0-9A-Za-z])",
    re.ASCII,
)
_OLD_ID = re.compile(rf"(?<![0-9A-Za-z]){_REGION}\d\d{_DAY}\d{{3}}(?![0-9A-Za-z])", re.ASCII)
_CARD = re.compile(r"(?<!\d)[3-69]\d{3}(?:[\s\-]?\d{4}){2,3}[\s\-]?\d{1,4}(?!\d)", re.ASCII)
_CARD_CUED = re.compile(
    r"(?:卡号|账号|帐号|账户|帐户|银行卡|储蓄卡|信用卡|存折|工行|建行|农行|中行|银行)(?:号码?|尾号)?(?:是|为)?[（(:：\s]{0,4}"
    r"(?P<number>\d(?:[\s\-]?\d){9,20})(?![\d.])",
    re.ASCII,
)
# at least three digits: 新iphone6 is no plate
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][\-·•.\s]{0,2}(?=(?:[A-Za-z]{0,3}\d){3})"
    r"[A-Za-z0-9]{4,5}[A-Za-z0-9挂学警港澳领试](?![A-Za-z0-9])",
    re.ASCII,
)
_PLATE_CUED = re.compile(
    r"(?:车牌|牌照|车号)(?:号码?)?(?:是|为|尾号)?[（(:：\s]{0,3}(?P<number>[A-Za-z]?[·•.\-\s]?(?=(?:[A-Za-z]{0,3}\d){3})[A-Za-z0-9]{5,6})(?![A-Za-z0-9])",
    re.ASCII,
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}\s?(?:@|＠|\[at\]|\(at\)|艾特|#(?=(?:163|126|qq|sina|gmail|139)\.))\s?"
    r"[A-Za-z0-9\-]{1,40}(?:\s?[.。]\s?[A-Za-z0-9\-]{2,20}){1,3}(?![A-Za-z0-9])",
    re.ASCII,
)
# letters alone need a 号 or a colon before them: 微信Android版 names nobody
_CHAT = re.compile(
    r"(?:(?i:qq|wechat|vx|wx)|(?<!众号（)(?<!众号\()微信|薇信|威信|[加+＋][vVwW微薇]|支付宝|抖音|快手|钉钉|微博|小红书)(?:账号|帐号|号码?|ID|id|同号)?"
    r"(?:(?<=[号码Dd])(?:是|为)?\s{0,2}[:：]?\s{0,2}|\s{0,2}[:：]\s{0,2}(?:号[:：\s]{0,2})?|\s{0,2}(?=[A-Za-z_\-]{0,19}\d))"
    r"(?P<number>\d{5,20}|\d{4}-\d{8}|[A-Za-z0-9_\-]{6,24})(?![A-Za-z0-9_\-]|@[A-Za-z0-9])",
    re.ASCII,
)
_DOCUMENT = re.compile(
    r"(?:(?:学号|工号|警号|学籍号|考号|住院号|病历号|病案号|就诊号|门诊号|护照|户号|社保卡|医保卡|驾驶证|驾照|车架号)(?:码|编号)?"
    r"|(?:护照|通行证|军官证|士兵证|残疾证|残疾人证|学籍|准考证|考生|报名|社保|医保|行驶证|就诊卡|户口簿?|房产证|不动产权?证|结婚证|退休证|毕业证|低保证"
    r"|用户|缴费|水表|电表|气表|燃气|客户|发动机|个人)(?:编号|证号|号码|户号|卡号|表号|号)(?:码)?)(?:是|为)?[（(:：\s]{0,4}"
    r"(?P<number>[A-Za-z]{0,3}\d[A-Za-z0-9\-]{4,23})(?![A-Za-z0-9])",
    re.ASCII,
)
_BIRTH = re.compile(
    r"(?:(?:出生(?:日期|年月日?|于|时间|在)?|生日|(?<![先发产医学考新])生于)(?:是|为)?[:：\s]{0,3}(?P<after>(?:农历|阴历)?(?:19|20)\d{2}\s?[年.\-/]\s?\d{1,2}\s?[月.\-/]\s?(?:\d{1,2}\s?[日号]?)?)"
    r"|(?<![\d—至到~\-])(?P<before>(?:19|20)\d{2}\s?[年.\-/]\s?\d{1,2}\s?[月.\-/]\s?(?:\d{1,2}\s?[日号]?)?)(?:出生|生(?=[,，。;；）)、\s])))",
    re.ASCII,
)
_FIGURES = str.maketrans(
    "〇零○Ｏ一幺壹二两贰三叁四肆五伍六陆七柒八捌九玖OoＯｏlI",
    "0000" + "111" + "222" + "33" + "44" + "55" + "66" + "77" + "88" + "99" + "0000" + "11",
)
_ORDERED = re.compile(r"(?:单号|编号|订单|流水|运单|序列|条码|受理|工单|批号|文号|证书)[^\d]{0,4}\Z")


def is_card(digits: str) -> bool:
    """Whether digits are a card number by their length, beginning and check digit (Luhn, ISO/IEC 7812-1)."""
    if not 15 <= len(digits) <= 19 or not re.match(r"62|4|5[1-5]|35|3[47]|6[05]|95", digits):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def digits_of(text: str) -> str:
    """The digits of a typed-out number, Chinese figures and letters that stand for digits among them."""
    return re.sub(r"[^0-9]", "", text.translate(_FIGURES))


def _is_mobile(written: str) -> bool:
    groups = re.findall(r"[0-9]+", written)
    if not re.match("1[3-9]", "".join(groups)):
        return False
    cuts = tuple(map(len, groups))
    gaps = set(re.findall(r"[^0-9]+", written))
    return cuts in _CUTS or (cuts == (1,) * 11 and len(gaps) == 1)


def _telephones(text: str) -> Iterator[Number]:
    figures = text.translate(_FIGURES)
    for plain in {text, figures}:
        why = "手机号码" if plain is text else "写成汉字或字母的手机号码"
        for match in _MOBILE.finditer(plain):
            if not _is_mobile(match["number"]):
                continue
            if plain is text or text[match.start() : match.end()] != match.group():
                yield match.start(), match.end(), "phone", why
    for match in _OBSCURED_MOBILE.finditer(text):
        yield match.start(), match.end(), "phone", "夹了字的手机号码"
    for match in _LANDLINE.finditer(text):
        yield match.start(), match.end(), "phone", "座机号码"
    for match in _CALLED.finditer(text):
        for number in _ONE_CALLED.finditer(text, *match.span("number")):
            yield number.start(), number.end(), "phone", "称为电话的号码"


def _cards(text: str) -> Iterator[Number]:
    for match in _ID.finditer(text):
        yield match.start(), match.end(), "id_number", "身份证号"
    for match in _ID_CUED.finditer(text):
        yield *match.span("number"), "id_number", "称为身份证的号码"
    for match in _OLD_ID.finditer(text):
        if not _ORDERED.search(text, max(0, match.start() - 8), match.start()):
            yield match.start(), match.end(), "id_number", "旧式身份证号"
    for match in _CARD.finditer(text):
        ordered = _ORDERED.search(text, max(0, match.start() - 8), match.start())
        if not ordered and is_card(digits_of(match.group())):
            yield match.start(), match.end(), "bank_card", "银行卡号"
    for match in _CARD_CUED.finditer(text):
        yield *match.span("number"), "bank_card", "称为账号或卡号的号码"


def find_numbers(text: str) -> Iterator[Number]:
    """(start, end, kind, why) of numbers, plates, mail and accounts; may overlap."""
    yield from _telephones(text)
    yield from _cards(text)
    for match in _PLATE.finditer(text):
        yield match.start(), match.end(), "plate", "车牌号"
    for match in _PLATE_CUED.finditer(text):
        yield *match.span("number"), "plate", "称为车牌的号码"
    for match in _EMAIL.finditer(text):
        yield match.start(), match.end(), "email", "电子邮箱"
    for match in _CHAT.finditer(text):
        yield *match.span("number"), "account", "社交或支付账号"
    for match in _DOCUMENT.finditer(text):
        if re.search(r"\d{4}", match["number"]):
            yield *match.span("number"), "document", "证件或用户编号"
    for match in _BIRTH.finditer(text):
        yield *match.span("after" if match["after"] else "before"), "birth_date", "出生日期"
