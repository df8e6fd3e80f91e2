"""热点 Hotspots: topic × place bursting against its own baseline, one hotspot per event, with its reasons.

The scan (`analytics.scanning`) gives every significant pair; here pairs that tell of one event become one hotspot
named by the smallest place that explains it, with members, state of life, keywords and the sentence that says what
was compared with what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from analytics.encoding import Encoded, Encoder, Reach
from analytics.events import Event, assemble
from analytics.pairs import ANY, CATEGORY, KIN, WORD, PairCounts
from analytics.records import Complaint
from analytics.scanning import WEEKS_OF_SERIES, PairScan
from analytics.telling import (
    category_of,
    examples_of,
    keywords_of,
    name_of,
    place_of,
    place_shown,
    strongest_words,
)

STATUS_ORDER = ("emerging", "growing", "persisting", "fading")


@dataclass(frozen=True)
class Hotspot:
    """One hotspot. ``from_`` and ``to``: first and last order of it in the window told; ``size``: orders, repeats
    included; ``complainants``: different voices among them; ``observed``: voices of the pair that was tested; ``interval``: 95 % predictive interval of
    ``expected``; ``history``: "enough" or "short"; ``series``: (date, count, expected) for eight weeks of 24-hour
    days ending at the scan; ``key``: identity of topic × place from one scan to the next.
    """

    rank: int
    name: str
    place: str
    category: str
    status: str
    from_: datetime
    to: datetime
    size: int
    order_ids: tuple[str, ...]
    observed: int
    expected: float
    ratio: float
    p_value: float
    q_value: float
    keywords: tuple[str, ...]
    examples: tuple[str, ...]
    complainants: int
    history: str
    interval: tuple[int, int]
    compared_with: str
    series: tuple[tuple[date, int, float], ...]
    key: str

    def to_json(self) -> dict[str, Any]:
        """The hotspot as JSON values; ``from_`` is written ``from``, times are ISO 8601 with offset."""
        out: dict[str, Any] = {}
        for name, value in asdict(self).items():
            written: Any = value
            if isinstance(value, datetime):
                written = value.isoformat()
            elif name == "series":
                written = [
                    {"date": day.isoformat(), "count": count, "expected": usual}
                    for day, count, usual in value
                ]
            elif isinstance(value, tuple):
                written = list(value)
            out[name.rstrip("_")] = written
        return out


class HotspotScanner:
    """Finds hotspots among complaints as they were known at a moment.

    Parameters
    ----------
    window: the longest time over which a burst is looked for; 1, 3 and 7 days up to it are scanned as well.
    baseline: the time before the window that says what is usual.
    max_false_alarms: false alerts a week that the operator accepts, for one scan a day over everything watched.
    min_size: fewest different complainants (near-identical texts where none is given) that can be a hotspot.
    random_state: draws the sample of pairs on which the alert threshold is computed when there are many.

    Texts read are remembered, so the next scan of an overlapping period is quicker. Not safe to share by threads.
    """

    def __init__(
        self,
        window: timedelta = timedelta(days=7),
        baseline: timedelta = timedelta(days=56),
        max_false_alarms: float = 1.0,
        random_state: int = 0,
        min_size: int = 4,
    ) -> None:
        self.window = window
        self.baseline = baseline
        self.max_false_alarms = max_false_alarms
        self.random_state = random_state
        self.min_size = min_size
        self._encoder: Encoder | None = None

    def _days(self) -> tuple[int, int]:
        window = round(self.window / timedelta(days=1))
        baseline = round(self.baseline / timedelta(days=1))
        if window < 1 or baseline < 7:
            raise ValueError("窗口至少 1 天，基线至少 7 天")
        if not self.max_false_alarms > 0:
            raise ValueError("每周允许的误报数应大于 0")
        return window, baseline

    def read(self, complaints: Iterable[Complaint]) -> None:
        """Segment texts ahead of a scan, which does it otherwise (so that a door can show progress)."""
        for complaint in complaints:
            self._reader().read([complaint])

    def _reader(self) -> Encoder:
        if self._encoder is None:
            self._encoder = Encoder()
        return self._encoder

    def since(self, as_of: datetime) -> datetime:
        """The earliest moment whose complaints a scan at ``as_of`` looks at."""
        window, baseline = self._days()
        return as_of - timedelta(days=max(4 * window + baseline, 7 * WEEKS_OF_SERIES))

    def scan(self, complaints: Sequence[Complaint], as_of: datetime) -> list[Hotspot]:
        """Hotspots at ``as_of``, most urgent first; complaints at or after it are not looked at.

        ``as_of`` and the complaints' times are timezone-aware. Raises ValueError (in Chinese) on settings that make
        no sense or a naive time.
        """
        window, baseline = self._days()
        if as_of.tzinfo is None:
            raise ValueError("as_of 应带时区")
        since = self.since(as_of)
        days = (as_of - since).days
        known = [c for c in complaints if since <= c.time < as_of]
        if len(known) < self.min_size:
            return []
        reach = Reach(window, 4 * window, days, self.min_size)
        encoded = self._reader().encode(known, as_of, reach)
        counts = PairCounts(encoded.stream, days, repeat_days=float(window))
        windows = sorted({days for days in (1, 3, 7) if days < window} | {window})
        scan = PairScan(
            counts,
            windows=windows,
            baseline_days=baseline,
            min_size=self.min_size,
            budget=self.max_false_alarms,
            random_state=self.random_state,
        )
        found = [self._tell(event, encoded, scan, as_of) for event in assemble(encoded, counts, scan, window)]
        found.sort(key=lambda h: (h.status == "fading", h.p_value, -h.ratio, h.key))
        used: Counter[str] = Counter()
        out = []
        for rank, hotspot in enumerate(found, start=1):
            used[hotspot.key] += 1
            again = f"#{used[hotspot.key]}" if used[hotspot.key] > 1 else ""
            out.append(replace(hotspot, rank=rank, key=hotspot.key + again))
        return out

    def _tell(self, event: Event, encoded: Encoded, scan: PairScan, as_of: datetime) -> Hotspot:
        members = [encoded.complaints[i] for i in event.documents]
        place, topic = encoded.places[place_of(event, encoded)], encoded.topics[event.topic]
        keywords = keywords_of(event, encoded)
        category = category_of(members)
        # The strongest word is steadier from day to day than the topic that happened to be rarest.
        strongest = next(iter(strongest_words(event, encoded)), topic)
        history = "short" if scan.short_history() else "enough"
        shown = place_shown(event, encoded)
        series = self._series(event, scan.counts, as_of)
        expected = float(event.expected)
        return Hotspot(
            rank=0,
            name=name_of(shown, category, keywords, members, topic),
            place=place if "/" in place else shown,
            category=category,
            status=event.status,
            from_=members[0].time,
            to=members[-1].time,
            size=len(members),
            order_ids=tuple(c.id for c in members),
            observed=int(event.observed),
            expected=round(expected, 4),
            ratio=round(event.observed / expected, 2),
            p_value=float(event.p_value),
            q_value=float(event.q_value),
            keywords=tuple(keywords),
            examples=tuple(examples_of(event, encoded)),
            complainants=len(event.voices),
            history=history,
            interval=(int(event.low), int(event.high)),
            compared_with=self._compared(event, encoded, history),
            series=series,
            key=f"{place or '*'}|{category or strongest or '*'}",
        )

    def _series(
        self, event: Event, counts: PairCounts, as_of: datetime
    ) -> tuple[tuple[date, int, float], ...]:
        days = 7 * WEEKS_OF_SERIES
        daily = counts.daily(np.array([event.key]))[0, :days]
        city = counts.per_day[:days].astype(float)
        told = city[event.offset : event.offset + event.window].sum()
        usual = event.expected * city / max(told, 1.0)
        day = [(as_of - timedelta(days=age, microseconds=1)).date() for age in range(days)]
        return tuple(
            (day[age], int(daily[age]), round(float(usual[age]), 3)) for age in reversed(range(days))
        )

    def _compared(self, event: Event, encoded: Encoded, history: str) -> str:
        where = encoded.places[event.place].replace("/", "") or "全域"
        topic = encoded.topics[event.topic]
        what = {
            ANY: "全部诉求",
            CATEGORY: f"“{topic.replace('/', '·')}”类诉求",
            WORD: f"提到“{topic}”的诉求",
            KIN: "说法相近的诉求",
        }[int(encoded.stream.topic_family[event.topic])]
        baseline = round(self.baseline / timedelta(days=1))
        usual = f"{event.expected:.2f} 位" if event.expected >= 0.1 else "不到 0.1 位"
        bound = f"，95% 应在 {event.low}–{event.high} 位" if event.high > 0 else "，即平时几乎没有"
        text = (
            f"{where}{what}：此前 {event.window} 天有 {event.observed} 位不同诉求人，"
            f"按之前 {baseline} 天的自身水平（随全域来量增减、往日突发已降权）预期 {usual}{bound}"
        )
        if event.offset:
            text = text.replace("此前", f"截至 {event.offset} 天前的")
        if history == "short":
            text += "；历史不足四周，预期借用全域同类平均水平（先验），请谨慎看待"
        return text
