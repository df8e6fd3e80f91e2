"""语料文件 Phrases: reading ``phrases/*.txt``.

A category's part begins with its code in brackets. ``词:`` lists what the category speaks of, parted by blanks;
``事:`` what people say happened and ``求:`` what they ask for, parted by ``；``. ``common.txt`` has the phrases that
any complaint may contain, under their own headings.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from analytics.taxonomy import by_code

FOLDER = Path(__file__).with_name("phrases")
COMMON = "common.txt"


@dataclass(frozen=True, slots=True)
class CategoryPhrases:
    """What people say about one category: names of things, what happened, what is asked for."""

    path: str
    about: tuple[str, ...]
    words: tuple[str, ...]
    events: tuple[str, ...]
    wishes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommonPhrases:
    """What people say whatever it is about. ``{}`` waits for a category's word, ``{地}`` a place, ``{数}`` a number."""

    greetings: tuple[str, ...]
    selves: tuple[str, ...]
    times: tuple[str, ...]
    moods: tuple[str, ...]
    endings: tuple[str, ...]
    titles: tuple[str, ...]
    sayings: tuple[str, ...]
    links: tuple[str, ...]
    asides: tuple[str, ...]
    places: tuple[str, ...]


_HEADINGS = ("称呼", "身份", "时间", "态度", "结尾", "短题", "短话", "连接", "旁白", "地名")


def _sections(path: Path) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        bare = line.strip()
        if bare.startswith("[") and bare.endswith("]"):
            sections[bare[1:-1]] = []
        elif bare and not bare.startswith("#"):
            list(sections.values())[-1].append(bare)
    return sections


def _parts(lines: list[str], heading: str = "") -> tuple[str, ...]:
    said = [line.removeprefix(heading) for line in lines if line.startswith(heading)]
    return tuple(
        dict.fromkeys(part.strip(" ;") for line in said for part in line.split("；") if part.strip(" ;"))
    )


@lru_cache(maxsize=1)
def category_phrases() -> tuple[CategoryPhrases, ...]:
    """Phrases of every category that has some, in the catalogue's order. Raises KeyError for an unknown code."""
    result = []
    for file in sorted(FOLDER.glob("[0-9][0-9].txt")):
        for code, lines in _sections(file).items():
            category = by_code(code)
            words = tuple(dict.fromkeys(w for line in _parts(lines, "词:") for w in line.split()))
            result.append(
                CategoryPhrases(
                    path=category.path,
                    about=(category.level2, *category.about.split("、")),
                    words=words,
                    events=_parts(lines, "事:"),
                    wishes=_parts(lines, "求:"),
                )
            )
    return tuple(result)


@lru_cache(maxsize=1)
def common_phrases() -> CommonPhrases:
    """The phrases of no category."""
    sections = _sections(FOLDER / COMMON)
    return CommonPhrases(*(_parts(sections[heading]) for heading in _HEADINGS))


@lru_cache(maxsize=1)
def corpus_hash() -> str:
    """SHA-256 of everything the corpus is made of: phrases, catalogue and the generator's code."""
    digest = hashlib.sha256()
    code = sorted(Path(__file__).parent.glob("*.py"))
    catalogue = Path(__file__).parents[1] / "taxonomy.csv"
    for file in [*sorted(FOLDER.glob("*.txt")), *code, catalogue]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
