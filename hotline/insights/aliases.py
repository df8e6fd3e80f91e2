"""学得地名 Aliases: names of places learnt from confirmed orders, written into the list the gazetteer reads.

An order counts as confirmed when a person, not the machine, set its area, or when the unit of a place handled it and
did not send it back. What is learnt is an `Estate` of the kind 习称, so it can be looked at, and deleted, like any other.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from analytics.address_segments import plain
from analytics.place_learning import Confirmed, LearntPlace, learn_places
from core import clock
from core.areas import Area, Estate
from core.database import AnySession
from core.units import HandlingUnit
from hotline.insights import memory
from hotline.insights.suggestions import SURE_OF_PLACE
from hotline.models import OrderInsight, WorkOrder

KIND = "习称"
RECENT = timedelta(days=365)
LOOKED_AT = 20_000
_HANDLED = frozenset({"REPLIED", "REVIEWED", "COMPLETED", "ARCHIVED"})
_LOCAL_UNITS = frozenset({"street", "community", "grid"})
_COARSE = ("city", "district")
_LONGEST = 64


class _Found(NamedTuple):
    """What a look found: names to keep or add, and names learnt before on which people no longer agree."""

    agreed: list[LearntPlace]
    disputed: list[str]


def learnt_aliases(session: AnySession, now: datetime | None = None) -> list[LearntPlace]:
    """Names that confirmed orders agree on and no list has: (name, area code, n people, share). Only reads."""
    return look(session, now or clock.now()).agreed


def learn(session: AnySession) -> dict[str, Any]:
    """Look and write down, in one go. Does not commit."""
    now = clock.now()
    return keep(session, now, look(session, now))


def look(session: AnySession, now: datetime) -> _Found:
    """The long look of the nightly job: a year's confirmed orders, the newest `LOOKED_AT`. Only reads."""
    lines = {area.code: _line(area.path) for area in session.scalars(select(Area))}
    earlier = list(session.scalars(select(Estate.name).where(Estate.kind == KIND)))
    listed = _listed(session, lines)
    found = learn_places(
        _confirmed(session, now),
        listed,
        coarse=session.scalars(select(Area.code).where(Area.level.in_(_COARSE))).all(),
        earlier=earlier,
    )
    agreed = [one for one in found if one.code in lines and len(one.name) <= _LONGEST]
    disputed = [one.name for one in found if not one.code]
    # somebody has listed it since: what is listed counts
    return _Found(agreed, disputed + [name for name in earlier if plain(name) in listed])


def keep(session: AnySession, now: datetime, found: _Found) -> dict[str, Any]:
    """Write the names down: new ones are added, moved ones moved, disputed ones dropped. Does not commit.

    A name of which nothing was heard lately stays. Returns the names by what was done with them.
    """
    areas = {area.code: area for area in session.scalars(select(Area))}
    known = {row.name: row for row in session.scalars(select(Estate).where(Estate.kind == KIND))}
    done: dict[str, list[str]] = {"added": [], "moved": [], "dropped": []}
    for one in found.agreed:
        row = known.get(one.name)
        area = areas[one.code]
        if row is not None and row.area_id == area.id:
            continue
        if row is not None:
            # a new row, not a changed one: every process sees by the newest row's id that the list is another
            session.delete(row)
        session.add(Estate(name=one.name, kind=KIND, area=area, aliases=[]))
        done["moved" if row is not None else "added"].append(f"{one.name}→{area.full_name}")
    for name in found.disputed:
        if (row := known.get(name)) is not None:
            session.delete(row)
            done["dropped"].append(name)
    session.flush()
    session.info.pop("places", None)  # asked once a session; the list has just changed
    total = session.scalar(select(func.count()).select_from(Estate).where(Estate.kind == KIND)) or 0
    return {"learnt": total, "at": clock.local(now).isoformat(), **done}


def _line(path: str) -> tuple[str, ...]:
    return tuple(code for code in path.split("/") if code)


def _listed(session: AnySession, lines: dict[str, tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """The areas every listed name stands for; what was learnt is not held against itself."""
    listed: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    areas = select(Area.name, Area.aliases, Area.code)
    estates = (
        select(Estate.name, Estate.aliases, Area.code)
        .join(Area, Area.id == Estate.area_id)
        .where(Estate.kind != KIND)
    )
    for name, aliases, code in [*session.execute(areas), *session.execute(estates)]:
        for spelt in (name, *aliases):
            listed[plain(spelt)].append(lines[code])
    return dict(listed)


def _confirmed(session: AnySession, now: datetime) -> list[Confirmed]:
    own, units = aliased(Area), aliased(Area)
    rows = session.execute(
        select(
            WorkOrder.id,
            WorkOrder.title,
            WorkOrder.text,
            WorkOrder.place_text,
            WorkOrder.complainant_key,
            WorkOrder.status,
            WorkOrder.send_back_count,
            own.code,
            own.path,
            OrderInsight.place,
            units.path.label("unit_path"),
            units.level.label("unit_level"),
        )
        .join(own, own.id == WorkOrder.area_id)
        .outerjoin(OrderInsight, OrderInsight.order_id == WorkOrder.id)
        .outerjoin(HandlingUnit, HandlingUnit.id == WorkOrder.lead_unit_id)
        .outerjoin(units, units.id == HandlingUnit.area_id)
        .where(WorkOrder.reported_at >= now - RECENT)
        .order_by(WorkOrder.id.desc())
        .limit(LOOKED_AT)
    )
    out = []
    for row in rows:
        if _by_a_person(row.code, row.place):
            path = row.path
        elif (
            row.status in _HANDLED
            and not row.send_back_count
            and row.unit_level in _LOCAL_UNITS
            and row.path.startswith(row.unit_path)
        ):
            path = row.unit_path  # the unit vouches for its own area, not for the corner in it
        else:
            continue
        who = row.complainant_key or str(row.id)
        out.append(Confirmed(memory.told(row.title, row.text), row.place_text, _line(path), who))
    return out


def _by_a_person(code: str, suggested: dict[str, Any] | None) -> bool:
    """Whether the order's area cannot have been the machine's own doing."""
    return suggested is None or suggested["code"] != code or suggested["confidence"] < SURE_OF_PLACE
