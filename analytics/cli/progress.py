"""进度 Progress: a bar on a terminal, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click


def watched(items: Iterable[Any], what: str, length: int | None = None) -> Iterator[Any]:
    """The same items, with a progress bar on a terminal."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(items, label=what, length=length, file=sys.stderr, hidden=hidden) as bar:
        yield from bar
