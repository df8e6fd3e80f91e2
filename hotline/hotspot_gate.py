"""提醒门槛 Gate: what operators' verdicts teach about which hotspots are worth telling people of.

The scan keeps a budget of false alarms over everything watched. Verdicts say which categories spend it: per top
category the share judged real is a Beta posterior mean, shrunken to what the other categories taught (so that two
verdicts do not decide), and its odds, at most 1, are the part of the budget the category may spend. While at least
half of its hotspots prove real a category has all of it. Nothing is thrown away: what does not pass is watched only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scipy.stats import beta
from sqlalchemy import select

from core.database import AnySession
from hotline import policy
from hotline.hotspot_records import HotspotRecord

UNSORTED = "未分类"
_LEAST_SHARE = 0.02  # a category that was always wrong is still heard when the evidence is overwhelming


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is known of a category: verdicts counted (known ones are real), the prior share and its weight in verdicts,
    the posterior share with its 95 % interval, and the part of the false-alarm budget that follows."""

    category: str
    real: int
    false: int
    prior: float
    weight: float
    share: float
    interval: tuple[float, float]
    budget_part: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether to tell people, and the numbers why; ``limit`` is the highest ``q_value`` that passes, None for any."""

    announced: bool
    why: str
    limit: float | None
    lesson: Lesson

    def to_json(self) -> dict[str, Any]:
        """As kept beside the hotspot."""
        one = self.lesson
        return {
            "why": self.why,
            "limit": self.limit,
            "category": one.category,
            "real": one.real,
            "false": one.false,
            "prior": one.prior,
            "weight": one.weight,
            "share": one.share,
            "interval": list(one.interval),
            "budget_part": one.budget_part,
        }


@dataclass(frozen=True, slots=True)
class Teaching:
    """All verdicts counted by top category as (real, false), and the numbers in force."""

    counts: Mapping[str, tuple[int, int]]
    real_share: float
    weight: float
    edge: float  # the false alarms one daily scan may raise: the budget of a week by seven
    known_ratio: float

    def of(self, category: str) -> Lesson:
        """The lesson of one top category. Method: Beta–binomial with the prior mean learnt from the others."""
        real, false = self.counts.get(category, (0, 0))
        others = [pair for name, pair in self.counts.items() if name != category]
        r0, f0 = sum(pair[0] for pair in others), sum(pair[1] for pair in others)
        prior = (r0 + self.weight * self.real_share) / (r0 + f0 + self.weight)
        a, b = real + self.weight * prior, false + self.weight * (1 - prior)
        share = a / (a + b)
        low, high = (float(value) for value in beta.ppf((0.025, 0.975), a, b))
        part = min(1.0, max(share / max(1 - share, 1e-9), _LEAST_SHARE))
        return Lesson(category, real, false, prior, self.weight, share, (low, high), part)


def learnt(session: AnySession, as_of: datetime) -> Teaching:
    """What the verdicts of the last ``hotspot_teach_days`` teach."""
    since = as_of - timedelta(days=policy.number(session, "hotspot_teach_days"))
    counts: dict[str, tuple[int, int]] = {}
    for category, verdict in session.execute(
        select(HotspotRecord.category, HotspotRecord.verdict).where(
            HotspotRecord.verdict.is_not(None), HotspotRecord.verdict_at >= since
        )
    ):
        real, false = counts.get(top(category), (0, 0))
        counts[top(category)] = (real, false + 1) if verdict == "false" else (real + 1, false)
    return Teaching(
        counts=counts,
        # shares of exactly 0 or 1 would leave nothing to learn
        real_share=min(max(policy.number(session, "hotspot_real_share"), 0.01), 0.99),
        weight=max(policy.number(session, "hotspot_teach_weight"), 0.5),
        edge=policy.number(session, "hotspot_alarms_per_week") / 7,
        known_ratio=policy.number(session, "hotspot_known_ratio"),
    )


def top(category: str) -> str:
    """The top level of a category path."""
    return category.split("/", maxsplit=1)[0] or UNSORTED


def judge(record: HotspotRecord, teaching: Teaching) -> Gate:
    """Whether this hotspot is told to people. One that was told stays told until somebody judges it."""
    lesson = teaching.of(top(record.category))
    if record.verdict in ("known", "false"):
        enough = teaching.known_ratio * max(record.verdict_observed or 0, 1)
        doubled = record.observed >= enough
        told = f"已判为“{'已知' if record.verdict == 'known' else '误报'}”"
        what = f"诉求人达到判定时的 {teaching.known_ratio:g} 倍（{enough:g} 位）"
        why = f"{told}，但{what}，再次提醒" if doubled else f"{told}；{what}才再次提醒"
        return Gate(doubled, why, None, lesson)
    if record.verdict == "real":
        return Gate(True, "已判为“属实”", None, lesson)
    if lesson.budget_part >= 1:
        why = "本类以往多数属实，或判定还少：凡达到监测门槛的都提醒"
        return Gate(True, why, None, lesson)
    limit = teaching.edge * lesson.budget_part
    if record.q_value <= limit:
        return Gate(True, "本类以往误报较多，门槛已收紧；这一个证据够强", limit, lesson)
    if record.announced:
        return Gate(True, "提醒之后门槛才收紧；在有人判定之前不收回", limit, lesson)
    return Gate(False, "本类以往误报较多，门槛已收紧；这一个证据不够强，只观察，不提醒", limit, lesson)
