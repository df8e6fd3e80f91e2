"""种子数据 Seeds: the versioned tables a new installation starts from, as plain frozen values.

Areas, places people name, handling units, the dispatch catalogue, deadline rules, legal routes, reply templates and
the playbook of suggested actions. Every row says its ``source``. An administrator may change any of it later in the
database; these files are only the first version. Nothing here touches a database.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
TAXONOMY = FOLDER.parents[1] / "analytics" / "taxonomy.csv"


@dataclass(frozen=True, slots=True)
class AreaSeed:
    """A node of the area tree. ``level`` is one of ``core.areas.LEVELS``; ``parent`` a code or None; WGS-84 degrees."""

    code: str
    name: str
    level: str
    parent: str | None
    lat: float
    lng: float
    aliases: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class EstateSeed:
    """A place people name (小区, 路, 市场, 学校, 公园, 商场, 医院, 写字楼 …) and the code of its grid or community."""

    name: str
    kind: str
    area: str
    aliases: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class UnitSeed:
    """A handling unit; ``parent`` is a unit code or None, ``area`` the code of the area it answers for."""

    code: str
    name: str
    level: str
    parent: str | None
    area: str
    source: str


@dataclass(frozen=True, slots=True)
class CategorySeed:
    """A row of the category catalogue: code, two levels of names, and what belongs there."""

    code: str
    level1: str
    level2: str
    about: str

    @property
    def path(self) -> str:
        """``城乡建设/物业管理``."""
        return f"{self.level1}/{self.level2}"


@dataclass(frozen=True, slots=True)
class DispatchRule:
    """Category (× area, when given) → who leads. Exactly one of ``lead_unit`` (a code) and ``lead_level`` is set.

    ``lead_level`` (``street`` or ``community``) means the unit of the order's own place; so do ``co_levels``.
    """

    category: str
    area: str | None
    lead_unit: str | None
    lead_level: str | None
    co_units: tuple[str, ...]
    co_levels: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class DispatchCatalogue:
    """One version of the dispatch catalogue; the rule of the finest matching area wins."""

    version: str
    effective_from: date
    rules: tuple[DispatchRule, ...]


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """How long one clock runs. Empty ``request_types`` means every type; ``urgent`` None means either.

    ``unit`` is ``working_days``, ``working_hours`` or ``hours`` (round the clock).
    """

    clock: str
    request_types: tuple[str, ...]
    urgent: bool | None
    amount: float
    unit: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class NearDue:
    """When a clock counts as near due: this share of it left, or fewer than so many working hours."""

    clock: str
    share_left: float
    at_least_working_hours: float
    source: str


@dataclass(frozen=True, slots=True)
class Supervision:
    """Thresholds of supervision: working days after due, counts, and days."""

    urge_after_working_days: int
    circulate_after_working_days: int
    escalate_reworks: int
    escalate_redispatches: int
    extension_max_working_days: int
    reopen_window_days: int
    retention_days: int
    source: str


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """One version of the deadline rules; of several matching rules the one naming more conditions wins."""

    version: str
    effective_from: date
    rules: tuple[DeadlineRule, ...]
    near_due: tuple[NearDue, ...]
    supervision: Supervision


@dataclass(frozen=True, slots=True)
class LegalRoute:
    """Where a declined complainant can turn: what is said, the contact, and the categories it may concern."""

    code: str
    name: str
    explanation: str
    categories: tuple[str, ...]
    contact: str
    source: str


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    """A reply's frame; names in braces are filled in by the clerk. Empty ``request_types`` means every type."""

    code: str
    name: str
    request_types: tuple[str, ...]
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class SuggestedAction:
    """Playbook of a category: which unit (or the unit of the place at ``level``) should do what."""

    category: str
    unit: str | None
    level: str | None
    action: str
    source: str


def load_areas() -> list[AreaSeed]:
    """Every area, parents before children."""
    return [
        AreaSeed(
            row["code"],
            row["name"],
            row["level"],
            row["parent"] or None,
            float(row["lat"]),
            float(row["lng"]),
            _list(row["aliases"]),
            row["source"],
        )
        for row in _rows(FOLDER / "areas.csv")
    ]


def load_estates() -> list[EstateSeed]:
    """Every named place, in file order."""
    return [
        EstateSeed(row["name"], row["kind"], row["area"], _list(row["aliases"]), row["source"])
        for row in _rows(FOLDER / "estates.csv")
    ]


def load_units() -> list[UnitSeed]:
    """Every handling unit, parents before children."""
    return [
        UnitSeed(row["code"], row["name"], row["level"], row["parent"] or None, row["area"], row["source"])
        for row in _rows(FOLDER / "units.csv")
    ]


def load_categories() -> list[CategorySeed]:
    """The category catalogue, read as data from ``analytics/taxonomy.csv``."""
    return [CategorySeed(row["code"], row["level1"], row["level2"], row["about"]) for row in _rows(TAXONOMY)]


def load_dispatch_catalogue() -> DispatchCatalogue:
    """The dispatch catalogue; every level-2 category has a rule without area."""
    data = _json("dispatch_catalogue.json")
    rules = tuple(DispatchRule(**_tuples(row, "co_units", "co_levels")) for row in data["rules"])
    return DispatchCatalogue(data["version"], date.fromisoformat(data["effective_from"]), rules)


def load_deadline_rules() -> DeadlineRules:
    """Deadline rules, near-due thresholds and supervision thresholds."""
    data = _json("deadline_rules.json")
    return DeadlineRules(
        data["version"],
        date.fromisoformat(data["effective_from"]),
        tuple(DeadlineRule(**_tuples(row, "request_types")) for row in data["rules"]),
        tuple(NearDue(**row) for row in data["near_due"]),
        Supervision(**data["supervision"]),
    )


def load_legal_routes() -> list[LegalRoute]:
    """The routes an operator names when declining."""
    return [LegalRoute(**_tuples(row, "categories")) for row in _json("legal_routes.json")["routes"]]


def load_reply_templates() -> list[ReplyTemplate]:
    """Frames for replies."""
    return [
        ReplyTemplate(**_tuples(row, "request_types")) for row in _json("reply_templates.json")["templates"]
    ]


def load_playbook() -> dict[str, SuggestedAction]:
    """Suggested action by category code."""
    return {row["category"]: SuggestedAction(**row) for row in _json("playbook.json")["actions"]}


def dispatch_rule_for(
    rules: Iterable[DispatchRule], category: str, area_codes: Iterable[str] = ()
) -> DispatchRule | None:
    """The rule for a category at a place whose own and ancestors' codes are ``area_codes``; the finest area wins."""
    within = set(area_codes)
    fitting = [
        rule for rule in rules if rule.category == category and (rule.area is None or rule.area in within)
    ]
    # Area codes grow by digits from city to micro-grid, so the longest is the finest.
    return max(fitting, key=lambda rule: len(rule.area or ""), default=None)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _json(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return data


def _tuples(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: tuple(value) if key in keys else value for key, value in row.items()}


def _list(joined: str) -> tuple[str, ...]:
    return tuple(part for part in joined.split("；") if part)
