"""首次装载 Seeding: bring the seed tables into a database. Running it again adds what is new and changes nothing else."""

from __future__ import annotations

from sqlalchemy import select

from core.areas import Area, Estate
from core.database import AnySession
from core.installation import fact, set_fact
from core.units import HandlingUnit
from hotline import seeds
from hotline.catalogue import Category, DeadlineRule, DispatchCatalogue, DispatchRule
from hotline.policy import FIRST_VALUES, PolicyValue


def seed(session: AnySession) -> bool:
    """Load what is missing; true when anything was. The caller commits."""
    rules = seeds.load_deadline_rules()
    catalogue = seeds.load_dispatch_catalogue()
    version = f"{catalogue.version}/{rules.version}"
    if fact(session, "seeds") == version:
        return False
    areas = _areas(session)
    _estates(session, areas)
    _units(session, areas)
    _categories(session)
    _dispatch(session, catalogue)
    _deadlines(session, rules)
    _policy(session, rules)
    set_fact(session, "seeds", version)
    session.flush()
    return True


def _areas(session: AnySession) -> dict[str, Area]:
    known = {area.code: area for area in session.scalars(select(Area))}
    for row in seeds.load_areas():
        if row.code in known:
            continue
        parent = known[row.parent] if row.parent else None
        # people say "青羊区/府南街道/…": the city goes without saying
        full_name = f"{parent.full_name}/{row.name}" if parent and parent.level != "city" else row.name
        area = Area(
            code=row.code,
            name=row.name,
            level=row.level,
            parent=parent,
            path=f"{parent.path if parent else '/'}{row.code}/",
            full_name=full_name,
            lat=row.lat,
            lng=row.lng,
            aliases=list(row.aliases),
        )
        session.add(area)
        known[row.code] = area
    session.flush()
    return known


def _estates(session: AnySession, areas: dict[str, Area]) -> None:
    known = {(name, area_id) for name, area_id in session.execute(select(Estate.name, Estate.area_id))}
    for row in seeds.load_estates():
        area = areas[row.area]
        if (row.name, area.id) not in known:
            session.add(Estate(name=row.name, kind=row.kind, area_id=area.id, aliases=list(row.aliases)))


def _units(session: AnySession, areas: dict[str, Area]) -> None:
    known = {unit.code: unit for unit in session.scalars(select(HandlingUnit))}
    for row in seeds.load_units():
        if row.code in known:
            continue
        parent = known[row.parent] if row.parent else None
        unit = HandlingUnit(
            code=row.code,
            name=row.name,
            level=row.level,
            parent=parent,
            area=areas[row.area],
            path=f"{parent.path if parent else '/'}{row.code}/",
            active=True,
        )
        session.add(unit)
        known[row.code] = unit
    session.flush()


def _categories(session: AnySession) -> None:
    known = {category.code: category for category in session.scalars(select(Category))}
    for row in seeds.load_categories():
        top = row.code[:2]
        if top not in known:
            known[top] = Category(code=top, name=row.level1, path=row.level1, level=1, about="")
            session.add(known[top])
            session.flush()
        if row.code not in known:
            known[row.code] = Category(
                code=row.code,
                name=row.level2,
                path=row.path,
                level=2,
                parent_id=known[top].id,
                about=row.about,
            )
            session.add(known[row.code])


def _dispatch(session: AnySession, catalogue: seeds.DispatchCatalogue) -> None:
    if session.scalar(select(DispatchCatalogue.id).where(DispatchCatalogue.version == catalogue.version)):
        return
    session.add(
        DispatchCatalogue(
            version=catalogue.version,
            effective_from=catalogue.effective_from,
            rules=[
                DispatchRule(
                    category_code=rule.category,
                    area_code=rule.area,
                    lead_unit_code=rule.lead_unit,
                    lead_level=rule.lead_level,
                    co_unit_codes=list(rule.co_units),
                    co_levels=list(rule.co_levels),
                    source=rule.source,
                )
                for rule in catalogue.rules
            ],
        )
    )


def _deadlines(session: AnySession, rules: seeds.DeadlineRules) -> None:
    if session.scalar(select(DeadlineRule.id).where(DeadlineRule.version == rules.version).limit(1)):
        return
    near = {row.clock: row for row in rules.near_due}
    for rule in rules.rules:
        margin = near.get(rule.clock)
        session.add(
            DeadlineRule(
                version=rules.version,
                effective_from=rules.effective_from,
                clock=rule.clock,
                request_types=list(rule.request_types),
                urgent=rule.urgent,
                amount=rule.amount,
                unit=rule.unit,
                near_due_share=margin.share_left if margin else 0.2,
                near_due_hours=margin.at_least_working_hours if margin else 0.5,
                source=rule.source,
            )
        )


def _policy(session: AnySession, rules: seeds.DeadlineRules) -> None:
    known = set(session.scalars(select(PolicyValue.name)))
    for name, (value, meaning, source) in FIRST_VALUES.items():
        if name not in known:
            session.add(
                PolicyValue(
                    name=name,
                    effective_from=rules.effective_from,
                    value=value,
                    meaning=meaning,
                    source=source,
                )
            )
