"""Real public data, used where it is present; it is no part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def shared(name: str) -> Path:
    """Where a file of the shared data is."""
    return FOLDER / name


def needs(name: str) -> pytest.MarkDecorator:
    """Skip a test where a file is absent, saying so."""
    return pytest.mark.skipif(
        not shared(name).exists(), reason=f"optional public data {name} is not here (SHARED_DATA)"
    )
