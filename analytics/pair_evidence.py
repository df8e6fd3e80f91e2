"""比对依据 Pair evidence: what speaks for and against two orders telling of one event, as numbers and as Chinese words."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from analytics.fingerprints import Fingerprint, Hashes, grams_of, runs_of, same_names
from analytics.pair_model import FEATURES

Rarity = Callable[[Hashes], NDArray[np.float64]]

_SHORT_TEXT = 80  # characters up to which edit similarity says more than shared grams
_WORTH_TELLING = 0.25  # likeness from which it is given as a reason
_WEEKS_MOST = 8.0
_CURT = 20
_WORDS_TOLD = 3


@dataclass(frozen=True)
class Side:
    """One order, ready to be compared: its fingerprint, the place field as written, its category path ("" unknown)."""

    said: Fingerprint
    place: str = ""
    category: str = ""

    @cached_property
    def head(self) -> Hashes:
        """Grams of the beginning, made once for all comparisons. Shape (m,)."""
        return self.said.head()


@dataclass(frozen=True, slots=True)
class Evidence:
    """``features`` in the order of `analytics.pair_model.FEATURES`, shape (16,); the rest is for telling."""

    features: NDArray[np.float64]
    likeness: float
    place_same: bool
    place_differs: bool
    names: tuple[str, ...]
    areas: tuple[str, ...]
    specific: tuple[str, ...]
    days: float


def weigh(one: Side, two: Side, days: float, rarity: Rarity) -> Evidence:
    """Compare two orders ``days`` ≥ 0 apart. ``rarity`` gives the weight of grams in the collection at hand."""
    a, b = one.said, two.said
    names = _shared_names(one, two)
    areas = a.areas & b.areas
    same = bool(names or (one.place and one.place == two.place and a.at))
    other = not same and bool((a.names and b.names) or (a.areas and b.areas and not areas))
    specific = a.specific & b.specific
    shared, first, second = _weights(a.grams, b.grams, rarity)
    likeness = _likeness(a, b, shared, first, second)
    matter = _matter(one, two, names | areas | {a.at, b.at}, rarity) if same else 0.0
    shorter, longer = sorted((len(a.text), len(b.text)))
    features = {
        "like": likeness,
        "contained": shared / min(first, second) if shared else 0.0,
        "shared": math.log1p(shared) / 6,
        "same_place": float(same),
        "matter_there": math.sqrt(matter),
        "other_place": float(other),
        "like_elsewhere": likeness if other else 0.0,
        "same_area": float(bool(areas) and not same),
        "specific": float(min(len(specific), 2)),
        "other_specific": float(bool(a.specific and b.specific and not specific)),
        "days": min(days / 7, _WEEKS_MOST),
        "stale": min(days / 7, _WEEKS_MOST) * (1 - likeness),
        "same_category": float(bool(one.category) and one.category == two.category),
        "other_category": float(bool(one.category and two.category) and one.category != two.category),
        "lengths": math.log((longer + 5) / (shorter + 5)),
        "curt": max(0.0, 1 - shorter / _CURT),
    }
    return Evidence(
        np.array([features[name] for name in FEATURES]),
        likeness,
        same,
        other,
        tuple(sorted(names)) or ((a.at,) if same else ()),
        tuple(sorted(areas)),
        tuple(sorted(specific)),
        days,
    )


def reasons(evidence: Evidence, one: Fingerprint, two: Fingerprint, rarity: Rarity) -> tuple[str, ...]:
    """The evidence in a few short Chinese reasons, the time last."""
    why = []
    if evidence.likeness >= _WORTH_TELLING:
        why.append(f"文字相似 {round(100 * evidence.likeness)}%")
    if evidence.place_same:
        why.append(f"{_span(evidence.days)}同一地点：{'、'.join(evidence.names[:3])}")
    elif evidence.place_differs:
        why.append("地点不同")
    elif evidence.areas:
        why.append(f"同在{'、'.join(evidence.areas[:2])}")
    if evidence.specific:
        why.append(f"都提到 {'、'.join(evidence.specific[:3])}")
    if words := _shared_words(one, two, evidence.names, rarity):
        why.append(f"都说到“{'”“'.join(words)}”")
    why.append("同一天" if evidence.days < 1 else f"相隔 {round(evidence.days)} 天")
    return tuple(why)


def _span(days: float) -> str:
    return "同一天" if days < 1 else "三天内" if days <= 3 else "一周内" if days <= 7 else ""


def _shared_names(one: Side, two: Side) -> frozenset[str]:
    a, b = one.said, two.said
    names = same_names(a.names, b.names)
    if a.at and b.at and a.at != b.at:
        return names & {a.at, b.at}  # two place fields filled in differently say more than the texts
    return names or _said_short(a, b) | _said_short(b, a)


def _said_short(one: Fingerprint, two: Fingerprint) -> frozenset[str]:
    """One may leave the ending out: 锦绣佳苑, 锦绣那边."""
    if two.names:
        return frozenset()
    return frozenset(name for name in one.names if len(name) > 3 and name[:2] in two.text)


def _weights(one: Hashes, two: Hashes, rarity: Rarity) -> tuple[float, float, float]:
    """Squared rarities summed: of the grams shared, of the first's, of the second's."""
    if not len(one) or not len(two):
        return 0.0, 0.0, 0.0
    first, second = rarity(one) ** 2, rarity(two) ** 2
    at = np.searchsorted(two, one)
    at[at == len(two)] = 0
    return float(first[two[at] == one].sum()), float(first.sum()), float(second.sum())


def _cosine(one: Hashes, two: Hashes, rarity: Rarity) -> float:
    shared, first, second = _weights(one, two, rarity)
    return shared / math.sqrt(first * second) if shared else 0.0


def _likeness(one: Fingerprint, two: Fingerprint, shared: float, first: float, second: float) -> float:
    """How like two texts are: shared grams weighted by rarity, or the edit similarity of two short texts. 0..1."""
    if not len(one.grams) or not len(two.grams):
        return 0.0  # marks and emoji say nothing by which two strangers could be known to mean the same
    cosine = shared / math.sqrt(first * second) if shared else 0.0
    if max(len(one.text), len(two.text)) <= _SHORT_TEXT:
        return max(cosine, (fuzz.ratio(one.text, two.text) / 100) ** 2)
    return min(cosine, 1.0)


def _matter(one: Side, two: Side, places: frozenset[str], rarity: Rarity) -> float:
    """How like two texts are apart from the names of the places they share. 0..1."""
    said = grams_of("，".join(sorted(places)))
    whole, head = (
        _cosine(_without(a, said), _without(b, said), rarity)
        for a, b in ((one.said.grams, two.said.grams), (one.head, two.head))
    )
    return min(max(whole, head), 1.0)


def _without(grams: Hashes, said: Hashes) -> Hashes:
    if not len(said):
        return grams
    at = np.searchsorted(said, grams)
    at[at == len(said)] = 0
    return grams[said[at] != grams]


def _shared_words(one: Fingerprint, two: Fingerprint, names: tuple[str, ...], rarity: Rarity) -> list[str]:
    """The longest and rarest strings of three characters and more that both say, place names left out."""
    found: dict[str, float] = {}
    for words, grams in runs_of(one.text, two.text):
        if not any(words in name or name in words for name in names):
            found[words] = float(rarity(grams).sum())
    return sorted(found, key=lambda words: (-found[words], words))[:_WORDS_TOLD]
