"""原文存放 Order store: what an index keeps of each order, packed: a block of orders is one string of bytes.

A Python object per order and field would cost more than the words themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1024  # orders per block
_MARK = "\x1f"
GONE = -np.inf  # the time of an order taken out: outside every window


class OrderStore:
    """Id, time, place, category and compared text of orders, by position 0, 1, 2 …"""

    def __init__(self) -> None:
        self.times = np.full(_BLOCK, GONE)  # seconds since 1970
        self._ids: list[str] = []
        self._at: dict[str, int] = {}
        self._blocks: list[tuple[bytes, NDArray[np.uint32]] | None] = []
        self._open: list[str] = []

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, id: str, seconds: float, text: str, place: str, category: str) -> int:  # noqa: A002
        """Keep an order; returns its position. An order of the same id is taken out."""
        if id in self._at:
            self.remove(id)
        at = len(self._ids)
        if at == len(self.times):
            self.times = np.concatenate([self.times, np.full(at, GONE)])
        fields = (field.replace(_MARK, " ") for field in (place, category, text))
        self._open.append(_MARK.join(fields))
        self._ids.append(id)
        self._at[id] = at
        self.times[at] = seconds  # last: from now on it can be found
        if len(self._open) == _BLOCK:
            self._blocks.append(_packed(self._open))
            self._open = []
        return at

    def id(self, at: int) -> str:
        """The id at a position."""
        return self._ids[at]

    def position(self, id: str) -> int:  # noqa: A002
        """Where an id is. Raises KeyError for one unknown or taken out."""
        return self._at[id]

    def told(self, at: int) -> tuple[str, str, str]:
        """Text, place and category at a position; all empty once their block was let go."""
        block = at // _BLOCK
        if block < len(self._blocks):
            packed = self._blocks[block]
            if packed is None:
                return "", "", ""
            data, ends = packed
            place_in = at % _BLOCK
            begin = int(ends[place_in - 1]) if place_in else 0
            line = data[begin : int(ends[place_in])].decode("utf-16-le", "surrogatepass")
        else:
            line = self._open[at % _BLOCK]
        place, category, text = line.split(_MARK)
        return text, place, category

    def remove(self, id: str) -> int:  # noqa: A002
        """Take an order out; returns where it was. Raises KeyError for an unknown id."""
        at = self._at.pop(id)
        self.times[at] = GONE
        return at

    def before(self, seconds: float) -> list[int]:
        """Positions of the orders kept whose time is before ``seconds``."""
        times = self.times[: len(self._ids)]
        return [int(at) for at in np.flatnonzero((times < seconds) & (times != GONE))]

    def expire(self, before: float) -> int:
        """Take out the orders of before ``before`` (seconds since 1970); frees blocks wholly gone. Returns how many."""
        old = self.before(before)
        for at in old:
            if self._at.get(self._ids[at]) == at:
                del self._at[self._ids[at]]
        self.times[old] = GONE
        times = self.times[: len(self._ids)]
        for block in range(len(self._blocks)):
            if (
                self._blocks[block] is not None
                and (times[block * _BLOCK : (block + 1) * _BLOCK] == GONE).all()
            ):
                self._blocks[block] = None
        return len(old)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` needs to make the same store again."""
        count = len(self._ids)
        packed = [_packed([]) if block is None else block for block in self._blocks]
        packed += [_packed(self._open)]
        ids = "\n".join(name.replace("\n", " ") for name in self._ids).encode()
        return {
            "times": self.times[:count],
            "ids": np.frombuffer(ids, np.uint8),
            "data": np.frombuffer(b"".join(data for data, _ in packed), np.uint8),
            "ends": np.concatenate([ends for _, ends in packed]),
            "sizes": np.array([len(ends) for _, ends in packed]),
            "bytes": np.array([len(data) for data, _ in packed]),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> OrderStore:
        """A store from `to_arrays`. Raises ValueError where the arrays do not fit each other."""
        made = cls()
        count = len(arrays["times"])
        names = arrays["ids"].tobytes().decode().split("\n") if count else []
        if len(names) != count or arrays["bytes"].sum() != len(arrays["data"]):
            raise ValueError("索引数据不成套：请删去后重新建立")
        made.times = np.concatenate([arrays["times"], np.full(max(_BLOCK, count), GONE)])
        made._ids = names
        made._at = {name: at for at, name in enumerate(names) if made.times[at] != GONE}
        data, row, begin = arrays["data"].tobytes(), 0, 0
        for size, length in zip(arrays["sizes"].tolist(), arrays["bytes"].tolist(), strict=True):
            ends = arrays["ends"][row : row + size]
            made._blocks.append((data[begin : begin + length], ends) if size else None)
            row, begin = row + size, begin + length
        last = made._blocks.pop()
        made._open = [] if last is None else _unpacked(*last)
        return made


def _packed(lines: list[str]) -> tuple[bytes, NDArray[np.uint32]]:
    coded = [line.encode("utf-16-le", "surrogatepass") for line in lines]
    return b"".join(coded), np.cumsum([len(line) for line in coded], dtype=np.uint32)


def _unpacked(data: bytes, ends: NDArray[np.uint32]) -> list[str]:
    begins = [0, *ends.tolist()[:-1]]
    return [
        data[a:b].decode("utf-16-le", "surrogatepass") for a, b in zip(begins, ends.tolist(), strict=True)
    ]
