"""数字的写法 How figures are shown: one way, whatever the page they stand on."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from analytics.report.parts import (
    NO_BASE,
    Cell,
    Change,
    Composite,
    Given,
    Listing,
    Mean,
    Number,
    OrderRef,
    Paragraph,
    Part,
    Share,
)


def shown(part: Part) -> str:
    """A figure as text: shares with numerator and denominator, no base as a dash, small bases marked with ＊."""
    match part:
        case str():
            return part
        case Cell():
            return str(part.value)
        case Given():
            return NO_BASE if part.value is None else str(part.value)
        case OrderRef():
            return part.number
        case Share():
            mark = "＊" if part.is_small else ""
            return f"{percentage(part.value)}{mark}（{plain(part.numerator)}/{part.of.value}）"
        case Composite():
            return NO_BASE if part.value is None else rounded(part.value, 1) + ("＊" if part.is_small else "")
        case Mean():
            value = Fraction(part.cell.value) / Fraction(part.days)
            return f"{rounded(value, 1)}（{part.cell.value}/{plain(Fraction(part.days).limit_denominator(1440))}）"
        case Change():
            return _change(part)
        case Listing():
            return "、".join(f"{name}{cell.value}" for name, cell in part.items) or NO_BASE
        case Number():
            return rounded(Fraction(part.value), part.digits)
    raise TypeError(f"not a part of a report: {part!r}")


def paragraph_text(paragraph: Paragraph) -> str:
    """A paragraph as one string."""
    return "".join(shown(part) for part in paragraph.parts)


def percentage(value: Fraction | None) -> str:
    """One decimal, halves up. What would round to 0 or 100 without being it says so."""
    if value is None:
        return NO_BASE
    text = rounded(100 * value, 1)
    if text == "0.0" and value > 0:
        return "<0.1%"
    if text == "100.0" and value < 1:
        return ">99.9%"
    return text + "%"


def rounded(value: Fraction, digits: int) -> str:
    """Halves away from zero, with exactly ``digits`` decimals."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def plain(value: Fraction) -> str:
    """An integer as it is, anything else with one decimal."""
    return str(value.numerator) if value.denominator == 1 else rounded(value, 1)


def _change(change: Change) -> str:
    if change.before.value is None:
        return NO_BASE
    base = change.before.value
    ratio = _signed_percentage(change.difference, base)
    return f"{ratio}（{change.difference:+d}/{base}）" if change.difference else f"{ratio}（0/{base}）"


def _signed_percentage(difference: int, base: int) -> str:
    if not base:
        return NO_BASE
    text = rounded(Fraction(100 * difference, base), 1)
    return ("+" if difference > 0 else "") + text + "%"
