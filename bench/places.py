"""地名比对 Places of the demo's orders against the area each was written for.

    python -m bench.places

Addresses are measured by ``flask analytics evaluate FILE.conll --model DIR|builtin``; duplicates by ``bench.duplicates``.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from datetime import UTC, datetime

from analytics.gazetteer import Gazetteer, Place


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


if __name__ == "__main__":
    places()
