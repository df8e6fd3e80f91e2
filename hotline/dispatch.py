"""派单 Dispatch: which unit answers for an order, by the catalogue in force, and the rulings on send-backs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from core import clock
from core.areas import Area
from core.audit import SYSTEM, Actor
from core.database import AnySession
from core.errors import InvalidInput, NotAllowed
from core.units import HandlingUnit, by_code, of_place
from hotline import deadlines, journal, lifecycle, policy
from hotline.catalogue import DispatchCatalogue, DispatchRule
from hotline.models import AssistingUnit, WorkOrder


@dataclass(frozen=True, slots=True)
class Advice:
    """What the catalogue says: the lead unit, the units to help, the version that says so, and why."""

    unit: HandlingUnit
    co_units: tuple[HandlingUnit, ...]
    version: str
    why: str


def catalogue_on(session: AnySession, day: date) -> DispatchCatalogue | None:
    """The version of the catalogue in force on a day."""
    return session.scalar(
        select(DispatchCatalogue)
        .where(DispatchCatalogue.effective_from <= day)
        .order_by(DispatchCatalogue.effective_from.desc(), DispatchCatalogue.id.desc())
        .limit(1)
    )


def advise(session: AnySession, category_code: str | None, area: Area | None) -> Advice | None:
    """The unit the catalogue in force today names for a category and a place; None when it names none."""
    catalogue = _in_force(session)
    if catalogue is None or not category_code:
        return None
    rules = _rules(session, catalogue).get(category_code, [])
    codes = {code for code in area.path.split("/") if code} if area else set()
    fitting = [rule for rule in rules if rule.area_code is None or rule.area_code in codes]
    # area codes grow by digits from city to micro-grid: the longest is the finest
    for rule in sorted(fitting, key=lambda rule: -len(rule.area_code or "")):
        unit = _lead(session, rule, area)
        if unit is not None:
            co_units = [_unit(session, code) for code in rule.co_unit_codes]
            co_units += [of_place(session, area, level) for level in rule.co_levels if area is not None]
            where = f"，地点在{area.name}" if area and rule.lead_level else ""
            why = f"派单目录 {catalogue.version}：{category_code} 类由{unit.name}主办{where}"
            return Advice(unit, tuple(u for u in co_units if u and u.id != unit.id), catalogue.version, why)
    return None


def _in_force(session: AnySession) -> DispatchCatalogue | None:
    """Today's catalogue, looked up once a session and day."""
    kept = session.info.get("dispatch_catalogue")
    today = clock.today()
    if kept is None or kept[0] != today:
        found = catalogue_on(session, today)
        kept = session.info["dispatch_catalogue"] = (today, found.id if found else None)
    return session.get(DispatchCatalogue, kept[1]) if kept[1] is not None else None


def _unit(session: AnySession, code: str) -> HandlingUnit | None:
    """A unit by code, remembered for the session: bulk intake asks for the same few again and again."""
    known: dict[str, int | None] = session.info.setdefault("unit_ids", {})
    if code not in known:
        found = by_code(session, code)
        known[code] = found.id if found else None
    key = known[code]
    return session.get(HandlingUnit, key) if key is not None else None


def _rules(session: AnySession, catalogue: DispatchCatalogue) -> dict[str, list[DispatchRule]]:
    kept = session.info.get("dispatch_rules")
    if kept is None or kept[0] != catalogue.id:
        by_category: dict[str, list[DispatchRule]] = {}
        for rule in catalogue.rules:
            by_category.setdefault(rule.category_code, []).append(rule)
        kept = session.info["dispatch_rules"] = (catalogue.id, by_category)
    return kept[1]


def _lead(session: AnySession, rule: DispatchRule, area: Area | None) -> HandlingUnit | None:
    if rule.lead_level and area is not None:
        local = of_place(session, area, rule.lead_level)
        if local is not None:
            return local
    return _unit(session, rule.lead_unit_code) if rule.lead_unit_code else None


def dispatch(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """派单: hand the order to ``data['lead_unit']`` (a unit's code), helped by ``data['assisting_units']``.

    Raises InvalidInput for an unknown or closed unit, NotAllowed for the unit complained of or one below it.
    """
    line = lifecycle.choose(order, "dispatch", actor, data)
    unit = _usable(session, order, str(data["lead_unit"]), "lead_unit")
    helpers = [_usable(session, order, code, "assisting_units") for code in data.get("assisting_units") or []]
    order.lead_unit = unit
    order.assisting = [AssistingUnit(unit=helper) for helper in helpers if helper.id != unit.id]
    order.dispatched_at = clock.now()
    order.dispatch_count += 1
    said = {
        "lead_unit": unit.code,
        "lead_unit_name": unit.name,
        "assisting_units": [helper.code for helper in helpers],
        "note": data.get("note") or "",
    }
    lifecycle.apply(session, order, line, actor, said)
    deadlines.meet(order, "accept")
    deadlines.start(session, order, "sign_for")


def _usable(session: AnySession, order: WorkOrder, code: str, field: str) -> HandlingUnit:
    unit = by_code(session, code)
    if unit is None or not unit.active:
        raise InvalidInput("没有这个承办单位，或已停用，请重新选择", fields={field: "没有这个单位"})
    if order.about_unit is not None and unit.is_within(order.about_unit):
        raise NotAllowed(
            f"这张工单反映的就是{order.about_unit.name}，不能派给它或它的下级", code="unit_complained_of"
        )
    return unit


def send_back(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """退单: the unit disputes that the order is theirs; ``reason`` says whose it is."""
    line = lifecycle.choose(order, "send_back", actor, data)
    order.send_back_count += 1
    lifecycle.apply(session, order, line, actor, {"reason": data["reason"]})
    deadlines.meet(order, "sign_for")


def uphold(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """同意退单: the order waits for a dispatcher again, without a unit. Bounced three times, it is escalated."""
    line = lifecycle.choose(order, "uphold", actor, data)
    order.lead_unit = None
    order.assisting = []
    lifecycle.apply(session, order, line, actor, {"reason": data["reason"]})
    if order.dispatch_count >= policy.whole(session, "dispatches_to_escalate"):
        escalate(session, order, f"改派 {order.dispatch_count} 次仍无主办单位")


def deny(session: AnySession, order: WorkOrder, actor: Actor, data: dict[str, Any]) -> None:
    """驳回退单: the unit has to sign for it; its sign-for clock starts afresh."""
    line = lifecycle.choose(order, "deny", actor, data)
    lifecycle.apply(session, order, line, actor, {"reason": data["reason"]})
    deadlines.start(session, order, "sign_for")


def escalate(session: AnySession, order: WorkOrder, why: str) -> None:
    """提级督办: mark the order for supervision, once."""
    if order.escalated:
        return
    order.escalated = True
    journal.append(session, order, "escalate", SYSTEM, origin=order.status, reason=why)
