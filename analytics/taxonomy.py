"""事项分类 Taxonomy: the two-level catalogue of what orders are about, read from ``taxonomy.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TAXONOMY_FILE = Path(__file__).with_name("taxonomy.csv")
SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class Category:
    """One second-level category: ``code`` is ``0101``; ``about`` says in Chinese what belongs to it."""

    code: str
    level1: str
    level2: str
    about: str

    @property
    def path(self) -> str:
        """``城乡建设/物业管理``: how a category is written everywhere."""
        return f"{self.level1}{SEPARATOR}{self.level2}"


@lru_cache(maxsize=1)
def categories() -> tuple[Category, ...]:
    """All second-level categories in the catalogue's order."""
    with TAXONOMY_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(Category(**row) for row in csv.DictReader(file))


@lru_cache(maxsize=1)
def level1_names() -> tuple[str, ...]:
    """The fifteen top-level names in the catalogue's order."""
    return tuple(dict.fromkeys(category.level1 for category in categories()))


@lru_cache(maxsize=1)
def _by_key() -> dict[str, Category]:
    return {key: category for category in categories() for key in (category.code, category.path)}


def by_code(code: str) -> Category:
    """The category of a code such as ``0101``. Raises KeyError, in Chinese, for an unknown code."""
    if code not in _by_key() or SEPARATOR in code:
        raise KeyError(f"事项分类中没有代码“{code}”")
    return _by_key()[code]


def by_path(path: str) -> Category:
    """The category of a path such as ``城乡建设/物业管理``. Raises KeyError, in Chinese, for an unknown path."""
    if path not in _by_key() or SEPARATOR not in path:
        raise KeyError(f"事项分类中没有“{path}”")
    return _by_key()[path]


def top_of(label: str) -> str:
    """Top level of any label: what stands before the first ``/``, or all of it."""
    return label.partition(SEPARATOR)[0]
