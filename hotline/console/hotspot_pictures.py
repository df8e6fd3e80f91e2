"""热点图 Pictures of a hotspot: its days with the band they usually keep within, and where its orders lie.

The map is drawn here as plain figures for an SVG in the page: no tiles, no other host, and no position finer than an
area's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.areas import Area
from core.console.charts import BLUE, counts_by_day
from hotline.hotspot_reasons import PlaceCount

WIDTH, HEIGHT = 420.0, 300.0
_MARGIN = 46.0
_KM_PER_DEGREE = 111.32
_LEAST_KM = 0.7  # a single place is shown with its surroundings, not as a dot in nothing
_MOST_NAMES = 6


def series_chart(rows: Sequence[dict[str, Any]], *, since: str) -> dict[str, Any]:
    """Daily counts as bars, the expected level as a line and its band behind both.

    ``rows``: dicts with ``date``, ``count``, ``expected``, ``low``, ``high``; days from ``since`` on are the burst.
    """
    spec = counts_by_day(rows, since=since)
    band = {
        "data": {"values": [{key: row[key] for key in ("date", "low", "high")} for row in rows]},
        "mark": {"type": "area", "color": BLUE, "opacity": 0.14, "interpolate": "step"},
        "encoding": {
            "x": {"field": "date", "type": "temporal", "title": None},
            "y": {"field": "high", "type": "quantitative", "title": "件/日"},
            "y2": {"field": "low"},
        },
    }
    spec["layer"].insert(0, band)
    return spec


@dataclass(frozen=True, slots=True)
class Dot:
    """A circle on the map, in the picture's own units; ``left`` when its name stands to the left."""

    x: float
    y: float
    r: float
    name: str
    code: str
    count: int
    named: bool
    left: bool


@dataclass(frozen=True, slots=True)
class Map:
    """What is drawn: places with orders, the areas around for orientation, and a scale bar."""

    width: float
    height: float
    dots: list[Dot]
    around: list[Dot]
    bar: float
    bar_words: str


def place_map(places: Sequence[PlaceCount], around: Sequence[Area]) -> Map | None:
    """The map of the places that have a position; None when none has.

    ``around``: areas shown faintly for orientation. Positions are projected on the plane at the places' own latitude,
    which is true within a metre or so over a city.
    """
    known = [(one, one.lat, one.lng) for one in places if one.lat is not None and one.lng is not None]
    if not known:
        return None
    middle_lat = (min(lat for _, lat, _ in known) + max(lat for _, lat, _ in known)) / 2
    middle_lng = (min(lng for *_, lng in known) + max(lng for *_, lng in known)) / 2
    narrow = math.cos(math.radians(middle_lat))

    def km(lat: float, lng: float) -> tuple[float, float]:
        return (lng - middle_lng) * _KM_PER_DEGREE * narrow, (middle_lat - lat) * _KM_PER_DEGREE

    flat = [(one, *km(lat, lng)) for one, lat, lng in known]
    half_x = max(_LEAST_KM / 2, *(abs(x) for _, x, _ in flat))
    half_y = max(_LEAST_KM / 2, *(abs(y) for _, _, y in flat))
    scale = min((WIDTH / 2 - _MARGIN) / half_x, (HEIGHT / 2 - _MARGIN) / half_y)

    def at(x: float, y: float) -> tuple[float, float]:
        return round(WIDTH / 2 + x * scale, 1), round(HEIGHT / 2 + y * scale, 1)

    most = max(one.count for one, *_ in flat)
    dots: list[Dot] = []
    for one, x, y in flat:
        px, py = at(x, y)
        radius = round(6 + 12 * math.sqrt(one.count / most), 1)
        free = all(abs(py - dot.y) > 15 or abs(px - dot.x) > 120 for dot in dots if dot.named)
        named = len(dots) < _MOST_NAMES and free
        dots.append(Dot(px, py, radius, one.name, one.code, one.count, named, px > WIDTH * 0.6))
    taken = {one.code for one, *_ in flat}
    faint: list[Dot] = []
    for area in around:
        if area.lat is None or area.lng is None or area.code in taken:
            continue
        px, py = at(*km(area.lat, area.lng))
        if 8 < px < WIDTH - 8 and 12 < py < HEIGHT - 26:
            clear = all(math.hypot(px - dot.x, py - dot.y) > dot.r + 22 for dot in dots) and all(
                abs(py - dot.y) > 14 or abs(px - dot.x) > 90 for dot in faint if dot.named
            )
            beside = all(abs(py - dot.y) > 15 or abs(px - dot.x) > 150 for dot in dots if dot.named)
            faint.append(Dot(px, py, 3.0, area.name, area.code, 0, clear and beside, px > WIDTH * 0.7))
    bar_km = _round_length(70 / scale)
    words = f"{bar_km:g} 公里" if bar_km >= 1 else f"{bar_km * 1000:.0f} 米"
    # the largest first, so that a small circle is never hidden under a big one
    return Map(WIDTH, HEIGHT, dots, faint, round(bar_km * scale, 1), words)


def _round_length(km: float) -> float:
    """The 1, 2 or 5 × power of ten nearest below."""
    power = 10.0 ** math.floor(math.log10(km))
    return next(step * power for step in (5, 2, 1) if step * power <= km * 1.0001)
