"""查重的测量 Duplicates measured: cost at size, events on made paraphrases and on public messages, beside the usual ways.

    python -m bench.duplicates                        made histories: ours, TF-IDF cosine, MinHash LSH
    python -m bench.duplicates --messages FILE.xlsx   the same on an export of messages (truth: see below)
    python -m bench.duplicates --index 1000000        cost and memory of an index of so many orders, made here
    python -m bench.duplicates --read FILE.xlsx       a sample of proposed pairs, to be read by a person

The truth of messages: near-copies are pairs within 90 days whose first 150 characters have a rapidfuzz ratio of at
least 85, which no compared method uses; rewordings those of 60 to 84 within 30 days, most but not all one event (20 of
24 read were). Precision cannot be told from them: what a method joins besides has to be read.

The usual ways: TF-IDF of jieba words, cosine above a threshold; MinHash LSH of character triples by datasketch, where it
is installed. Both join pairs within the window, connected pairs become events. Their thresholds are the best for
them on the very data they are measured on; ours is fixed beforehand.
"""

from __future__ import annotations

import argparse
import itertools
import random
import resource
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist
from scipy.sparse.csgraph import connected_components

from analytics.duplicates import DuplicateIndex
from analytics.event_stream import cluster
from analytics.fingerprints import clean
from analytics.records import Complaint
from analytics.text import tokenise
from bench.paraphrases import LEADS, MATTERS, TAILS, estate, history

WINDOW = timedelta(days=90)
START = datetime(2026, 1, 5, tzinfo=UTC)
Pairs = set[tuple[int, int]]


def stream(n: int, seed: int = 1) -> list[tuple[str, datetime, str, str]]:
    """Orders as (id, time, text, place), in order of time, over 90 days."""
    rng = random.Random(seed)
    estates = [estate(rng) for _ in range(max(3000, n // 100))]
    made = []
    for i in range(n):
        place = rng.choice(estates)
        matters = [matter.format(rng.randint(2, 90)) for matter in rng.sample(MATTERS, rng.randint(1, 3))]
        text = (
            f"{rng.choice(LEADS)}{place}{rng.randint(1, 40)}栋{'；另外'.join(matters)}，{rng.choice(TAILS)}"
        )
        made.append((str(i), START + timedelta(days=90 * i / n), text, place if rng.random() < 0.6 else ""))
    return made


def index(orders: int) -> None:
    """Cost of an order added and of a question asked, and how many reworded orders are found again."""
    from bench.paraphrases import Rewriter

    made = stream(orders)
    clean("先读词典")
    told = DuplicateIndex()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    for order in made:
        told.add(*order)
    added = time.process_time() - begun
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    again, asked, found = Rewriter(1), [], 0
    sample = made[:: max(1, orders // 300)]
    for id_, moment, text, place in sample:
        said = again.reword(text, place, heavy=False)
        begun = time.process_time()
        told.candidates(moment + timedelta(days=1), said, place)
        asked.append(time.process_time() - begun)
        best = told.candidates(moment + timedelta(days=1), said, place, k=40)
        found += any(match.id == id_ for match in best)
    print(f"{orders} orders of {np.mean([len(text) for _, _, text, _ in made]):.0f} characters on average")
    print(
        f"add {1000 * added / orders:.3f} ms of processor each; memory {grown / 1024:.0f} MB (peak RSS grown)"
    )
    print(
        f"ask, processor: median {1000 * np.median(asked):.1f} ms, 95% {1000 * np.quantile(asked, 0.95):.1f} ms"
    )
    print(f"reworded orders among the forty compared: {found} of {len(sample)}")


def joined(events: Sequence[object]) -> Pairs:
    """All pairs of one event."""
    groups = defaultdict(list)
    for at, event in enumerate(events):
        groups[event].append(at)
    return {pair for group in groups.values() for pair in itertools.combinations(group, 2)}


def components(complaints: Sequence[Complaint], pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Pairs within the window, connected."""
    from scipy.sparse import coo_array

    kept = [(a, b) for a, b in pairs if abs(complaints[a].time - complaints[b].time) <= WINDOW]
    rows, columns = zip(*kept, strict=True) if kept else ((), ())
    graph = coo_array((np.ones(len(kept)), (rows, columns)), shape=(len(complaints),) * 2)
    return connected_components(graph, directed=False)[1].tolist()


def tfidf(complaints: Sequence[Complaint], thresholds: Sequence[float]) -> dict[str, tuple[float, list[int]]]:
    """By threshold: seconds, and the event of each complaint."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    begun = time.perf_counter()
    words = [tokenise(f"{one.text} {one.place}") for one in complaints]
    rows = TfidfVectorizer(analyzer=lambda said: said, sublinear_tf=True).fit_transform(words)
    alike = (rows @ rows.T).tocoo()
    took = time.perf_counter() - begun
    above = {
        t: zip(alike.row[m].tolist(), alike.col[m].tolist(), strict=True)
        for t in thresholds
        for m in [(alike.data >= t) & (alike.row < alike.col)]
    }
    return {f"TF-IDF cosine {t}": (took, components(complaints, pairs)) for t, pairs in above.items()}


def minhash(
    complaints: Sequence[Complaint], thresholds: Sequence[float]
) -> dict[str, tuple[float, list[int]]]:
    """The same by datasketch; empty where it is not installed."""
    try:
        from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]
    except ImportError:
        print("datasketch is not installed: no MinHash")
        return {}
    begun = time.perf_counter()
    sketches = []
    for one in complaints:
        sketch, text = MinHash(num_perm=128), clean(one.text)
        sketch.update_batch([text[at : at + 3].encode() for at in range(max(1, len(text) - 2))])
        sketches.append(sketch)
    took = time.perf_counter() - begun
    told = {}
    for threshold in thresholds:
        begun = time.perf_counter()
        lsh = MinHashLSH(threshold=threshold, num_perm=128)
        pairs = []
        for at, sketch in enumerate(sketches):
            pairs += [
                (other, at) for other in lsh.query(sketch) if sketch.jaccard(sketches[other]) >= threshold
            ]
            lsh.insert(at, sketch)
        told[f"MinHash LSH {threshold}"] = (took + time.perf_counter() - begun, components(complaints, pairs))
    return told


def ways(complaints: Sequence[Complaint]) -> dict[str, tuple[float, list[object]]]:
    """All ways: seconds, and events."""
    begun = time.perf_counter()
    ours: list[object] = [event for event, _ in cluster(complaints, WINDOW)]
    told: dict[str, tuple[float, list[object]]] = {"ours": (time.perf_counter() - begun, ours)}
    for found in (tfidf(complaints, (0.3, 0.4, 0.5, 0.6, 0.7)), minhash(complaints, (0.3, 0.4, 0.5, 0.6))):
        told |= {name: (took, list(events)) for name, (took, events) in found.items()}
    return told


def made_histories(seeds: Sequence[int]) -> None:
    """Pair precision, recall and F1 on made histories; pairs of one matter that may be one event are left out."""
    for seed in seeds:
        made = history(700, seed)
        truth = joined([one.event for one in made])
        open_ = joined([one.matter for one in made]) - truth
        calls = {pair for pair in truth if made[pair[0]].event[0] in "DL"}
        print(f"made history {seed}: {len(made)} complaints, {len(truth)} pairs ({len(calls)} of repeats)")
        for name, (took, events) in ways([one.complaint for one in made]).items():
            said = joined(events) - open_
            line = []
            for wanted in (truth, calls):
                right = len(said & wanted)
                wrong = len(said - truth)
                p, r = right / max(1, right + wrong), right / len(wanted)
                line.append(f"P {p:.3f} R {r:.3f} F1 {2 * p * r / max(p + r, 1e-9):.3f}")
            print(f"  {name:18} all {line[0]} · repeats alone {line[1]} · {took:.1f} s", flush=True)


def read(path: Path) -> list[Complaint]:
    """Complaints of an export, in order of time."""
    from analytics.cli.complaint_tables import read_complaints

    return sorted(read_complaints(str(path)), key=lambda one: (one.time, one.id))


def alike(complaints: Sequence[Complaint]) -> tuple[Pairs, Pairs]:
    """Near-copies within 90 days, and rewordings within 30 (see above)."""
    heads = [clean(one.text)[:150] for one in complaints]
    ratios = cdist(heads, heads, scorer=fuzz.ratio, score_cutoff=60, dtype=np.uint8)
    copies, reworded = set(), set()
    for b, a in np.argwhere(np.tril(ratios, -1)).tolist():
        apart = abs(complaints[a].time - complaints[b].time)
        if min(len(heads[a]), len(heads[b])) > 15:
            if ratios[b, a] >= 85 and apart <= WINDOW:
                copies.add((a, b))
            elif ratios[b, a] < 85 and apart <= timedelta(days=30):
                reworded.add((a, b))
    return copies, reworded


def messages(path: Path) -> None:
    """Recall of near-copies and rewordings, and how many pairs each way joins for it."""
    complaints = read(path)
    copies, reworded = alike(complaints)
    print(f"{len(complaints)} messages, {len(copies)} near-copies, {len(reworded)} rewordings")
    for name, (took, events) in ways(complaints).items():
        said = joined(events)
        sizes = sorted((events.count(event) for event in set(events)), reverse=True)[:5] if name else []
        print(
            f"  {name:18} near-copies {len(said & copies) / len(copies):.3f} rewordings {len(said & reworded) / len(reworded):.3f}"
            f" · pairs joined {len(said)}, of neither kind {len(said - copies - reworded)}, largest {sizes} · {took:.1f} s",
            flush=True,
        )


def sample(path: Path, count: int = 100) -> None:
    """Pairs to be read: one an event at most, drawn at random."""
    complaints = read(path)
    groups = defaultdict(list)
    for at, (event, _) in enumerate(cluster(complaints, WINDOW)):
        groups[event].append(at)
    rng = random.Random(7)
    several = [group for group in groups.values() if len(group) > 1]
    for number, group in enumerate(rng.sample(several, min(count, len(several))), 1):
        a, b = sorted(rng.sample(group, 2))
        days = (complaints[b].time - complaints[a].time).days
        print(f"{number} [{len(group)} orders, {days} days apart]")
        for at in (a, b):
            print("   ", complaints[at].text[:110].replace("\n", " "))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=Path, metavar="FILE.xlsx")
    parser.add_argument("--read", type=Path, metavar="FILE.xlsx")
    parser.add_argument("--index", type=int, metavar="ORDERS")
    args = parser.parse_args()
    if args.index:
        index(args.index)
    elif args.messages:
        messages(args.messages)
    elif args.read:
        sample(args.read)
    else:
        made_histories((91, 92))


if __name__ == "__main__":
    main()
