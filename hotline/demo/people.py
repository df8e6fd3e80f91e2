"""诉求人 Complainants: made-up people, a few of whom call again."""

from __future__ import annotations

import random

from hotline.demo.phrasebook import load_common
from hotline.demo.records import Complainant

_PREFIXES = ("138", "139", "136", "150", "159", "180", "189", "177", "199", "133", "186", "158")
_MALE = frozenset(
    [
        "建国",
        "志强",
        "磊",
        "洋",
        "勇",
        "军",
        "杰",
        "涛",
        "明",
        "超",
        "平",
        "刚",
        "俊",
        "浩然",
        "思远",
        "鹏",
        "飞",
        "国庆",
        "天佑",
        "文博",
        "世杰",
        "光明",
        "永贵",
        "波",
        "学军",
        "成",
        "宏",
        "家豪",
        "一鸣",
    ]
)


class Crowd:
    """Hands out complainants; with ``repeat_share`` one who called before, about the same home where there is one."""

    def __init__(self, rng: random.Random, repeat_share: float = 0.085) -> None:
        self._rng = rng
        self._repeat_share = repeat_share
        self._at_home: dict[str, list[Complainant]] = {}
        self._all: list[Complainant] = []
        self._phones: set[str] = set()

    def caller(self, home: str, *, anew: bool = False) -> Complainant:
        """Somebody living at ``home`` (empty: anywhere). ``anew`` never repeats."""
        earlier = self._at_home.get(home, []) if home else self._all
        # Homes with few earlier callers yield few repeats, so the others are asked a little more often.
        if not anew and earlier and self._rng.random() < self._repeat_share * (1.5 if home else 1.0):
            return self._rng.choice(earlier)
        person = self._new(home)
        self._all.append(person)
        self._at_home.setdefault(home, []).append(person)
        return person

    def _new(self, home: str) -> Complainant:
        rng, common = self._rng, load_common()
        surname, given = (
            rng.choice(common["surnames"][:60] * 3 + common["surnames"][60:]),
            rng.choice(common["given"]),
        )
        while True:
            phone = f"{rng.choice(_PREFIXES)}0000{rng.randrange(10_000):04d}"
            if phone not in self._phones:
                break
        self._phones.add(phone)
        gender = "m" if given in _MALE else "f"
        return Complainant(len(self._all) + 1, surname + given, phone, gender, home)
