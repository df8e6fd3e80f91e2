"""注入 Injection: events whose truth is known, hidden in a history, so that a replay can be held against them.

An event is n orders of different people about one matter at one place within d days. Place, category and the hours of
the day are taken from the history itself, places in proportion to their orders: where complaints are frequent, which
is where an event is hardest to see. The matter is told in one of three ways: "retold", an order of the history told
again by others at another time; "composed" of the project's own phrases of the category; "borrowed", orders of the
history that tell much the same from other places, with the place changed, and where there are too few of them retold:
as different as several people really put it. One order in seven is filed under another category than the rest, as
happens.

`shuffled` gives the opposite: the same history without any event, by dealing its times out anew.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from analytics.corpus import category_phrases
from analytics.known_events import KnownEvent
from analytics.places import PlaceFinder
from analytics.records import Complaint
from analytics.rewording import Rewording

SIZES = (5, 7, 10, 20)
LENGTHS = (1, 3, 7)  # days
WAYS = ("retold", "composed", "borrowed")
SHARE = 0.1  # of the replayed orders that one round may add: more would change what is usual
MOST_ROUNDS = 6
_MISFILED = 1 / 7
_SAYS_PLACE = 0.9
_AWAY = timedelta(days=28)  # an order is retold this long before or after it was made
_TRIES = 200
_TELLING = 8  # characters below which a text says too little to be told again
_POOL = 3000  # orders among which those like another are looked for
_ALIKE = 0.15  # cosine of pairs of characters from which two real orders tell much the same, read by eye …
_COPY = 0.8  # … and from which they are one person's copies


class CannotReplay(ValueError):
    """A history cannot be replayed as asked; the message says in Chinese what is missing and what to do."""


@dataclass(frozen=True)
class Round:
    """Events hidden together in one replay: their orders and what is true of them."""

    complaints: list[Complaint]
    events: list[KnownEvent]


@dataclass(frozen=True)
class _Site:
    """Where an event may happen: an order of the history whose place is known, by column or from its text."""

    host: Complaint
    name: str  # as people say it


def inject(
    complaints: Sequence[Complaint],
    first: datetime,
    last: datetime,
    count: int,
    seed: int = 0,
    *,
    sizes: Sequence[int] = SIZES,
    lengths: Sequence[int] = LENGTHS,
) -> list[Round]:
    """``count`` events that begin and end between ``first`` and ``last``, as few to a round as the history asks for.

    A round adds at most a tenth of the orders of that time, as far as six rounds allow. Sizes and lengths come
    equally often; a length that the time has no room for is left out. CannotReplay when none fits or no order has a
    place.
    """
    room = (last - first) / timedelta(days=1) - 1
    lengths = [days for days in lengths if days <= room]
    if not lengths:
        raise CannotReplay("回放时间太短，放不下一个事件，请多回放几天")
    if not count:
        return []
    source = random.Random(seed)
    sites = _sites(complaints)
    if not sites:
        raise CannotReplay("历史里没有一件诉求说得清地点，无法注入事件")
    kinds = list(itertools.product(sizes, lengths))
    source.shuffle(kinds)
    wanted = [kinds[i % len(kinds)] for i in range(count)]
    inside = sum(first <= c.time < last for c in complaints)
    rounds = min(MOST_ROUNDS, count, -(-sum(size for size, _ in wanted) // max(int(SHARE * inside), 1)))
    writer = _Writer(complaints, sites, source)
    out = []
    for number in range(rounds):
        taken: set[str] = set()
        told = [
            writer.event(f"{number + 1}-{i + 1}", size, days, first, last, taken)
            for i, (size, days) in enumerate(wanted[number::rounds])
        ]
        out.append(Round([c for orders, _ in told for c in orders], [event for _, event in told]))
    return out


def shuffled(complaints: Sequence[Complaint], seed: int = 0) -> list[Complaint]:
    """The same orders with their times dealt out anew: busy days stay busy, every place and topic keeps its total, and
    nothing bursts but by chance (the null of the space-time permutation scan, Kulldorff et al. 2005)."""
    times = [c.time for c in complaints]
    random.Random(seed).shuffle(times)
    return [replace(c, time=time) for c, time in zip(complaints, times, strict=True)]


def _sites(complaints: Sequence[Complaint]) -> list[_Site]:
    placed = [c for c in complaints if c.place]
    sites = [_Site(c, c.place.rsplit("/", 1)[-1]) for c in placed]
    said = [c for c in complaints if not c.place]
    if said:
        finder = PlaceFinder().settle([c.text for c in said])
        for c in said:
            names = finder.find(c.text).names
            if names and names[0] in c.text:
                sites.append(_Site(c, names[0]))
    return sites


class _Writer:
    def __init__(self, complaints: Sequence[Complaint], sites: list[_Site], source: random.Random) -> None:
        self.random = source
        self.sites = sites
        self.telling = [site for site in sites if len(site.host.text) >= _TELLING]
        self.words = Rewording(source)
        self.hours = [c.time for c in complaints]
        self.categories = [c.category for c in complaints if c.category]
        # people are told apart in the injected orders only where they are told apart in the history
        self.named = sum(bool(c.complainant) for c in complaints) * 2 > len(complaints)
        self.phrases = {one.path: one for one in category_phrases()}
        used = Counter(c.category for c in complaints)
        weights = [used[path] + 1 for path in self.phrases]
        self.usual = list(zip(self.phrases.values(), weights, strict=True))
        self._alike: tuple[tuple[TfidfVectorizer, Any], list[_Site]] | None = None

    def event(
        self, number: str, size: int, days: int, first: datetime, last: datetime, taken: set[str]
    ) -> tuple[list[Complaint], KnownEvent]:
        start = first + self.random.random() * (last - first - timedelta(days=days))
        way = self.random.choice(WAYS if self.telling else ("composed",))
        site = self._site(start, taken, way)
        taken.add(site.name)
        times = self._times(start, days, size)
        tell = {"retold": self._retold, "composed": self._composed, "borrowed": self._borrowed}[way]
        texts, category = tell(site, size)
        orders = [
            Complaint(
                id=f"注入-{number}-{i + 1}",
                time=when,
                text=text,
                place=site.host.place,
                category=self._filed(category),
                complainant=f"注入-{number}-{i + 1}" if self.named else "",
            )
            for i, (when, text) in enumerate(zip(times, texts, strict=True))
        ]
        # never a piece of somebody's text: names are shown where texts would be masked
        matter = category.rsplit("/", 1)[-1] or f"同工单 {site.host.id}"
        return orders, KnownEvent(
            name=f"{site.name}：{matter}",
            start=times[0],
            end=times[-1],
            order_ids=frozenset(c.id for c in orders),
            size=size,
            way=way,
            place=site.host.place or site.name,
            category=category,
        )

    def _site(self, start: datetime, taken: set[str], way: str) -> _Site:
        site = self.random.choice(self.sites)
        for _ in range(_TRIES):
            far = way == "composed" or abs(site.host.time - start) >= _AWAY
            if far and site.name not in taken and len(site.host.text) >= _TELLING:
                break
            site = self.random.choice(self.sites)
        return site

    def _times(self, start: datetime, days: int, size: int) -> list[datetime]:
        """``size`` times within ``days`` of ``start``, at hours at which people of this history speak."""
        end = start + timedelta(days=days)
        times: list[datetime] = []
        for _ in range(_TRIES * size):
            if len(times) == size:
                break
            day = start + timedelta(days=self.random.random() * days)
            at = self.random.choice(self.hours).astimezone(start.tzinfo)
            when = day.replace(hour=at.hour, minute=at.minute, second=self.random.randrange(60))
            if start <= when < end:
                times.append(when)
        while len(times) < size:
            times.append(start + timedelta(days=self.random.random() * days))
        return sorted(times)

    def _retold(self, site: _Site, size: int) -> tuple[list[str], str]:
        keep = site.name if not site.host.place else ""
        texts = [self._placed(self.words.retell(site.host.text, keep), site) for _ in range(size)]
        return texts, site.host.category

    def _composed(self, site: _Site, size: int) -> tuple[list[str], str]:
        """One matter in ``size`` people's words: one thing that happened, said by most, and one that goes with it."""
        phrases = self.phrases.get(site.host.category)
        if phrases is None:  # a catalogue of another kind, or none: any of ours, the history's own more often
            phrases = self.random.choices([p for p, _ in self.usual], [w for _, w in self.usual])[0]
        happened = self.random.sample(phrases.events, min(2, len(phrases.events)))
        texts = []
        for _ in range(size):
            said = [happened[0]] if self.random.random() < 0.7 else [happened[-1]]
            if self.random.random() < 0.3:
                said = list(happened)
            if phrases.wishes and self.random.random() < 0.4:
                said.append(self.random.choice(phrases.wishes))
            texts.append(self._placed(self.words.framed([self.words.reword(one) for one in said]), site))
        return texts, phrases.path

    def _borrowed(self, site: _Site, size: int) -> tuple[list[str], str]:
        """The site's order and those of its category from elsewhere that tell much the same, each once."""
        (reader, vectors), pool = self._likeness()
        alike = (vectors @ reader.transform([site.host.text]).T).toarray()[:, 0]
        texts = [site.host.text]
        for at in np.argsort(-alike, kind="stable"):
            other = pool[at]
            if len(texts) == size or alike[at] < _ALIKE:
                break
            if alike[at] < _COPY and other.host.category == site.host.category and other.name != site.name:
                texts.append(other.host.text.replace(other.name, site.name))
        told = list(texts)
        while len(texts) < size:
            texts.append(self.words.retell(self.random.choice(told)))
        return [self._placed(text, site) for text in texts], site.host.category

    def _likeness(self) -> tuple[tuple[TfidfVectorizer, Any], list[_Site]]:
        """Some sites, and their orders' texts as weighted pairs of characters."""
        if self._alike is None:
            pool = self.random.sample(self.telling, min(_POOL, len(self.telling)))
            reader = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), sublinear_tf=True)
            self._alike = (reader, reader.fit_transform([site.host.text for site in pool])), pool
        return self._alike

    def _placed(self, text: str, site: _Site) -> str:
        if site.name in text or self.random.random() > _SAYS_PLACE:
            return text
        return f"{site.name}{text}" if self.random.random() < 0.5 else f"{text}地点在{site.name}。"

    def _filed(self, category: str) -> str:
        if not self.categories:
            return ""
        misfiled = category and self.random.random() < _MISFILED
        return self.random.choice(self.categories) if misfiled else category
