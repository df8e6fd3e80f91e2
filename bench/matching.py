"""Matching measured: the duplicate index at size, addresses and events on public data, places on the demo.

    python bench/matching.py index [--orders 100000]   cost of adding and asking, memory, on a stream written here
    python bench/matching.py addresses FILE.conll [--train OTHER.conll --model DIR]
                                                       entity precision, recall and F1 by label (BIO, a token a line)
    python bench/matching.py events FILE.xlsx          near-copies put in one event, largest events, time
    python bench/matching.py places                    the demo's orders against the area each was written for

Near-copies are pairs of rows within 30 days whose first 150 characters have a rapidfuzz ratio of at least 85: a truth
that is independent of the method, and an easy one. Events worded differently have no public truth; the largest events
are printed to be read.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from analytics.address_model import read_conll, train_address_model
from analytics.address_parser import AddressParser
from analytics.duplicates import DuplicateIndex
from analytics.event_stream import cluster
from analytics.fingerprints import clean
from analytics.gazetteer import Gazetteer, Place

START = datetime(2026, 1, 5, tzinfo=UTC)
SYLLABLES = "青松白鹭红枫紫藤金桂银杏海棠玉兰锦绣和平安康福星明月清泉翠竹朝阳东湖南山西岭北苑云溪天河长宁永昌"
MATTERS = [
    "路灯坏了{}天没人修，晚上出门什么都看不见",
    "物业费从每月{}元涨到两倍，没有公示，业主不同意",
    "电梯困人{}次，维保单位迟迟不来，老人不敢坐",
    "垃圾桶满了{}天没人清运，臭味很大",
    "广场舞音响太吵，{}号楼的孩子没法写作业",
    "临时停车一小时收{}元，收费标准不明",
    "下水道堵塞{}天，污水外溢到路面",
    "楼上装修{}个月，从早到晚敲墙没有休息",
    "门口搅拌站{}点还在作业，灰尘满天，噪音很大",
    "停水{}小时没有通知，家里老人没水喝",
]
LEADS = ["市民反映：", "来电人称，", "您好，", "", "请问一下，", "再次投诉："]
TAILS = ["请尽快处理。", "希望有关部门核实。", "已经反映过多次没有结果。", "要求给个说法。", ""]


def stream(n: int, seed: int = 1) -> list[tuple[str, datetime, str, str]]:
    """Orders as (id, time, text, place), in order of time, over 90 days."""
    rng = random.Random(seed)
    estates = [
        "".join(rng.sample(SYLLABLES, 2)) + rng.choice(["花园", "家园", "公寓", "苑", "佳苑"])
        for _ in range(3000)
    ]
    made = []
    for i in range(n):
        estate = rng.choice(estates)
        matters = [matter.format(rng.randint(2, 90)) for matter in rng.sample(MATTERS, rng.randint(1, 3))]
        text = (
            f"{rng.choice(LEADS)}{estate}{rng.randint(1, 40)}栋{'；另外'.join(matters)}，{rng.choice(TAILS)}"
        )
        made.append((str(i), START + timedelta(days=90 * i / n), text, estate if rng.random() < 0.6 else ""))
    return made


def index(orders: int) -> None:
    """Cost of an order added and of a question asked."""
    made = stream(orders)
    clean("先读词典")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = DuplicateIndex()
    begun = time.perf_counter()
    for order in made:
        told.add(*order)
    added = time.perf_counter() - begun
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    asked = []
    for _, moment, text, place in made[:: max(1, orders // 300)]:
        begun = time.perf_counter()
        told.candidates(moment, text, place)
        asked.append(time.perf_counter() - begun)
    print(f"{orders} orders of {np.mean([len(text) for _, _, text, _ in made]):.0f} characters on average")
    print(
        f"add {1000 * added / orders:.3f} ms each; memory {1024 * grown / orders:.0f} bytes each (peak RSS)"
    )
    print(f"ask median {1000 * np.median(asked):.1f} ms, 95% {1000 * np.quantile(asked, 0.95):.1f} ms")


def addresses(path: Path, model: Path | None, train: Path | None) -> None:
    """Entity scores on a BIO file: the grammar, or a model, which is trained first where labelled data are given."""
    if train and model:
        begun = time.perf_counter()
        card = train_address_model(train, model)
        print(f"{card['addresses']} addresses learnt in {time.perf_counter() - begun:.0f} s")
    parser = AddressParser(model)
    right, found, gold = Counter[str](), Counter[str](), Counter[str]()
    data = read_conll(path)
    begun = time.perf_counter()
    for text, spans in data:
        told = parser.parse(text)
        gold.update(span.label for span in spans)
        found.update(span.label for span in told)
        right.update(span.label for span in set(told) & set(spans))
    took = time.perf_counter() - begun
    p, r = right.total() / found.total(), right.total() / gold.total()
    each = 1000 * took / len(data)
    print(f"{len(data)} addresses, {each:.2f} ms each: P {p:.4f} R {r:.4f} F1 {2 * p * r / (p + r):.4f}")
    for label, count in gold.most_common():
        print(f"{label:12} n {count:5} F1 {2 * right[label] / (count + found[label]):.3f}")


def events(path: Path) -> None:
    """Grouping of an export of messages."""
    from analytics.cli.complaint_tables import read_complaints

    complaints = sorted(read_complaints(str(path)), key=lambda complaint: complaint.time)
    begun = time.perf_counter()
    told = cluster(complaints)
    took = time.perf_counter() - begun
    groups = defaultdict(list)
    for complaint, (event, _) in zip(complaints, told, strict=True):
        groups[event].append(complaint)
    several = [group for group in groups.values() if len(group) > 1]
    print(
        f"{len(complaints)} messages in {took:.1f} s: {len(groups)} events, {sum(map(len, several))} messages share one"
    )
    heads = [clean(complaint.text)[:150] for complaint in complaints]
    alike = cdist(heads, heads, scorer=fuzz.ratio, score_cutoff=85, dtype=np.uint8)
    pairs = [
        told[a][0] == told[b][0]
        for a, b in np.argwhere(np.tril(alike, -1))
        if len(heads[a]) > 15 and complaints[a].time - complaints[b].time < timedelta(days=30)
    ]
    print(f"near-copies {len(pairs)} pairs, {sum(pairs)} in one event")
    for group in sorted(several, key=len, reverse=True)[:8]:
        print(len(group), "|".join(complaint.text[:18].replace("\n", " ") for complaint in group[:4]))


def places() -> None:
    """Places of the demo's orders, with and without the place field."""
    from hotline import seeds
    from hotline.demo import generate

    areas = {area.code: area for area in seeds.load_areas()}

    def line(code: str | None) -> tuple[str, ...]:
        return (*line(areas[code].parent), areas[code].name) if code else ()

    listed = [Place(a.code, a.name, a.level, line(a.code), tuple(a.aliases)) for a in areas.values()]
    listed += [
        Place(e.area, e.name, "estate", (*line(e.area), e.name), tuple(e.aliases))
        for e in seeds.load_estates()
    ]
    gazetteer = Gazetteer(listed)
    orders = generate(as_of=datetime(2026, 11, 23, tzinfo=UTC)).orders
    for with_field in (True, False):
        by_sureness: defaultdict[float, Counter[str]] = defaultdict(Counter)
        begun = time.perf_counter()
        for order in orders:
            found = gazetteer.resolve(f"{order.title}。{order.text}", order.place_text if with_field else "")
            if not found:
                by_sureness[0.0]["none"] += 1
                continue
            best = found[0]
            true = line(order.area_code)
            area = line(best.code)
            how = (
                "exact" if area == true
                else "coarser" if true[: len(area)] == area
                else "finer" if area[: len(true)] == true
                else "wrong"
            )  # fmt: skip
            by_sureness[int(best.confidence * 10) / 10][how] += 1
        took = time.perf_counter() - begun
        print("with place field" if with_field else "text only", f"{1000 * took / len(orders):.3f} ms each")
        for sureness, counts in sorted(by_sureness.items()):
            print(f"  {sureness:.1f} {dict(counts)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["index", "addresses", "events", "places"])
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--model", type=Path, help="folder of an address model; default: the grammar")
    parser.add_argument("--train", type=Path, help="labelled addresses to train --model on first")
    args = parser.parse_args()
    if args.what == "index":
        index(args.orders)
    elif args.what == "places":
        places()
    elif args.file is None:
        parser.error("which file?")
    elif args.train and not args.model:
        parser.error("--train needs --model")
    elif args.what == "addresses":
        addresses(args.file, args.model, args.train)
    else:
        events(args.file)


if __name__ == "__main__":
    main()
