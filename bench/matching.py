"""Matching measured: addresses on public data, places on the demo. Duplicates: see ``bench/duplicates.py``.

python bench/matching.py addresses FILE.conll [--train OTHER.conll --model DIR]
                                                   entity precision, recall and F1 by label (BIO, a token a line)
python bench/matching.py places                    the demo's orders against the area each was written for
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

from analytics.address_model import read_conll, train_address_model
from analytics.address_parser import AddressParser
from analytics.gazetteer import Gazetteer, Place


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
    parser.add_argument("what", choices=["addresses", "places"])
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--model", type=Path, help="folder of an address model; default: the grammar")
    parser.add_argument("--train", type=Path, help="labelled addresses to train --model on first")
    args = parser.parse_args()
    if args.what == "places":
        places()
    elif args.file is None:
        parser.error("which file?")
    elif args.train and not args.model:
        parser.error("--train needs --model")
    else:
        addresses(args.file, args.model, args.train)


if __name__ == "__main__":
    main()
