"""门牌推定 House numbers: where on a road an unlisted number lies, from the listed numbers beside it.

清江东路15号 and 19号 lie in one grid, so 17号 most likely does too. Odd and even numbers stand on opposite sides and are
kept apart. Method: the nearest listed number below and above on the same side; no map is needed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

BETWEEN = 0.9  # numbers on both sides in one area
BESIDE = 0.75  # one number near by, none beyond
CLOSER = 0.6  # different areas on both sides, one much nearer
_NEAR = 20
_DOOR = re.compile(
    r"([一-鿿]{1,9}(?:大道|大街|[路街巷道里])(?:[一二三四五六七八九东西南北中]段)?)(\d{1,4})号?"
)
_NUMBER = re.compile(r"(\d{1,4})号(?!线|桥|楼|机|门)")


class Near(NamedTuple):
    """A number found: what was said, the area it most likely lies in, how far to trust that (0..1), and why."""

    said: str
    code: str
    factor: float
    why: str


class HouseNumbers:
    """Listed numbers by road and side. ``doors``: (name, area code); names that are no road and number are passed over."""

    def __init__(self, doors: Iterable[tuple[str, str]]) -> None:
        listed: defaultdict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for name, code in doors:
            if found := _DOOR.fullmatch(name):
                listed[found[1]][int(found[2])].add(code)
        self._sides: dict[tuple[str, int], list[tuple[int, str]]] = {}
        self._roads: defaultdict[str, list[str]] = defaultdict(list)
        for road, numbers in listed.items():
            self._roads[road[:2]].append(road)
            for side in (0, 1):
                # a number in two areas tells nothing
                one = [(n, min(codes)) for n, codes in numbers.items() if n % 2 == side and len(codes) == 1]
                self._sides[road, side] = sorted(one)
        for roads in self._roads.values():
            roads.sort(key=len, reverse=True)

    def at(self, text: str, start: int) -> Near | None:
        """The road and number that begin at ``start``, where listed numbers tell its area; else None."""
        for road in self._roads.get(text[start : start + 2], ()):
            if text.startswith(road, start) and (found := _NUMBER.match(text, start + len(road))):
                return self._near(road, int(found[1]))
        return None

    def _near(self, road: str, number: int) -> Near | None:
        side = self._sides[road, number % 2]
        at = bisect_left(side, (number, ""))
        below = side[at - 1] if at else None
        above = side[at] if at < len(side) else None
        said = f"{road}{number}号"
        if below and above and below[1] == above[1]:
            return Near(said, below[1], BETWEEN, f"{below[0]}号与{above[0]}号之间")
        nearest = sorted((one for one in (below, above) if one), key=lambda one: abs(one[0] - number))
        if not nearest or abs(nearest[0][0] - number) > _NEAR:
            return None
        first = nearest[0]
        if len(nearest) == 1:
            return Near(said, first[1], BESIDE, f"近{first[0]}号")
        if 3 * abs(first[0] - number) <= abs(nearest[1][0] - number):
            return Near(said, first[1], CLOSER, f"近{first[0]}号")
        return None
