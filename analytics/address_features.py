"""地址特征 Address features: what a tagger of addresses is told of every character of a line.

The characters around; the numbers a line counts by and what stands between them; the words a dictionary knows; what is
said twice; the provinces and cities before and after; and what the grammar of `analytics.address` says there, so that
a tagger learns where the grammar is to be believed.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from analytics.address import BARE_CITY, PROVINCE, grammar
from analytics.text import tagged_words

_NUMBER = re.compile(r"\d+|[A-Za-z]+")
# Chinese figures only where they count something: 三 in 三里屯 is a name
_COUNTED = re.compile(r"\d+|[A-Za-z]+|[一二三四五六七八九十百]+(?=[号幢栋楼层单室组弄座户#])")
_AREA = re.compile(f"(?:{PROVINCE})|(?:{BARE_CITY})")
_ZEROS = re.compile("0+")
_PAD = "^^^^"
_MOST_DIGITS = 4  # longer runs count as this long
_EDGE = 4  # characters from the line's beginning and end that are counted
_JOINTS = "-－—–/#~"


def features(text: str) -> list[list[str]]:
    """Names of the features that hold at every character. Shape: len(text) lists."""
    out = _around(text)
    for more in (
        _said_by_grammar(text),
        _words(text),
        _numbers(text, outline(text)),
        _repeats(text),
        _areas(text),
    ):
        for told, names in zip(out, more, strict=True):
            told.extend(names)
    return out


def outline(text: str) -> str:
    """The text with every digit as 0 and letter as A, as long as before: one address in a thousand has this number."""
    plain = (unicodedata.normalize("NFKC", character)[:1] or " " for character in text)
    return "".join(
        "0" if c.isdigit() else "A" if c.isascii() and c.isalpha() else "_" if c.isspace() else c
        for c in plain
    )


def _around(text: str) -> list[list[str]]:
    shape = _PAD + outline(text) + _PAD
    runs: dict[int, list[str]] = {}
    for run in _NUMBER.finditer(text):
        first, end = run.start() + len(_PAD), run.end() + len(_PAD)
        before, after = shape[first - 1], shape[end : end + 2]
        length = min(run.end() - run.start(), _MOST_DIGITS)
        for at in range(run.start(), run.end()):
            runs[at] = [f"n{length}", f"n<{before}", f"n>{after}", f"n<>{before}{after[:1]}"]
    out = []
    for at in range(len(text)):
        i = at + len(_PAD)
        out.append(
            [
                "bias",
                *(f"u{shift}{shape[i + shift]}" for shift in range(-4, 5)),
                *(f"b{shift}{shape[i + shift : i + shift + 2]}" for shift in range(-3, 3)),
                *(f"t{shift}{shape[i + shift : i + shift + 3]}" for shift in range(-2, 2)),
                *(f"q{shift}{shape[i + shift : i + shift + 4]}" for shift in range(-3, 1)),
                *(f"v{shift}{shape[i + shift : i + shift + 5]}" for shift in (-4, 0)),
                f"from{min(at, _EDGE)}",
                f"left{min(len(text) - at, _EDGE)}",
                *runs.get(at, ()),
            ]
        )
    return out


def _said_by_grammar(text: str) -> list[list[str]]:
    """What the grammar says at every character: part, place in it, the parts before and after."""
    out: list[list[str]] = [["g-"] for _ in text]
    parts = grammar(text)
    labels = ["^", *(part.label for part in parts), "$"]
    for number, part in enumerate(parts, 1):
        for at in range(part.start, part.end):
            place = "B" if at == part.start else "E" if at == part.end - 1 else "I"
            out[at] = [
                f"g{place}{labels[number]}",
                f"g<{labels[number - 1]}{labels[number]}",
                f"g>{labels[number]}{labels[number + 1]}",
                f"g{place}{labels[number]}{part.end - part.start if part.end - part.start < 7 else 7}",
            ]
    for one, two in pairwise(parts):
        out[one.end - 1].append(f"g|{one.label}{two.label}")
    return out


def _words(text: str) -> list[list[str]]:
    """The word a dictionary sees at every character, its kind, and where in it the character stands."""
    out: list[list[str]] = [[] for _ in text]
    at = 0
    for word, kind in tagged_words(text):
        size = min(len(word), 5)
        for step in range(len(word)):
            place = "S" if len(word) == 1 else "B" if step == 0 else "E" if step == len(word) - 1 else "I"
            if at + step < len(text):
                out[at + step] += [f"w{place}{size}", f"p{place}{kind}", f"W{place}{word}"]
        at += len(word)
    return out


def _numbers(text: str, shape: str) -> list[list[str]]:
    """Which number of the line a character is in and what units the numbers around have; of others, how far the next."""
    out: list[list[str]] = [[] for _ in text]
    runs = list(_COUNTED.finditer(text))
    for number, run in enumerate(runs):
        after = _ZEROS.sub("0", shape[run.end() :])[:6]
        before = shape[max(0, run.start() - 3) : run.start()]
        told = [
            f"nr{min(3, len(runs) - 1 - number)}", f"nj{min(number, 3)}", f"ns{after}", f"ns{after[:3]}",
            f"nb{before}", f"nb{before[-2:]}", f"nb{before[-2:]}>{after[:2]}", f"nb{before[-1:]}>{after[:4]}",
            f"nl{min(6, len(run[0]))}{after[:1]}",
        ]  # fmt: skip
        if before and before[-1] in _JOINTS:
            joined = _ZEROS.sub("0", shape[: run.start()])[-5:]
            told += [f"np{joined}", f"np{joined}{after[:2]}"]
        for at in range(run.start(), run.end()):
            out[at] += told
    ahead = 0
    for at in range(len(text)):
        while ahead < len(runs) and runs[ahead].start() <= at:
            ahead += 1
        if ahead == len(runs):
            out[at].append("nx-")
            continue
        far, unit = runs[ahead].start() - at, shape[runs[ahead].end() : runs[ahead].end() + 1]
        out[at] += [f"nx{min(far, 6)}", f"nx{min(far, 4)}{unit}", f"nxu{unit}"]
    return out


def _repeats(text: str) -> list[list[str]]:
    """Pairs of characters that stand elsewhere in the line too: cities are said twice, and so is what is redundant."""
    out: list[list[str]] = [[] for _ in text]
    again = text[:2] in text[2:]
    for at, (one, two) in enumerate(pairwise(text)):
        if "一" <= one <= "鿿" and "一" <= two <= "鿿":
            for there, name in ((text.find(one + two, at + 2), "r>"), (text.rfind(one + two, 0, at), "r<")):
                if there >= 0:
                    out[at].append(f"{name}0")
                    out[at + 1].append(f"{name}1")
    for told in out:
        told.extend(["rep"] * again)
    return out


def _areas(text: str) -> list[list[str]]:
    """How many provinces and cities are named before and after a character."""
    named = list(_AREA.finditer(text))
    out = []
    for at in range(len(text)):
        before = min(3, sum(area.end() <= at for area in named))
        after = min(3, sum(area.start() > at for area in named))
        out.append([f"ab{before}", f"aa{after}", f"ab{before}aa{after}"])
    return out
