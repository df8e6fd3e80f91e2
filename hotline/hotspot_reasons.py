"""热点的理由 Reasons: who complained, in which words and where, so that a reader can check a hotspot instead of believing it.

Everything is counted from the orders linked to the hotspot. Exact positions and names never leave this room: places
are those of the area tree, examples come masked from the scan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scipy.optimize import brentq
from scipy.stats import nbinom, poisson
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from core.areas import Area
from core.database import AnySession
from hotline.catalogue import Category
from hotline.hotspot_records import HotspotLink, HotspotMember, HotspotRecord
from hotline.lifecycle import OPEN
from hotline.models import WorkOrder

BEFORE = timedelta(days=28)
_SAMPLE = 2000  # orders that say how often a word is used otherwise
_MOST_READ = 1000


@dataclass(frozen=True, slots=True)
class Voices:
    """Who speaks. ``people``: different complainants; ``new``: those of them who in the four weeks before it began had
    not complained of this topic in this place; ``loudest``: orders of the one who complained most; ``unknown``:
    orders that name nobody, each counted as one person who is new."""

    orders: int
    people: int
    new: int
    loudest: int
    unknown: int

    @property
    def new_share(self) -> float:
        return self.new / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class WordUse:
    """How often a word is said in the hotspot's orders and in others; ``others`` of ``sampled``."""

    word: str
    here: int
    orders: int
    others: int
    sampled: int

    @property
    def usual(self) -> float:
        """Share of other orders that say it, half an order added so that never is not zero times."""
        return (self.others + 0.5) / (self.sampled + 1)

    @property
    def times(self) -> float:
        return self.here / max(self.orders, 1) / self.usual


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """An area and how many of the orders lie in it."""

    code: str
    name: str
    path: str
    count: int
    lat: float | None
    lng: float | None


def voices(session: AnySession, record: HotspotRecord) -> Voices:
    """Who speaks in what the hotspot counts now."""
    rows = session.execute(
        select(WorkOrder.complainant_key, func.count())
        .join(HotspotMember, HotspotMember.order_id == WorkOrder.id)
        .where(HotspotMember.hotspot_id == record.id, HotspotMember.current.is_(True))
        .group_by(WorkOrder.complainant_key)
    ).all()
    named = {key: count for key, count in rows if key}
    unknown = sum(count for key, count in rows if not key)
    before = _who_before(session, record, list(named))
    return Voices(
        orders=sum(named.values()) + unknown,
        people=len(named) + unknown,
        new=len(named) - len(before) + unknown,
        loudest=max([*named.values(), 1 if unknown else 0], default=0),
        unknown=unknown,
    )


def _who_before(session: AnySession, record: HotspotRecord, keys: Sequence[str], part: int = 900) -> set[str]:
    """Those who complained of the topic in the place in the four weeks before."""
    conditions = [
        WorkOrder.reported_at >= record.starts_at - BEFORE,
        WorkOrder.reported_at < record.starts_at,
    ]
    if record.category:
        codes = select(Category.code).where(
            or_(
                Category.path == record.category,
                Category.path.startswith(f"{record.category}/", autoescape=True),
            )
        )
        conditions.append(WorkOrder.category_code.in_(codes))
    area = session.scalar(select(Area).where(Area.full_name == record.place).limit(1))
    if area is not None:
        below = select(Area.id).where(Area.path.startswith(area.path, autoescape=True))
        conditions.append(WorkOrder.area_id.in_(below))
    found: set[str] = set()
    for begin in range(0, len(keys), part):
        some = WorkOrder.complainant_key.in_(keys[begin : begin + part])
        found |= {
            key
            for key in session.scalars(select(WorkOrder.complainant_key).distinct().where(some, *conditions))
            if key
        }
    return found


def words(session: AnySession, record: HotspotRecord) -> list[WordUse]:
    """The scan's keywords, by how much oftener they are said here than in the newest other orders."""
    keywords = record.detail.get("keywords", [])
    if not keywords:
        return []
    mine = select(HotspotMember.order_id).where(HotspotMember.hotspot_id == record.id)
    current = mine.where(HotspotMember.current.is_(True))
    said = select(WorkOrder.title, WorkOrder.text).order_by(WorkOrder.reported_at.desc())
    here = [" ".join(row) for row in session.execute(said.where(WorkOrder.id.in_(current)).limit(_MOST_READ))]
    others = [
        " ".join(row)
        for row in session.execute(
            said.where(WorkOrder.id.not_in(mine), WorkOrder.reported_at <= record.last_seen_at).limit(_SAMPLE)
        )
    ]
    found = [
        WordUse(
            word, sum(word in text for text in here), len(here), sum(word in text for text in others), len(others)
        )
        for word in keywords
    ]  # fmt: skip
    return sorted((one for one in found if one.here), key=lambda one: (-one.here * one.times, one.word))


def places(session: AnySession, record: HotspotRecord) -> list[PlaceCount]:
    """Areas of the orders it counts now, the most orders first; micro-grids, a few doors each, as their grid."""
    rows = session.execute(
        select(Area, func.count(WorkOrder.id))
        .join(WorkOrder, WorkOrder.area_id == Area.id)
        .join(HotspotMember, HotspotMember.order_id == WorkOrder.id)
        .where(HotspotMember.hotspot_id == record.id, HotspotMember.current.is_(True))
        .group_by(Area.id)
        .options(joinedload(Area.parent))
    )
    counts: dict[str, int] = {}
    areas: dict[str, Area] = {}
    for area, count in rows:
        shown = area.parent if area.level == "micro_grid" and area.parent else area
        areas[shown.code] = shown
        counts[shown.code] = counts.get(shown.code, 0) + count
    found = [
        PlaceCount(code, area.name, area.full_name, counts[code], area.lat, area.lng)
        for code, area in areas.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.path))


def linked(session: AnySession, record: HotspotRecord) -> dict[str, int]:
    """How many orders are linked in all, still open, and not yet handed to a unit."""
    query = (
        select(WorkOrder.status, func.count())
        .join(HotspotMember, HotspotMember.order_id == WorkOrder.id)
        .where(HotspotMember.hotspot_id == record.id)
        .group_by(WorkOrder.status)
    )
    counts = {status: count for status, count in session.execute(query)}
    return {
        "all": sum(counts.values()),
        "open": sum(count for status, count in counts.items() if status in OPEN),
        "waiting": counts.get("REGISTERED", 0),
    }


def links(session: AnySession, record: HotspotRecord) -> list[tuple[str, HotspotRecord, datetime]]:
    """What it came from and what it became, in words: (words, the other hotspot, when)."""
    names = {
        ("split", True): "从这个热点分出",
        ("split", False): "分出了",
        ("merge", True): "并进来的有",
        ("merge", False): "并入了",
        ("again", True): "以前发生过",
        ("again", False): "后来又发生",
    }
    rows = session.scalars(
        select(HotspotLink)
        .where(or_(HotspotLink.from_id == record.id, HotspotLink.to_id == record.id))
        .order_by(HotspotLink.at)
    )
    return [
        (
            names[row.kind, row.to_id == record.id],
            row.source if row.to_id == record.id else row.target,
            row.at,
        )
        for row in rows
    ]


def with_band(
    series: Sequence[Mapping[str, Any]], expected: float, interval: Sequence[int]
) -> list[dict[str, Any]]:
    """The daily series with ``low`` and ``high``: 95 % of days like these lie between.

    The scan tells one predictive interval, of the count in its window. A negative binomial whose upper bound is that
    one fixes the spread (its size is found by Brent's method; a Poisson when the interval is no wider than one), and
    the same size with the mean expectation of the seven days about a day gives that day's band: single quiet days
    would make it jump between two whole numbers. ``low`` and ``high`` are whole; ``bottom`` and ``top`` are the same
    quantiles with the distribution's steps joined by lines, to be drawn.
    """
    size = _size_of(expected, int(interval[1])) if len(interval) == 2 else None
    level = [float(row["expected"]) for row in series]
    out = []
    for day, row in enumerate(series):
        week = level[max(day - 3, 0) : day + 4]
        usual = max(sum(week) / len(week), 1e-9)
        spread = poisson(usual) if size is None else nbinom(size, size / (size + usual))
        low, high = spread.ppf((0.025, 0.975))
        ends = {"low": int(low), "high": int(high)}
        drawn = {"bottom": _between(spread, int(low), 0.025), "top": _between(spread, int(high), 0.975)}
        out.append({**row, **ends, **drawn})
    return out


def _between(spread: Any, whole: int, chance: float) -> float:
    """The quantile that lies at or up to one below ``whole`` when the distribution rises in lines, not in steps."""
    under, at = float(spread.cdf(whole - 1)), float(spread.cdf(whole))
    part = (chance - under) / (at - under) if at > under else 1.0
    return round(max(whole - 1 + min(max(part, 0.0), 1.0), 0.0), 3)


def _size_of(mean: float, high: int) -> float | None:
    """Size of the negative binomial of this mean that stays at or under ``high`` with 97.5 %; None for Poisson."""
    mean = max(mean, 1e-9)
    if poisson.sf(high, mean) >= 0.025:
        return None

    def excess(size: float) -> float:
        return float(nbinom.sf(high, size, size / (size + mean))) - 0.025

    small, large = 1e-3, 1e6
    # a heavier tail first grows with the spread and then falls again; only where it crosses is there an answer
    while small < large and excess(small) <= 0:
        small *= 2
    if small >= large:
        return None
    smallest = small
    while smallest < large and excess(smallest) > 0:
        smallest *= 2
    return float(brentq(excess, smallest / 2, smallest)) if smallest < large else None
