"""造句 Compose: complaints made of the corpus's phrases, short calls and long letters, with a seed.

Each example is composed from one of two halves of its category's phrases. A model can so be tried on sentences it
has never seen, and the confidence fitted there is honest.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from analytics.corpus.phrases import CategoryPhrases, CommonPhrases, category_phrases, common_phrases

HALVES = 2
_DIALECT = (
    ("什么时候", "啥子时候"),
    ("没有", "没得"),
    ("怎么", "咋个"),
    ("知道", "晓得"),
    ("小孩", "娃儿"),
    ("这里", "这儿"),
)
_TYPOS = (
    ("的", "得"),
    ("在", "再"),
    ("已经", "己经"),
    ("反映", "反应"),
    ("做", "作"),
    ("账", "帐"),
    ("须", "需"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A composed complaint, the category path it is about, and the half of the phrases it was made of."""

    text: str
    label: str
    half: int


class _Writer:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.common: CommonPhrases = common_phrases()

    def _pick(self, pool: tuple[str, ...]) -> str:
        text = self.random.choice(pool)
        text = text.replace("{地}", self.random.choice(self.common.places))
        return text.replace("{数}", str(self.random.randint(2, 30)))

    def _several(self, pool: tuple[str, ...], count: int) -> list[str]:
        return self.random.sample(pool, min(count, len(pool)))

    def _linked(self, words: tuple[str, ...]) -> str:
        text = self._pick(self.common.links)
        while "{}" in text:
            text = text.replace("{}", self.random.choice(words), 1)
        return text

    def _title(self, phrases: CategoryPhrases, half: _Half) -> str:
        theme = self.random.choice((self.random.choice(phrases.words), self.random.choice(half.events)))
        place = self._pick(self.common.places) if self.random.random() < 0.4 else ""
        return self._pick(self.common.titles).replace("{}", place + theme, 1)

    def _aside(self, other: CategoryPhrases) -> str:
        return self._pick(self.common.asides).replace("{}", self.random.choice(other.words), 1)

    def call(self, phrases: CategoryPhrases, half: _Half) -> list[str]:
        """A note of one phone call: one or two sentences."""
        chance = self.random.random()
        said = [self.random.choice(half.events if chance < 0.6 else half.wishes)]
        if chance < 0.3:
            said.append(self.random.choice(half.wishes))
        if self.random.random() < 0.4:
            said.insert(0, self._pick(self.common.greetings))
        if self.random.random() < 0.3:
            said.append(self._linked(phrases.words))
        if self.random.random() < 0.3:
            said.insert(0, self._pick(self.common.places))
        return said

    def words(self, phrases: CategoryPhrases) -> list[str]:
        """Hardly a sentence: the names of things, as one types into a search box."""
        if self.random.random() < 0.6:  # what anything may do must speak for nothing
            return [self._pick(self.common.sayings).replace("{}", self.random.choice(phrases.words), 1)]
        return [self._linked(phrases.words) for _ in range(self.random.randint(1, 4))]

    def letter(self, phrases: CategoryPhrases, half: _Half, other: CategoryPhrases, length: int) -> list[str]:
        """Title, who writes, what happened, how it was handled, what is asked for; strays as letters do."""
        said = [*self._several(half.events, length), *self._several(half.wishes, self.random.randint(1, 2))]
        said += [self._linked(phrases.words) for _ in range(length)]
        said += [self._pick(self.common.moods) for _ in range(self.random.randint(1, length + 2))]
        said += [self._pick(self.common.times) for _ in range(self.random.randint(0, 2))]
        if self.random.random() < 0.35:
            said.append(self._aside(other))
        self.random.shuffle(said)
        opening = [self._pick(self.common.greetings), self._pick(self.common.selves)]
        return [
            self._title(phrases, half),
            *opening[: self.random.randint(0, 2)],
            *said,
            self._pick(self.common.endings),
        ]

    def _spoilt(self, text: str) -> str:
        for pairs, chance in ((_DIALECT, 0.15), (_TYPOS, 0.1)):
            if self.random.random() < chance:
                old, new = self.random.choice(pairs)
                text = text.replace(old, new)
        return text

    def written(self, sentences: list[str]) -> str:
        """Sentences joined as people join them, with a slip of the pen here and there."""
        joined = "".join(
            s + self.random.choice("，，。。！") if s[-1] not in "！，。：？" else s for s in sentences
        )
        return self._spoilt(joined)


@dataclass(frozen=True, slots=True)
class _Half:
    events: tuple[str, ...]
    wishes: tuple[str, ...]


def compose(per_category: int = 120, seed: int = 0) -> Iterator[Example]:
    """``per_category`` examples of every category, the same for the same seed.

    Three tenths are bare words, three tenths phone notes, two fifths letters of two to seven sentences of the matter.
    """
    writer = _Writer(seed)
    everything = category_phrases()
    for phrases in everything:
        others = [other for other in everything if other.path.split("/")[0] != phrases.path.split("/")[0]]
        halves = [_Half(phrases.events[h::HALVES], phrases.wishes[h::HALVES]) for h in range(HALVES)]
        for number in range(per_category):
            at = number % HALVES
            kind = writer.random.random()
            if number < len(phrases.about):
                sentences = [phrases.about[number]]
            elif kind < 0.3:
                sentences = writer.words(phrases)
            elif kind < 0.6:
                sentences = writer.call(phrases, halves[at])
            else:
                other = writer.random.choice(others)
                sentences = writer.letter(phrases, halves[at], other, writer.random.randint(2, 7))
            yield Example(writer.written(sentences), phrases.path, at)
