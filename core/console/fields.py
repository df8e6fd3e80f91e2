"""表单字段 Fields: what several forms make in the same way."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms.fields.choices import SelectChoice


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """A select field's choices from (value, words)."""
    return [SelectChoice(value, words) for value, words in pairs]
