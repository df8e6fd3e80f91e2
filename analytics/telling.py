"""表述 Telling: the words a leader reads: a hotspot's name, keywords, category, typical texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from analytics.encoding import NAME_LEVEL, Encoded
from analytics.events import Event
from analytics.keywords import TEXT_LIMIT, distinctive, inverse_frequency, order_by_position
from analytics.records import Complaint
from analytics.text import normalise

_EARLY = 50
_LONGEST = 8
# Characters at which a phrase ends.
_BREAKS = frozenset(
    "的了在是和与及或到从对向把被为给让由将就都也又还有没不无等个该这那此本某各每我你您他她它请有于至区县市省乡镇"
)
_KEYWORDS = 6
_NAMED = 3
_EXAMPLES = 3


def keywords_of(event: Event, encoded: Encoded) -> list[str]:
    """Up to six words that set the event apart from everything else in the stream, strongest first."""
    places = _places_said(event, encoded)
    texts = _texts(event, encoded)
    words: list[str] = []
    for plain in strongest_words(event, encoded):
        word = _lengthened(plain, texts)
        if any(_share(word, place) for place in places):
            word = plain  # it has run into the name of the place
        if any(word in kept for kept in words):
            continue
        words = [kept for kept in words if kept not in word]
        words.append(word)
        if len(words) == _KEYWORDS:
            break
    return words


def strongest_words(event: Event, encoded: Encoded) -> list[str]:
    """Dictionary words by how much they set the event apart; pieces of its places' names are left out."""
    documents, size = event.voices, len(encoded.word_frequency)
    said = np.concatenate([*(encoded.words[i] for i in documents), np.zeros(0, np.int32)])
    inside = np.bincount(said, minlength=size).astype(np.int64)
    often = np.flatnonzero(inside >= max(2, int(np.ceil(0.25 * len(documents)))))
    if not len(often):
        often = np.flatnonzero(inside)
    score = distinctive(
        inside[often],
        len(documents),
        np.maximum(encoded.word_frequency[often] - inside[often], 0),
        len(encoded.complaints) - len(documents),
    )
    # The matter is named early, in the title or the first sentence; grievances in detail come after.
    texts = _texts(event, encoded)
    early = np.array([sum(encoded.vocabulary_words[w] in text[:_EARLY] for text in texts) for w in often])
    score = score * (0.15 + early / len(documents))
    places = _places_said(event, encoded)
    words = (encoded.vocabulary_words[often[at]] for at in np.argsort(-score, kind="stable"))
    return [word for word in words if not any(_share(word, place) for place in places)]


def _texts(event: Event, encoded: Encoded) -> list[str]:
    return [normalise(encoded.complaints[i].text[: 2 * TEXT_LIMIT]) for i in event.voices]


def _lengthened(word: str, texts: Sequence[str]) -> str:
    """The longer name that nearly all who say a word mean: 星座 → 青湖星座城, which no dictionary holds.

    A character is added while at least three texts and 80 % of those that hold the word go on with it; what grows
    beyond eight characters is a copied sentence, and the word stays as it was.
    """
    holding = [text for text in texts if word in text]
    least = max(3.0, 0.8 * len(holding))
    plain = word
    while True:
        around: Counter[str] = Counter()
        for text in holding:
            sides: set[str] = set()
            for found in re.finditer(re.escape(word), text):
                before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
                sides.update(side for side in (before + word, word + after) if len(side) > len(word))
            around.update(sides)
        longer = [(times, side) for side, times in around.items() if times >= least and _goes_on(side, word)]
        if not longer:
            return word
        word = max(longer)[1]
        if len(word) > _LONGEST:
            return plain  # a sentence that was passed on, not a name


def _share(word: str, place: str) -> bool:
    return any(word[at : at + 2] in place for at in range(len(word) - 1))


def _goes_on(longer: str, word: str) -> bool:
    added = longer[len(word) :] if longer.startswith(word) else longer[: -len(word)]
    return "一" <= added <= "鿿" and added not in _BREAKS


def _places_said(event: Event, encoded: Encoded) -> list[str]:
    """Names of places that a good part of the members share: where, not what."""
    stream = encoded.stream
    said: Counter[int] = Counter()
    for i in event.voices:
        said.update(stream.place_id[stream.place_start[i] : stream.place_start[i + 1]].tolist())
    often = [place for place, times in said.items() if place and times >= 0.3 * len(event.voices)]
    return [encoded.places[place].rsplit("/", 1)[-1] for place in often]


def category_of(members: Sequence[Complaint]) -> str:
    """The category most of the members carry, at the level they agree on; empty when they do not."""
    given = [c.category for c in members if c.category]
    if not given:
        return ""
    for depth in (5, 2, 1):
        path, times = Counter("/".join(c.split("/")[:depth]) for c in given).most_common(1)[0]
        if times >= 0.6 * len(given):
            return path
    return ""


def place_of(event: Event, encoded: Encoded) -> int:
    """The place to name: the event's own, or a finer one that three quarters of its people name."""
    stream, own = encoded.stream, event.place
    own_level = stream.place_level[own]
    said: Counter[int] = Counter()
    for i in event.voices:
        said.update(stream.place_id[stream.place_start[i] : stream.place_start[i + 1]].tolist())
    finer = [
        (stream.place_level[place], times, -place)
        for place, times in said.items()
        if stream.place_level[place] > own_level and times >= 0.75 * len(event.voices)
    ]
    return -max(finer)[2] if finer else own


def place_shown(event: Event, encoded: Encoded) -> str:
    """A place as people write it: the finest level of a path, the usual spelling of a name.

    A name that members mostly write right after another (青湖园 + 东苑) is shown with it.
    """
    number = place_of(event, encoded)
    place = encoded.places[number]
    shown = encoded.shown.get(place, place.rsplit("/", 1)[-1])
    if place and encoded.stream.place_level[number] == NAME_LEVEL:
        texts = [encoded.complaints[i].text for i in event.voices]
        for other in _places_said(event, encoded):
            together = sum(other + place in text for text in texts)
            if other != place and together >= 0.4 * len(texts):
                return other + shown
    return shown


def name_of(
    place: str, category: str, keywords: Sequence[str], members: Sequence[Complaint], topic: str
) -> str:
    """A short phrase: ``青湖新城小区：搅拌站噪音、扬尘``."""
    texts = [normalise(c.text) for c in members]
    chosen = list(keywords[:_NAMED])
    if (
        topic
        and "/" not in topic
        and topic not in chosen
        and topic not in place
        and topic == topic.strip()
        and topic in keywords
    ):
        chosen = [topic, *chosen[: _NAMED - 1]]
    matter = "、".join(_joined(order_by_position(chosen, texts), texts))
    kind = category.rsplit("/", 1)[-1] if category else ""
    if kind and not any(kind in word or word in kind for word in chosen):
        matter = f"{kind}（{matter}）" if matter else kind
    return f"{place or '全域'}：{matter or '诉求集中'}"


def _joined(words: list[str], texts: Sequence[str]) -> list[str]:
    """Put side by side what people say side by side: 搅拌站 + 噪音 → 搅拌站噪音."""
    out: list[str] = []
    for word in words:
        if out and sum(out[-1] + word in text for text in texts) >= max(2, 0.3 * len(texts)):
            out[-1] += word
        else:
            out.append(word)
    return out


def examples_of(event: Event, encoded: Encoded) -> list[str]:
    """Up to three typical texts, unmasked: nearest to the middle of the event, different from each other."""
    weights = inverse_frequency(encoded.word_frequency, len(encoded.complaints))
    documents = [int(i) for i in event.voices]
    middle: Counter[int] = Counter()
    for i in documents:
        middle.update(encoded.words[i].tolist())

    def typical(i: int) -> float:
        ids = encoded.words[i]
        if not len(ids):
            return 0.0
        told = sum(middle[w] * float(weights[w]) ** 2 for w in ids.tolist())
        return told / float(np.sqrt((weights[ids] ** 2).sum()))

    texts: list[str] = []
    for i in sorted(documents, key=lambda i: (-typical(i), i)):
        text = normalise(encoded.complaints[i].text)
        if text not in texts:
            texts.append(text)
        if len(texts) == _EXAMPLES:
            break
    return texts
