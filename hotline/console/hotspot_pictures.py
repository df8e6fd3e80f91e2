"""热点图 Pictures of a hotspot: its days with the band they usually keep within, and where its orders lie.

The map is drawn here as plain figures for an SVG in the page: no tiles, no other host, and no position finer than an
area's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.areas import Area
from core.console.charts import BLUE, counts_by_day
from hotline.hotspot_reasons import PlaceCount

WIDTH, HEIGHT = 420.0, 270.0
_MARGIN = 46.0
_KM_PER_DEGREE = 111.32
_LEAST_KM = 0.5  # a single place is shown with its surroundings, not as a dot in nothing
_NAMES_AROUND = 8
_TOO_NEAR = 30.0  # picture units: less than the circles' own size


def series_chart(rows: Sequence[dict[str, Any]], *, since: str) -> dict[str, Any]:
    """Daily counts as bars, the expected level as a line and its band behind both.

    ``rows``: dicts with ``date``, ``count``, ``expected``, ``bottom``, ``top``; days from ``since`` on are the burst.
    """
    spec = counts_by_day(rows, since=since)
    band = {
        "data": {"values": [{key: row[key] for key in ("date", "bottom", "top")} for row in rows]},
        "mark": {"type": "area", "color": BLUE, "opacity": 0.18, "interpolate": "monotone"},
        "encoding": {
            "x": {"field": "date", "type": "temporal", "title": None},
            "y": {"field": "top", "type": "quantitative", "title": "件/日"},
            "y2": {"field": "bottom"},
        },
    }
    for layer in spec["layer"]:
        layer["encoding"]["x"]["axis"]["labelSeparation"] = 8
    spec["layer"].insert(0, band)
    return spec


@dataclass(frozen=True, slots=True)
class Dot:
    """A circle on the map, in the picture's own units; ``code`` is empty when it stands for several places. Its name
    is written at ``name_x``, ``name_y`` (``anchor``: start, middle or end), or not at all where there is no room."""

    x: float
    y: float
    r: float
    name: str
    code: str
    count: int
    name_x: float = 0.0
    name_y: float = 0.0
    anchor: str = ""


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
    which over a city bends nothing a picture could show.
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

    taken = {one.code for one, *_ in flat}
    faint = [
        Dot(*at(*km(area.lat, area.lng)), 3.0, area.name, area.code, 0)
        for area in around
        if area.lat is not None and area.lng is not None and area.code not in taken
    ]
    faint = [dot for dot in faint if 8 < dot.x < WIDTH - 8 and 12 < dot.y < HEIGHT - 26]
    dots, faint = _named(_dots([(one, *at(x, y)) for one, x, y in flat]), faint)
    bar_km = _round_length(70 / scale)
    words = f"{bar_km:g} 公里" if bar_km >= 1 else f"{bar_km * 1000:.0f} 米"
    return Map(WIDTH, HEIGHT, dots, faint, round(bar_km * scale, 1), words)


def _dots(placed: Sequence[tuple[PlaceCount, float, float]]) -> list[Dot]:
    """Circles by count, the largest first; places too near to be told apart are one circle."""
    groups: list[list[tuple[PlaceCount, float, float]]] = []
    for spot in sorted(placed, key=lambda spot: -spot[0].count):
        near = (one for one in groups if math.hypot(one[0][1] - spot[1], one[0][2] - spot[2]) < _TOO_NEAR)
        group = next(near, None)
        groups.append([spot]) if group is None else group.append(spot)
    sizes = [sum(one.count for one, *_ in group) for group in groups]
    dots: list[Dot] = []
    for group, size in sorted(zip(groups, sizes, strict=True), key=lambda pair: -pair[1]):
        first, x, y = group[0]
        alone = len(group) == 1
        name, code = (first.name, first.code) if alone else (f"{first.name}等 {len(group)} 处", "")
        dots.append(Dot(x, y, round(7 + 12 * math.sqrt(size / max(sizes)), 1), name, code, size))
    return dots


def _named(dots: Sequence[Dot], faint: Sequence[Dot]) -> tuple[list[Dot], list[Dot]]:
    """Names beside, under or over their circles, where they cover neither a circle nor another name; the most orders
    choose first, and whoever finds no room goes without (the table beside the map names everything)."""
    full = [_box(dot.x, dot.y, dot.r) for dot in dots]
    # the scale bar's corner
    full.append((0.0, HEIGHT - 28, 140.0, HEIGHT))
    named = [_with_name(dot, 13.0, full) for dot in dots]
    full += [_box(dot.x, dot.y, dot.r) for dot in faint]
    told = [_with_name(dot, 11.0, full) for dot in faint[:: max(1, len(faint) // _NAMES_AROUND)]]
    return named, [*told, *(dot for dot in faint if dot.code not in {one.code for one in told})]


def _with_name(dot: Dot, size: float, full: list[tuple[float, float, float, float]]) -> Dot:
    width, gap = size * len(dot.name), dot.r + 5
    for anchor, x, y, left in (
        ("start", dot.x + gap, dot.y, dot.x + gap),
        ("end", dot.x - gap, dot.y, dot.x - gap - width),
        ("middle", dot.x, dot.y + gap + size / 2, dot.x - width / 2),
        ("middle", dot.x, dot.y - gap - size / 2, dot.x - width / 2),
    ):
        box = (left, y - size * 0.6, left + width, y + size * 0.6)
        inside = box[0] >= 2 and box[1] >= 2 and box[2] <= WIDTH - 2 and box[3] <= HEIGHT - 2
        if inside and not any(_meet(box, other) for other in full):
            full.append(box)
            return replace(dot, name_x=round(x, 1), name_y=round(y + size * 0.35, 1), anchor=anchor)
    return dot


def _box(x: float, y: float, r: float) -> tuple[float, float, float, float]:
    return x - r, y - r, x + r, y + r


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _round_length(km: float) -> float:
    """The 1, 2 or 5 × power of ten nearest below."""
    power = 10.0 ** math.floor(math.log10(km))
    return next(step * power for step in (5, 2, 1) if step * power <= km * 1.0001)
