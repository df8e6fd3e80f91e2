"""注入事件 Injected events: three hotspots whose truth is known: one over, one lasting, one emerging now."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.demo.rhythm import HOURS


@dataclass(frozen=True, slots=True)
class EventPlan:
    """Where and how an event runs. ``strength(t)`` is its relative intensity, t hours after its start."""

    id: str
    topic: str
    place: str
    default_estates: tuple[str, ...]
    area_code: str
    starts_before: timedelta
    lasts: timedelta | None
    orders_at_full_size: int
    night_share: float
    strength: Callable[[float], float]


PLANS: Sequence[EventPlan] = (
    EventPlan(
        id="main_break",
        topic="main_break",
        place="苏坡街道清波社区御景西苑周边",
        default_estates=("御景西苑",),
        area_code="510105009004",
        starts_before=timedelta(days=38, hours=4),
        lasts=timedelta(days=4),
        orders_at_full_size=38,
        night_share=0.0,
        strength=lambda hours: math.exp(-hours / 60),
    ),
    EventPlan(
        id="metro_night",
        topic="metro_night",
        place="府南街道同德社区地铁瑞南街站工地",
        default_estates=("安澜华庭", "百花潭东院", "银杏名邸", "安澜华庭"),
        area_code="510105006001",
        starts_before=timedelta(days=21),
        lasts=None,
        orders_at_full_size=46,
        night_share=0.5,
        strength=lambda hours: 1.0,
    ),
    EventPlan(
        id="gym_runaway",
        topic="gym_runaway",
        place="金沙街道金凤社区金凤广场",
        default_estates=("金凤广场",),
        area_code="510105008002",
        starts_before=timedelta(hours=62),
        lasts=None,
        orders_at_full_size=17,
        night_share=0.0,
        strength=lambda hours: math.exp(hours / 30),
    ),
)


def size(plan: EventPlan, orders: int) -> int:
    """Orders an event gets: its full size in a history of a thousand orders or more, never fewer than six."""
    return max(6, round(plan.orders_at_full_size * min(1.0, orders / 1000)))


def times(plan: EventPlan, count: int, as_of: datetime, rng: random.Random) -> list[datetime]:
    """Sorted Shanghai report times of an event, by its strength and the hour of the day, none after ``as_of``."""
    start = as_of - plan.starts_before
    hours = (plan.lasts or plan.starts_before) / timedelta(hours=1)
    steps = [start + timedelta(minutes=20 * n) for n in range(int(hours * 3))]
    weights = []
    for step in steps:
        since = (step - start) / timedelta(hours=1)
        day, night = (HOURS[kind][step.hour] / sum(HOURS[kind]) for kind in ("day", "night"))
        weights.append(((1 - plan.night_share) * day + plan.night_share * night) * plan.strength(since))
    # An event begins when it is first heard of, so one report comes within its first sixteen hours.
    opening = 16 * 3
    drawn = rng.choices(steps[:opening], weights[:opening]) + rng.choices(steps, weights, k=count - 1)
    drawn = [step + timedelta(seconds=rng.randrange(20 * 60)) for step in drawn]
    return sorted(min(when, as_of) for when in drawn)
