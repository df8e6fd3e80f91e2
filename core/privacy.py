"""隐私 Privacy: fields encrypted at rest with keys that rotate, searchable by blind index, and masked wherever shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import unicodedata
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = "v1"
_KEY_BYTES = 32


class VaultError(Exception):
    """A value could not be opened: its key is not here, or it was altered."""


def new_key() -> str:
    """A random key: 32 bytes as urlsafe base64."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


def _key_bytes(key: str) -> bytes:
    try:
        # strictly: two keys run together would otherwise pass for the first of them
        raw = base64.b64decode(key.encode(), altchars=b"-_", validate=True)
    except ValueError as error:
        raise VaultError("密钥应是 32 字节的 urlsafe base64，请用 flask keys new 生成") from error
    if len(raw) != _KEY_BYTES:
        raise VaultError("密钥应是 32 字节的 urlsafe base64，请用 flask keys new 生成")
    return raw


class Vault:
    """Encrypts single fields with AES-256-GCM.

    ``keys`` are newest first: the first encrypts, all decrypt. A token reads ``v1.<key id>.<nonce+ciphertext>``; the
    context (which field it is) is bound into it, so that a phone cannot be passed off as a name.
    """

    def __init__(self, keys: Sequence[str], blind_key: str) -> None:
        if not keys:
            raise VaultError("没有加密密钥，请设置 FIELD_KEYS")
        raw = [_key_bytes(key) for key in keys]
        self._ciphers = {hashlib.sha256(key).hexdigest()[:8]: AESGCM(key) for key in raw}
        self._newest = next(iter(self._ciphers))
        self._blind_key = _key_bytes(blind_key)

    def encrypt(self, value: str, context: str) -> str:
        """The token of a value."""
        nonce = os.urandom(12)
        sealed = self._ciphers[self._newest].encrypt(nonce, value.encode(), context.encode())
        return f"{_VERSION}.{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, token: str, context: str) -> str:
        """The value of a token. Raises VaultError when its key is unknown or it does not hold."""
        version, _, rest = token.partition(".")
        key_id, _, body = rest.partition(".")
        if version != _VERSION or not body:
            raise VaultError("加密字段的格式不对，可能被改动过")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise VaultError(f"这个字段用密钥 {key_id} 加密，FIELD_KEYS 里没有它。请把旧密钥加回去")
        try:
            raw = base64.urlsafe_b64decode(body)
            return cipher.decrypt(raw[:12], raw[12:], context.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise VaultError("加密字段与校验值不符，可能被改动过") from error

    def needs_rotation(self, token: str) -> bool:
        """True for a token that is not under the newest key."""
        return token.split(".")[1:2] != [self._newest]

    def blind_index(self, value: str, context: str) -> str:
        """A keyed digest by which equal values can be found without being known; width, case and spaces do not count."""
        plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", value)).casefold()
        return hmac.new(self._blind_key, f"{context}\x00{plain}".encode(), hashlib.sha256).hexdigest()


_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
# three-digit area codes are 010 and 02x; the others have four
_AREA_CODE = r"0(?:10|2\d|[3-9]\d{2})"
_LANDLINE = re.compile(rf"({_AREA_CODE})(\d{{7,8}})")
_HOTLINE = re.compile(r"(?:[48]00\d{7}|\d{5,8})")


def normalise_phone(text: str) -> str:
    """Digits of a Chinese number, however typed (spaces, +86, full width, dashes); empty when it is none."""
    plain = unicodedata.normalize("NFKC", text)
    digits = re.sub(r"[\s\-－—()（）.·]", "", plain)
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return mobile.group(1)
    landline = _LANDLINE.fullmatch(digits)
    if landline:
        return f"{landline.group(1)}-{landline.group(2)}"
    return digits if _HOTLINE.fullmatch(digits) else ""


def mask_phone(phone: str) -> str:
    """138****0000; of a landline the area code and the last two digits stay."""
    plain = normalise_phone(phone) or phone
    if len(plain) == 11 and plain.isdigit():
        return f"{plain[:3]}****{plain[-4:]}"
    code, dash, number = plain.partition("-")
    if dash:
        return f"{code}-{'*' * (len(number) - 2)}{number[-2:]}"
    return "*" * max(0, len(plain) - 2) + plain[-2:] if len(plain) > 4 else "****"


def mask_name(name: str) -> str:
    """王**: the family name stays."""
    name = name.strip()
    return name[:1] + "*" * max(1, min(2, len(name) - 1)) if name else ""


def mask_id_number(number: str) -> str:
    """First three and last two characters stay."""
    return (
        f"{number[:3]}{'*' * max(0, len(number) - 5)}{number[-2:]}" if len(number) > 5 else "*" * len(number)
    )


_NUMBER = r"(?:\d{1,5}|[一二三四五六七八九十]{1,3}|[A-Za-z])"
_WARDED = "\ue000"  # stands for a hidden place until runs of them are drawn together
_HOUSE = re.compile(
    # 3栋2单元501, A座1203室, 五号楼: a building, and whatever narrows it down further
    rf"{_NUMBER}\s*(?:栋|幢|号楼|单元|(?<=[A-Za-z])座|(?<![一二三四五六七八九十])座(?=\s*\d))"
    rf"(?:\s*{_NUMBER}\s*(?:栋|幢|号楼|单元|座|楼|层|室|房|户))*(?:\s*\d{{2,5}}(?![\d年月日元点:])\s*(?:号|室|房)?)?"
    r"|(?<!\d)\d{3,4}\s*(?:室|号房)"
    r"|(?<![\d-])\d{1,3}\s*[-－]\s*\d{1,2}\s*[-－]\s*\d{3,5}(?![\d-])"
    r"|(?<=[路街巷道里弄])\s*\d{1,5}\s*号(?:附\s*\d+\s*号)?(?!线)"
)
_RUN = re.compile(rf"{_WARDED}(?:[\s,，、\-－]*{_WARDED})*")


def mask_address(address: str) -> str:
    """Down to the road or estate; building, unit and room hidden."""
    return _RUN.sub("**", _HOUSE.sub(_WARDED, unicodedata.normalize("NFKC", address)))


def _is_card(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒"
    "屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉"
    "龚程嵇邢裴陆荣翁荀羊惠甄曲家封储靳汲松段巫乌焦巴弓牧隗山谷车侯宓蓬全班仰秋仲伊宫宁仇栾甘厉祖武符刘景詹束龙叶幸司韶黎薄印宿白怀蒲从索"
    "赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍桑桂濮牛寿通边扈燕冀浦尚农温别庄晏柴瞿阎充慕连茹习艾鱼容向古易慎戈廖庾终暨居衡"
    "步都耿满弘匡国文寇广禄阙东欧利师巩聂晁勾敖融冷辛阚那简饶空曾沙养鞠须丰巢关蒯相查后荆红游竺权盖益桓公肖闫"
)
_NAMED = re.compile(
    # 业主权利, 投诉人员 are words: these need a colon before a name, or a telephone or a title after it
    rf"(?P<cue>我叫|我是|本人叫|联系人[:：]?|来电人[:：]?|诉求人[:：]?|署名[:：]?|(?:姓名|业主|投诉人|反映人)"
    rf"(?:[:：]|(?=[{_SURNAMES}][一-龥]{{1,2}}(?:电话|手机|先生|女士|\d))))"
    rf"(?P<name>[{_SURNAMES}][一-龥]{{1,2}})"
    r"(?=[,，。.;；、\s]|电话|手机|先生|女士|，|$|\d|\*|住|是)"
)
# these begin like a name and are none
_NO_NAMES = frozenset(
    {
        "成都人",
        "金牛区",
        "武侯区",
        "时候",
        "家长",
        "居民",
        "住户",
        "业主",
        "师傅",
        "高中",
        "向您",
        "和他",
        "关于",
    }
)
_GAP = r"[\s\-－—.·]{0,3}"
_FINDERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        # an identity number by its region and birthday: one with a slip in its check digit tells as much
        re.compile(
            r"(?<![0-9A-Za-z])[1-8]\d{5}[\s-]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\s-]?\d{3}[\dXx]"
            r"(?![0-9A-Za-z])"
        ),
        lambda m: mask_id_number(re.sub(r"[\s-]", "", m.group())),
    ),
    (
        re.compile(
            rf"(?<!\d)(?:(?:\+|00)?86{_GAP}|0)?(1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}|1[3-9]\d\d{_GAP}\d{{3}}{_GAP}\d{{4}})(?!\d)"
        ),
        lambda m: mask_phone(m.group(1)),
    ),
    (
        re.compile(r"(?<!\d)[3-6]\d{3}[\s-]?(?:\d{4}[\s-]?){2,3}\d{1,4}(?!\d)"),
        lambda m: _masked_card(m.group()),
    ),
    (
        re.compile(rf"(?<!\d)[（(]?{_AREA_CODE}[)）]?{_GAP}[2-8]\d{{2,3}}[\s-]?\d{{4}}(?!\d)"),
        lambda m: mask_phone(m.group()),
    ),
    (
        # without an area code only where it is called a telephone
        re.compile(r"((?:电话|座机|致电)[:：\s是为]{0,3})([2-8]\d{6,7})(?!\d)"),
        lambda m: m.group(1) + mask_phone(m.group(2)),
    ),
    (
        re.compile(r"[A-Za-z0-9._%+-]+[@＠][A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
        lambda m: m.group()[0] + "***@" + re.split("[@＠]", m.group())[1],
    ),
    (
        # at least three digits: 新iphone6 is no plate
        re.compile(
            r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z])[·•\s-]?(?=(?:[A-Za-z]*\d){3})"
            r"[A-Za-z0-9]{4,5}[A-Za-z0-9挂学警港澳领试](?![A-Za-z0-9])"
        ),
        lambda m: m.group(1) + "*****",
    ),
    (
        # letters alone need a 号 or a colon before them: 微信Android版 names nobody
        re.compile(
            r"((?i:QQ|微信)(?:号码?)?)(?:(?<=[号码])(?:是|为)?\s*[:：]?\s*|\s*[:：]\s*(?:号[:：\s]*)?|\s*(?=[A-Za-z_-]*\d))"
            r"[A-Za-z0-9_-]{5,20}(?![A-Za-z0-9_-])"
        ),
        lambda m: m.group(1) + "***",
    ),
    (
        _NAMED,
        lambda m: (
            m.group()
            if m["name"] in _NO_NAMES or m["name"][:2] in _NO_NAMES
            else m["cue"] + mask_name(m["name"])
        ),
    ),
    (_HOUSE, lambda _: _WARDED),
)


def _masked_card(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return f"{digits[:4]}****{digits[-4:]}" if 13 <= len(digits) <= 19 and _is_card(digits) else text


def mask_text(text: str) -> str:
    """Running text with phones, ID and card numbers, plates, mail, house numbers and cued names hidden.

    Full-width digits are read as digits (and come out as such). A rule finds what has a form; a name that nothing
    announces stays, so published examples are still to be read by a person.
    """
    plain = "".join(
        unicodedata.normalize("NFKC", char) if "０" <= char <= "ｚ" and char.isalnum() else char
        for char in text
    )
    for finder, mask in _FINDERS:
        plain = finder.sub(mask, plain)
    return _RUN.sub("**", plain)
