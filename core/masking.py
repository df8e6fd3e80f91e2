"""遮蔽 Masking: what a private value looks like where it is shown: 138****0000, 王**, 锦绣家园**."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from core.private_houses import find_houses
from core.private_numbers import digits_of
from core.private_words import Found, find, plain_width, settled

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


def mask_card(number: str) -> str:
    """First and last four digits stay; of a short account number the last two."""
    digits = re.sub(r"[^0-9A-Za-z]", "", number)
    return f"{digits[:4]}****{digits[-4:]}" if len(digits) >= 12 else f"****{digits[-2:]}"


def mask_plate(plate: str) -> str:
    """Province and city letter stay."""
    return f"{plate[:2]}*****" if "一" <= plate[:1] <= "龥" else "*****"


def mask_email(address: str) -> str:
    """First character and domain stay."""
    name, at, domain = re.sub(r"\s", "", re.sub(r"＠|\[at\]|\(at\)|艾特|#", "@", address)).partition("@")
    return f"{name[:1]}***@{domain}" if at else "***"


def _mask_telephone(written: str) -> str:
    number, turn, _ = re.sub(r"分机|[eE][xX][tT]\.?", "转", written).partition("转")
    digits = digits_of(number)
    mobile = _MOBILE.fullmatch(digits) or _MOBILE.fullmatch(digits.removeprefix("0"))
    if mobile:
        masked = mask_phone(mobile.group(1))
    elif digits.startswith("0"):
        # an extension may hang on by a dash: 028-85551234-801
        area = re.match(_AREA_CODE, digits)
        length = 8 if len(digits) - (area.end() if area else 0) >= 8 else 7
        masked = mask_phone(digits[: (area.end() if area else 0) + length])
    else:
        masked = mask_phone(digits)
    return masked + (turn and "转***")


_MASKS: dict[str, Callable[[str], str]] = {
    "phone": _mask_telephone,
    "id_number": lambda value: mask_id_number(re.sub(r"[^0-9A-Za-z]", "", value)),
    "bank_card": mask_card,
    "document": lambda value: f"***{value[-2:]}",
    "account": lambda _: "***",
    "email": mask_email,
    "plate": mask_plate,
    "name": mask_name,
    "birth_date": lambda value: f"{value[:4]}年**" if value[:4].isdigit() else "****年**",
}
# houses one after the other are drawn together
_BETWEEN_HOUSES = re.compile(r"[\s,，、\-－]*")
_ROUNDS = 5


def mask_found(text: str, found: list[Found]) -> str:
    """The text with what was found in it hidden; ``found`` is in order and does not overlap. The rest is unchanged."""
    plain = plain_width(text)
    pieces: list[str] = []
    here, after_house = 0, False
    for one in found:
        between = text[here : one.start]
        house = one.kind == "house"
        if house and after_house and _BETWEEN_HOUSES.fullmatch(between):
            here = one.end
            continue
        pieces += [between, "**" if house else _MASKS[one.kind](plain[one.start : one.end])]
        here, after_house = one.end, house
    return "".join([*pieces, text[here:]])


def mask_text(text: str) -> str:
    """Running text with all that `core.private_words.find` finds hidden; unchanged where it finds nothing.

    A rule finds what has a form; a name that nothing announces stays, so published examples are still to be read by
    a person. Masking again changes nothing.
    """
    for _ in range(_ROUNDS):
        # what a mask leaves can, seldom, be read anew
        found = find(text)
        if not found:
            break
        text = mask_found(text, found)
    return text


def mask_houses(address: str) -> str:
    """Down to the road or estate; building, unit and room hidden, whatever else is there left as it is."""
    for _ in range(_ROUNDS):
        houses = find_houses(plain_width(address), counted=False)
        if not houses:
            break
        found = [Found(start, end, "house", why) for start, end, why in houses]
        address = mask_found(address, settled(address, found))
    return address


def mask_address(address: str) -> str:
    """An address field: houses hidden, and the telephone or name that was written into it."""
    return mask_text(mask_houses(address))
