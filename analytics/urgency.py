"""紧急程度 Urgency: whether an order cannot wait for its turn, and why.

Words of danger by kind, each weighed by what is said around it (`analytics.urgency_cues`): what is denied (没有停水),
past (去年停水), feared (万一着火), threatened, repeated for years or merely asked about does not count in full. Urgent
orders get a first response in two hours, round the clock (Beijing 接诉即办); who decides is the operator. How often
this agrees with a reader: docs/urgency.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.text import normalise
from analytics.urgency_cues import find_cues

NAMES = {
    "life": "危及生命",
    "utility": "停水停电停气",
    "vulnerable": "老幼病残孕",
    "crowd": "群体或舆情风险",
}
URGENT_FROM = 1.0  # score from which an order is urgent
KIND_FROM = {"life": 0.6, "utility": 0.3, "vulnerable": 0.5, "crowd": 0.5}  # total from which a kind is named
_AGAIN = 0.3  # what each further word of one kind adds, the first counting in full
_AGAIN_MOST = 0.5
_STRONG = 0.7  # what is past, feared or chronic is not made urgent by being said often
_LONGEST = 20_000  # characters read: a paste of 100 kB must not keep anybody waiting
_LAST = 2_000  # of them at the end


@dataclass(frozen=True, slots=True)
class Urgency:
    """``urgent``: first response in two hours; ``kinds`` of `NAMES`, heaviest first; ``score`` ≥ 0, urgent from 1.0;
    ``why``: the words that told, as they stand in the text."""

    urgent: bool
    kinds: tuple[str, ...]
    score: float
    why: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The kinds in Chinese."""
        return tuple(NAMES[kind] for kind in self.kinds)


def _total(kind: str, counts: Iterable[float]) -> float:
    ranked = sorted(counts, reverse=True)
    strong = _STRONG if kind in ("life", "utility") else 0.0
    return ranked[0] + min(_AGAIN_MOST, _AGAIN * sum(count for count in ranked[1:] if count >= strong))


def assess_urgency(text: str) -> Urgency:
    """Danger to life, a cut of water, gas or power, vulnerable people, and the risk of crowds or media in a text.

    Parameters: text of any length, also empty; of more than 20,000 characters the first 18,000 and the last 2,000 are
    read. Per kind the heaviest word counts in full, every further one adds a part. People at risk add to a danger
    that is there, and make no order urgent alone; neither do crowds or media. Never raises on text.
    """
    said = normalise(text)
    if len(said) > _LONGEST:
        said = said[: _LONGEST - _LAST] + "\n" + said[-_LAST:]
    words: dict[str, dict[str, float]] = {}
    for cue in find_cues(said):
        of_kind = words.setdefault(cue.kind, {})
        of_kind[cue.word] = max(of_kind.get(cue.word, 0.0), cue.counts)
    totals = {kind: _total(kind, of_kind.values()) for kind, of_kind in words.items()}
    danger = max(totals.get("life", 0.0), totals.get("utility", 0.0))
    danger += 0.2 * min(totals.get("life", 0.0), totals.get("utility", 0.0))
    aside = totals.get("vulnerable", 0.0)
    score = danger + min(0.3 * aside, 0.3 * danger) if danger else min(0.9, aside)
    if danger >= URGENT_FROM and aside:
        # an old person or a child is at risk in what endangers anybody
        totals["vulnerable"] = min(max(2 * aside, KIND_FROM["vulnerable"]), 0.9 * danger)
    kinds = sorted(
        (kind for kind in totals if totals[kind] >= KIND_FROM[kind]), key=lambda kind: -totals[kind]
    )
    why = [pair for kind in kinds for pair in sorted(words[kind].items(), key=lambda pair: -pair[1])]
    return Urgency(
        score >= URGENT_FROM, tuple(kinds), round(score, 3), tuple(dict.fromkeys(w for w, _ in why))[:8]
    )
