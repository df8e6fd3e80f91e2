"""紧急程度与诉求类型的测量 Needs measured: how far urgency and request type agree with a person who read the messages.

    python -m bench.needs MESSAGES JUDGED [--half 0|1|2] [--wrong]

``MESSAGES``: a table with the columns 留言编号, 留言主题, 留言详情 (or id, title, text). ``JUDGED``: a CSV of what a
reader found, one row per message: ``id``; ``urgent`` 0 or 1; ``kinds``, names of `analytics.urgency.NAMES` with blanks
between; ``request_type``, an identifier of `analytics.request_type.NAMES`, further ones that would also do after ``/``,
empty when it was not judged; ``weight`` and ``type_weight``, how many messages of the whole a row stands for (1 when
the columns are missing). Rows are split into two halves by their id (CRC-32): one to learn on, one only to count.

Intervals are Wilson's of 95 %; where rows have weights, with the effective number of rows (Kish: (Σw)² / Σw²). For a
share of 0 or 1 in a weighted sample that is a rough guide only.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics import request_type, urgency
from core.tables import read_table

Z = 1.959964
_ID, _TITLE, _TEXT = ("留言编号", "id"), ("留言主题", "title"), ("留言详情", "text")


@dataclass(frozen=True, slots=True)
class Judged:
    """What a reader found in one message."""

    id: str
    text: str
    urgent: bool
    kinds: frozenset[str]
    types: tuple[str, ...]
    weight: float
    type_weight: float

    @property
    def half(self) -> int:
        """1 or 2, by the id alone."""
        return zlib.crc32(self.id.encode()) % 2 + 1


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of ``n`` (effective) rows."""
    if n <= 0:
        return 0.0, 1.0
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * (share * (1 - share) / n + Z * Z / (4 * n * n)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def rate(rows: Iterable[tuple[bool, float]]) -> str:
    """Weighted share of true rows as ``0.812 [0.70, 0.89] of 57``."""
    listed = list(rows)
    total = sum(weight for _, weight in listed)
    if not total:
        return "no case"
    share = sum(weight for hit, weight in listed if hit) / total
    low, high = wilson(share, total**2 / sum(weight**2 for _, weight in listed))
    return f"{share:.3f} [{low:.2f}, {high:.2f}] of {len(listed)}"


def kappa(pairs: Sequence[tuple[str, str, float]]) -> float:
    """Cohen's weighted agreement beyond chance of (judged, guessed, weight)."""
    total = sum(weight for _, _, weight in pairs)
    observed = sum(weight for one, other, weight in pairs if one == other) / total
    names = {one for one, _, _ in pairs} | {other for _, other, _ in pairs}
    chance = sum(
        sum(w for one, _, w in pairs if one == name) * sum(w for _, other, w in pairs if other == name)
        for name in names
    ) / (total * total)
    return (observed - chance) / (1 - chance) if chance < 1 else 1.0


def _column(row: dict[str, str], names: Sequence[str]) -> str:
    return next((str(row[name]).strip() for name in names if row.get(name)), "")


def read(messages: Path, judged: Path) -> list[Judged]:
    """Messages that were judged, in the judgements' order; a row without its message ends the run."""
    texts: dict[str, str] = {}
    for row in (line.values for line in read_table(messages)):
        key = re.sub(r"\.0$", "", _column(row, _ID))
        texts.setdefault(key, f"{_column(row, _TITLE)}\n{_column(row, _TEXT)}")
    found = []
    with judged.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["id"] not in texts:
                sys.exit(f"{judged}: no message {row['id']}")
            types = tuple(filter(None, (row.get("request_type") or "").split("/")))
            found.append(
                Judged(
                    row["id"],
                    texts[row["id"]],
                    row["urgent"] == "1",
                    frozenset((row.get("kinds") or "").split()),
                    types,
                    float(row.get("weight") or 1),
                    float(row.get("type_weight") or 1),
                )
            )
    return found


def measure_urgency(rows: Sequence[Judged], *, wrong: bool = False) -> None:
    """Print precision and recall of "urgent", and of each kind."""
    guesses = [(row, urgency.assess_urgency(row.text)) for row in rows]
    print("  urgent     precision", rate((r.urgent, r.weight) for r, g in guesses if g.urgent))
    print("             recall   ", rate((g.urgent, r.weight) for r, g in guesses if r.urgent))
    print("             urgent, of all", rate((r.urgent, r.weight) for r, _ in guesses))
    print("             said urgent   ", rate((g.urgent, r.weight) for r, g in guesses))
    for kind in urgency.NAMES:
        print(
            f"  {kind:10} precision", rate((kind in r.kinds, r.weight) for r, g in guesses if kind in g.kinds)
        )
        print(
            "             recall   ", rate((kind in g.kinds, r.weight) for r, g in guesses if kind in r.kinds)
        )
    if wrong:
        for row, guess in guesses:
            if guess.urgent != row.urgent:
                print(
                    f"  {'missed' if row.urgent else 'false '} {row.id} {guess.score} {guess.why} {row.text[:60]!r}"
                )


def measure_types(rows: Sequence[Judged], *, wrong: bool = False) -> None:
    """Print accuracy, kappa, and precision and recall of each request type."""
    guesses = [(row, *request_type.guess_request_type(row.text)[:2]) for row in rows if row.types]
    if not guesses:
        return
    print("  type       the first choice", rate((g == r.types[0], r.type_weight) for r, g, _ in guesses))
    print("             one that would do", rate((g in r.types, r.type_weight) for r, g, _ in guesses))
    print(
        "             said sureness    ",
        f"{sum(s * r.type_weight for r, _, s in guesses) / sum(r.type_weight for r, _, _ in guesses):.3f}",
    )
    print(
        "             kappa (first)    ",
        f"{kappa([(r.types[0], g, r.type_weight) for r, g, _ in guesses]):.3f}",
    )
    for kind in request_type.NAMES:
        print(
            f"  {kind:10} precision", rate((g in r.types, r.type_weight) for r, g, _ in guesses if g == kind)
        )
        print(
            "             recall   ",
            rate((g == kind, r.type_weight) for r, g, _ in guesses if r.types[0] == kind),
        )
    if wrong:
        for row, guess, sureness in guesses:
            if guess not in row.types:
                print(f"  {'/'.join(row.types)} read as {guess} ({sureness:.2f}) {row.id} {row.text[:60]!r}")


def main() -> None:
    """Read both files and print the counts of each half."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        prog="python -m bench.needs",
    )
    parser.add_argument("messages", nargs="?", type=Path)
    parser.add_argument("judged", nargs="?", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1, 2), help="0: the rows are not divided")
    parser.add_argument("--wrong", action="store_true", help="list what was read wrong")
    given = parser.parse_args()
    if given.messages is None or given.judged is None:
        print("needs a table of messages and a file of judgements: python -m bench.needs --help")
        return
    rows = read(given.messages, given.judged)
    for half in (1, 2) if given.half is None else (given.half,):
        part = [row for row in rows if half in (0, row.half)]
        print(f"half {half}: {len(part)} messages judged")
        measure_urgency(part, wrong=given.wrong)
        measure_types(part, wrong=given.wrong)


if __name__ == "__main__":
    main()
