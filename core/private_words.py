"""隐私识别 Privacy finder: where in running text a person is told: telephones, numbers, plates, accounts, names, houses.

Rules of form and context, no model: what is found can be explained, and nothing has to be learned from private text.
What has been found once is found again wherever it stands in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from core.private_houses import find_houses
from core.private_names import find_names
from core.private_numbers import find_numbers

# the most private first: of two readings of the same characters that one is kept
KINDS = {
    "id_number": "身份证号", "bank_card": "银行卡号", "phone": "电话", "document": "证件或用户编号", "account": "账号",
    "email": "邮箱", "plate": "车牌", "name": "姓名", "birth_date": "出生日期", "house": "门牌",
}  # fmt: skip
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}
_WIDE = (
    {0xFF01 + i: 0x21 + i for i in range(94)}
    | {0x3000: 0x20}
    | dict.fromkeys([*range(0x200C, 0x2010), 0x2060, 0xFEFF, 0x00AD], 0x200B)
)
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_SHORTEST = 5  # characters of a number that is looked for again


@dataclass(frozen=True, slots=True)
class Found:
    """Something private: ``start`` to ``end`` are character offsets into the text given, ``kind`` is one of KINDS."""

    start: int
    end: int
    kind: str
    why: str


def plain_width(text: str) -> str:
    """The text with full-width and foreign digits, letters and signs as ASCII, one character for one."""
    if text.isascii():
        return text
    return _OTHER_DIGIT.sub(lambda m: str(unicodedata.decimal(m.group())), text.translate(_WIDE))


def find(text: str) -> list[Found]:
    """What is private in running text, in order, not overlapping; takes any string, in time linear in its length.

    Of overlapping readings the longest is kept, then the most private; what sticks out of the others is kept too.
    """
    plain = plain_width(text)
    candidates = [Found(start, end, kind, why) for start, end, kind, why in find_numbers(plain)]
    candidates += [Found(start, end, "name", why) for start, end, why in find_names(plain)]
    candidates += [Found(start, end, "house", why) for start, end, why in find_houses(plain)]
    return settled(plain, [*candidates, *_again(plain, candidates)])


def settled(plain: str, candidates: Iterable[Found]) -> list[Found]:
    """Candidates without overlap, in order."""
    taken = bytearray(len(plain))
    kept = []
    for found in sorted(candidates, key=lambda f: (f.start - f.end, _RANK[f.kind], f.start)):
        start = found.start
        while start < found.end:
            if taken[start]:
                start += 1
                continue
            end = start
            while end < found.end and not taken[end]:
                end += 1
            if any(char.isalnum() for char in plain[start:end]):
                kept.append(Found(start, end, found.kind, found.why))
                taken[start:end] = b"\x01" * (end - start)
            start = end
    return sorted(kept, key=lambda found: found.start)


def _again(plain: str, candidates: Iterable[Found]) -> list[Found]:
    """Other places of what was found once: a name announced at the start is as private at the end."""
    known: dict[str, str] = {}
    for found in candidates:
        secret = plain[found.start : found.end]
        if found.kind == "name" or (found.kind not in {"house", "birth_date"} and len(secret) >= _SHORTEST):
            known.setdefault(secret, found.kind)
    again = []
    for length in {len(secret) for secret in known}:
        for start in range(len(plain) - length + 1):
            kind = known.get(plain[start : start + length])
            if kind:
                again.append(Found(start, start + length, kind, "与前文相同"))
    return again
