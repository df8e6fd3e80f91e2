"""热点的一生 Life of a hotspot: 新发 → 增长 → 持续 → 消退 → 平息, by rules that do not flap from scan to scan.

A scan says at which phase it sees a burst, or that it does not see it. That alone would jump about a threshold, so the
state follows with hysteresis in level and in time: raised at the alert level, ended only after it has stayed below a
lower level; and a change is made only when scan after scan has pointed to it for a while (the Schmitt trigger of
electronics; in surveillance, "end-of-outbreak" rules ask for a quiet time in the same way). Every number is a policy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.database import AnySession
from hotline import policy

STATES = {"emerging": "新发", "growing": "增长", "persisting": "持续", "fading": "消退", "resolved": "平息"}
BURSTING = frozenset({"emerging", "growing", "persisting"})


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers a district decides; see hotline.policy for what each means."""

    hold: timedelta = timedelta(hours=3)
    persisting_after: timedelta = timedelta(days=7)
    fading_after: timedelta = timedelta(hours=24)
    quiet: timedelta = timedelta(days=2)
    growth: float = 1.5


def rules(session: AnySession) -> Rules:
    """The rules in force today."""
    return Rules(
        hold=timedelta(hours=policy.number(session, "hotspot_hold_hours")),
        persisting_after=timedelta(days=policy.number(session, "hotspot_persisting_days")),
        fading_after=timedelta(hours=policy.number(session, "hotspot_fading_hours")),
        quiet=timedelta(days=policy.number(session, "hotspot_quiet_days")),
        growth=policy.number(session, "hotspot_growth_ratio"),
    )


@dataclass(frozen=True, slots=True)
class Sight:
    """What one scan sees of a hotspot. ``phase``: as the scan tells it, None when it does not find it; ``observed``:
    different complainants; ``warm``: complaints still come in above the lower level."""

    at: datetime
    phase: str | None
    observed: int
    warm: bool = False

    @property
    def bursting(self) -> bool:
        return self.phase in BURSTING


@dataclass(frozen=True, slots=True)
class Life:
    """Where a hotspot stands: its state and since when; ``entered_with``: the most complainants a state was entered
    with since it last faded; when this life began; the last scan that saw it bursting; the state that scans have
    pointed to since ``leaning_since``."""

    status: str
    since: datetime
    entered_with: int
    began: datetime
    bursting_at: datetime
    leaning: str | None = None
    leaning_since: datetime | None = None


def begin(sight: Sight) -> Life:
    """A life at its first sight, or begun again. What has gone on before anybody looked is called what it is."""
    if sight.phase is None:
        raise ValueError("a hotspot nobody sees cannot begin")
    return Life(sight.phase, sight.at, sight.observed, sight.at, sight.at)


def step(life: Life, sight: Sight, rules: Rules) -> Life:
    """The life after one more scan. At most one change of state; a resolved life stays resolved."""
    if life.status == "resolved":
        return life
    if sight.bursting:
        life = replace(life, bursting_at=max(life.bursting_at, sight.at))
        return _lean(life, _wanted(life, sight, rules), sight, rules.hold)
    silent = sight.at - life.bursting_at
    if not sight.warm and silent >= rules.quiet:
        return _enter(life, "resolved", sight)
    if life.status != "fading" and silent >= rules.fading_after:
        return _enter(life, "fading", sight)
    return replace(life, leaning=None, leaning_since=None)


def absorb(life: Life, sight: Sight, rules: Rules) -> Life:
    """The life while its orders lie in another hotspot: it ends when that has lasted as long as any change must."""
    return _lean(replace(life, bursting_at=sight.at), "resolved", sight, rules.hold)


def _wanted(life: Life, sight: Sight, rules: Rules) -> str:
    """The state a bursting sight points to. Nothing goes back to emerging."""
    old = sight.at - life.began >= rules.persisting_after
    grown = sight.observed >= max(rules.growth * life.entered_with, life.entered_with + 1)
    if life.status == "fading":
        return "persisting" if old else "growing"
    if life.status == "persisting":
        return "growing" if grown else "persisting"
    if life.status == "growing":
        # a state is left after its days, not when the scan's window happens to tell the same number another way
        settled = sight.at - life.since >= rules.persisting_after and not grown
        return "persisting" if settled else "growing"
    if grown or sight.phase == "growing":
        return "growing"
    return "persisting" if old or sight.phase == "persisting" else "emerging"


def _lean(life: Life, wanted: str, sight: Sight, hold: timedelta) -> Life:
    """Change only when every scan for ``hold`` has pointed the same way."""
    if wanted == life.status:
        return replace(life, leaning=None, leaning_since=None)
    since = life.leaning_since if life.leaning == wanted and life.leaning_since else sight.at
    if sight.at - since >= hold:
        return _enter(life, wanted, sight)
    return replace(life, leaning=wanted, leaning_since=since)


def _enter(life: Life, status: str, sight: Sight) -> Life:
    # growth is measured from the highest level a state was entered with; only fading lets go of it
    level = sight.observed if status == "fading" else max(life.entered_with, sight.observed)
    return replace(
        life,
        status=status,
        since=sight.at,
        entered_with=level,
        leaning=None,
        leaning_since=None,
    )
