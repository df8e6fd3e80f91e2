"""周报的构件 Parts of the report: figures that know where they come from, and the tables and sections they stand in.

A figure appears once as one of these values and is shown by ``shown``; the four renderers print what it returns, so
their numbers cannot differ. Every ``Cell`` names its measure and filter and keeps the ids behind it: that is what
``reconcile`` recomputes and what a reader drills down to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from analytics.report.periods import Period
from analytics.report.records import WeeklyInputs

Where = tuple[tuple[str, str], ...]
NO_BASE = "—"


@dataclass(frozen=True, slots=True)
class Cell:
    """A count: ``value`` members of ``measure`` that match ``where``, and their ids."""

    measure: str
    where: Where
    value: int
    ids: tuple[str, ...]

    @property
    def address(self) -> str:
        """Stable name for drilling down, such as ``intake?channel=电话``."""
        return self.measure + (
            "?" + "&".join(f"{name}={value}" for name, value in self.where) if self.where else ""
        )

    @property
    def order_ids(self) -> tuple[str, ...]:
        """Ids of the orders behind the count, each once (a visit-back's id begins with its order's)."""
        return tuple(dict.fromkeys(id_.rpartition("@")[0] or id_ for id_ in self.ids))


@dataclass(frozen=True, slots=True)
class Given:
    """A number that came with the inputs and has no ids; None when there is none."""

    name: str
    value: int | None


@dataclass(frozen=True, slots=True)
class OrderRef:
    """One order, shown by its number."""

    id: str
    number: str


@dataclass(frozen=True, slots=True)
class Share:
    """Weighted counts over a count that contains them. ``small``: denominators under it are marked as small."""

    parts: tuple[tuple[Fraction, Cell], ...]
    of: Cell
    small: int = 0

    @property
    def numerator(self) -> Fraction:
        return sum((weight * cell.value for weight, cell in self.parts), Fraction(0))

    @property
    def value(self) -> Fraction | None:
        """Between 0 and 1; None when there is nothing to divide by."""
        return self.numerator / self.of.value if self.of.value else None

    @property
    def is_small(self) -> bool:
        return 0 < self.of.value < self.small


@dataclass(frozen=True, slots=True)
class Composite:
    """Weighted sum of shares, on 100 points."""

    shares: tuple[tuple[Fraction, Share], ...]

    @property
    def value(self) -> Fraction | None:
        total = Fraction(0)
        for weight, share in self.shares:
            if share.value is None:
                return None
            total += weight * share.value
        return 100 * total

    @property
    def is_small(self) -> bool:
        return any(share.is_small for _, share in self.shares)


@dataclass(frozen=True, slots=True)
class Mean:
    """A count per day."""

    cell: Cell
    days: float


@dataclass(frozen=True, slots=True)
class Change:
    """A count against an earlier one."""

    now: Cell
    before: Cell | Given

    @property
    def difference(self) -> int:
        return self.now.value - (self.before.value or 0)


@dataclass(frozen=True, slots=True)
class Listing:
    """Named counts in one breath: 同德社区12、石人社区8."""

    items: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A measured number that is no count of ours, such as a hotspot's expected count."""

    value: float
    digits: int = 1


Figure = Cell | Given | OrderRef | Share | Composite | Mean | Change | Listing | Number
Part = str | Figure


@dataclass(frozen=True, slots=True)
class Column:
    """``partition``: the rows' cells split the total's cell, no member twice and none left out.

    ``solid``: its cells are not broken over two lines (dates, order numbers).
    """

    key: str
    title: str
    kind: Literal["text", "number", "share"] = "text"
    partition: bool = False
    solid: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    cells: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Table:
    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    notes: tuple[str, ...] = ()

    def column(self, key: str) -> int:
        """Index of a column by its key."""
        return next(index for index, column in enumerate(self.columns) if column.key == key)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of columns of a table of the same section; ``alt`` says in words what it shows."""

    key: str
    title: str
    kind: Literal["columns", "bars", "line", "observed_expected"]
    table: str
    label: str
    series: tuple[str, ...]
    alt: str
    unit: str = "件"

    @property
    def caption(self) -> str:
        return f"{self.title}（单位：{self.unit}）" if self.unit else self.title


@dataclass(frozen=True, slots=True)
class Paragraph:
    parts: tuple[Part, ...]
    style: Literal["body", "item", "note"] = "body"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading under a section's own; level 2 or 3."""

    text: str
    level: Literal[2, 3] = 2


Block = Paragraph | Heading | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class WeeklyReport:
    """The report: all its figures, and the inputs they were counted from. Compared by identity."""

    title: str
    inputs: WeeklyInputs
    period: Period
    sections: tuple[Section, ...]

    @property
    def week(self) -> str:
        """ISO week, such as 2026-W46."""
        return self.period.week

    @property
    def cut_off(self) -> datetime:
        """The moment the snapshot was taken at."""
        return self.period.cut_off

    def tables(self) -> dict[str, Table]:
        """Tables by key, in the order of the report."""
        return {
            block.key: block
            for section in self.sections
            for block in section.blocks
            if isinstance(block, Table)
        }


def body(*parts: Part) -> Paragraph:
    return Paragraph(parts)


def note(*parts: Part) -> Paragraph:
    return Paragraph(parts, "note")


def item(*parts: Part) -> Paragraph:
    return Paragraph(parts, "item")
