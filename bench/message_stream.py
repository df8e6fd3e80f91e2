"""Real messages with hidden events: n people on one matter within d days, in their own words; seen by the fourth?

    python -m bench.message_stream --messages MESSAGES.xlsx --letters LETTERS.csv [--events 60] [--kept 1.0 0.5 0.3]

Both files are of the public 2019 set (no part of this repository). An event is one letter of LETTERS (not in the
stream), said five times within three days by five people: synonyms, clauses dropped, moved and added, slips of the
pen (`bench.paraphrases`); ``--kept`` is the share of its clauses each of them knows at all. A scan follows half an hour
after the fourth order. False alerts: the same messages with their times dealt out anew, replayed day by day.
Beside ours: TF-IDF + DBSCAN, and TF-IDF → LSA → HDBSCAN (what BERTopic does, without its transformer), on the last
seven days, a cluster of four people or more being an alert, for several settings each.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import warnings
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from analytics.backtest import moments, replay
from analytics.hotspots import HotspotScanner
from analytics.keywords import clauses
from analytics.records import Complaint
from bench.duplicates import read
from bench.paraphrases import Rewriter
from core.tables import read_table

SIZE, DAYS, SEEN_BY = 5, 3.0, 4
_CLAUSES = re.compile(r"[^，。！？；,.!?;]+[，。！？；,.!?;]*")
Clusters = Callable[[list[Complaint]], list[set[str]]]


@dataclass(frozen=True)
class Event:
    """What was hidden: ids in order of time, and when the fourth was told."""

    ids: tuple[str, ...]
    fourth: datetime


def letters(path: Path) -> list[str]:
    """Title and text of letters of 40 to 500 characters."""
    told = [f"{row.values['留言主题']}。{row.values['留言详情']}".strip() for row in read_table(path)]
    return [text for text in told if 40 < len(text) < 500]


def hide(
    messages: list[Complaint], bases: list[str], events: int, kept: float, seed: int
) -> tuple[list[Complaint], list[Event]]:
    """The stream with events in it."""
    rng, again = random.Random(seed), Rewriter(seed)
    first, last = messages[0].time + timedelta(days=70), messages[-1].time - timedelta(days=5)
    made, hidden = [], []
    for number, base in enumerate(rng.sample(bases, events)):
        start = first + (last - first) * rng.random()
        times = sorted(start + timedelta(days=DAYS * rng.random()) for _ in range(SIZE))
        for which, time in enumerate(times):
            text = again.reword(_known(base, kept, rng), "", heavy=True)
            made.append(Complaint(f"E{number}-{which}", time, text, complainant=f"E{number}-{which}"))
        hidden.append(Event(tuple(f"E{number}-{which}" for which in range(SIZE)), times[SEEN_BY - 1]))
    return sorted([*messages, *made], key=lambda c: c.time), hidden


def _known(text: str, share: float, rng: random.Random) -> str:
    parts = _CLAUSES.findall(text)
    count = max(2, int(len(parts) * share))
    chosen = sorted(rng.sample(range(len(parts)), min(count, len(parts))))
    return "".join(parts[i] for i in chosen)


def dealt_anew(messages: list[Complaint], seed: int) -> list[Complaint]:
    """The same messages at each other's times: nothing bursts but by chance."""
    order = np.random.default_rng(seed).permutation(len(messages))
    return [replace(messages[i], time=at.time) for i, at in zip(order.tolist(), messages, strict=True)]


def seen(
    stream: list[Complaint],
    hidden: list[Event],
    look: Callable[[list[Complaint], datetime], list[set[str]]],
) -> dict[str, Any]:
    """Events of which three orders at least are in one alert that is mostly theirs, half an hour after the fourth."""
    times = [c.time for c in stream]
    purity, whole = [], []
    for event in hidden:
        as_of = event.fourth + timedelta(minutes=30)
        mine = set(event.ids[:SEEN_BY])
        told = look(stream[: bisect_left(times, as_of)], as_of)
        best = max(told, key=lambda ids: len(ids & mine) / len(ids | mine), default=set())
        if len(best & mine) >= 3 and 2 * len(best & mine) >= len(best):
            purity.append(len(best & mine) / len(best))
            whole.append(len(best & mine) / SEEN_BY)
    return {
        "seen_by_the_fourth": f"{len(purity)}/{len(hidden)}",
        "purity": round(float(np.mean(purity)), 3) if purity else None,
        "completeness": round(float(np.mean(whole)), 3) if whole else None,
    }


def alerts_a_week(stream: list[Complaint], cluster: Clusters | None) -> float:
    """New alerts a week of a day-by-day replay; ours when ``cluster`` is None."""
    times = moments(stream[0].time + timedelta(days=63), stream[-1].time)
    weeks = len(times) / 7.0
    if cluster is None:
        return round(sum(len(raised) for raised in replay(stream, times, HotspotScanner())) / weeks, 2)
    stamps, count = [c.time for c in stream], 0
    told: set[str] = set()
    for as_of in times:
        week = stream[bisect_left(stamps, as_of - timedelta(days=7)) : bisect_left(stamps, as_of)]
        for ids in cluster(week):
            count += len(ids & told) * 2 < len(ids)
            told |= ids
    return round(count / weeks, 2)


def plain_ways(stream: Sequence[Complaint]) -> Iterator[tuple[str, Clusters]]:
    """What public solutions do; the vocabulary is that of the whole stream."""
    vectorizer = TfidfVectorizer(
        analyzer=lambda text: [w for c in clauses(text) for w in c if len(w) > 1], min_df=2
    )
    vectorizer.fit([c.text for c in stream])

    def groups(week: list[Complaint], labels: Sequence[int]) -> list[set[str]]:
        out = []
        for label in range(max(labels, default=-1) + 1):
            mine = [c for c, one in zip(week, labels, strict=True) if one == label]
            if len({c.complainant for c in mine}) >= SEEN_BY:
                out.append({c.id for c in mine})
        return out

    def dbscan(radius: float) -> Clusters:
        def cluster(week: list[Complaint]) -> list[set[str]]:
            if len(week) < SEEN_BY:
                return []
            vectors = vectorizer.transform([c.text for c in week])
            labels = DBSCAN(eps=radius, min_samples=3, metric="cosine").fit_predict(vectors)
            return groups(week, labels.tolist())

        return cluster

    lsa = TruncatedSVD(100, random_state=0).fit(vectorizer.transform([c.text for c in stream]))

    def hdbscan(week: list[Complaint]) -> list[set[str]]:
        if len(week) < 2 * SEEN_BY:
            return []
        vectors = normalize(lsa.transform(vectorizer.transform([c.text for c in week])))
        labels = HDBSCAN(min_cluster_size=SEEN_BY, copy=True).fit_predict(vectors)
        return groups(week, labels.tolist())

    for radius in (0.4, 0.6, 0.7, 0.8):
        yield f"TF-IDF + DBSCAN, radius {radius}", dbscan(radius)
    yield "TF-IDF + LSA + HDBSCAN", hdbscan


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=Path, required=True)
    parser.add_argument("--letters", type=Path, required=True)
    parser.add_argument("--events", type=int, default=60)
    parser.add_argument("--kept", type=float, nargs="+", default=[1.0, 0.5, 0.3])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-ours", action="store_true")
    args = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    messages = [c for c in sorted(read(args.messages), key=lambda c: c.time) if c.time.year in (2019, 2020)]
    bases, shuffled = letters(args.letters), dealt_anew(messages, args.seed)
    ways: list[tuple[str, Clusters | None]] = [("ours", None)]
    if not args.only_ours:
        ways += list(plain_ways(messages))
    out: dict[str, Any] = {name: {} for name, _ in ways}
    for kept in args.kept:
        stream, hidden = hide(messages, bases, args.events, kept, args.seed)
        scanner = HotspotScanner()

        def ours(
            known: list[Complaint], as_of: datetime, scanner: HotspotScanner = scanner
        ) -> list[set[str]]:
            return [set(h.order_ids) for h in scanner.scan(known, as_of)]

        for name, way in ways:
            look = (
                ours
                if way is None
                else lambda known, as_of, way=way: way(
                    [c for c in known if c.time >= as_of - timedelta(days=7)]
                )
            )
            out[name][f"clauses kept {kept}"] = seen(stream, hidden, look)
    for name, way in ways:
        out[name]["alerts_a_week"] = alerts_a_week(messages, way)
        out[name]["alerts_a_week_times_dealt_anew"] = alerts_a_week(shuffled, way)
        print(json.dumps({name: out[name]}, ensure_ascii=False, indent=1), flush=True)


if __name__ == "__main__":
    main()
