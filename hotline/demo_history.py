"""演示历史 Demo history: the generator's made-up lives, lived through the real rules with the clock set back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from core import clock
from core import staff as accounts
from core.areas import Area
from core.audit import RESIDENT, SYSTEM, Actor, actor_of
from core.database import AnySession
from core.errors import Conflict, RuleError
from core.installation import fact, set_fact
from core.privacy import Vault
from core.units import HandlingUnit, by_code
from hotline import insights, intake, verbs
from hotline.demo import DemoOrder, FateStep, generate
from hotline.demo_accounts import ACCOUNTS, PASSWORD
from hotline.models import WorkOrder
from hotline.policy import FIRST_VALUES

Tell = Callable[[str, int, int], None]

_ACTIONS = {"approve_extension": "extend_deadline"}
_ROLES = {
    "operator": "intake_operator",
    "dispatcher": "dispatcher",
    "clerk": "unit_clerk",
    "lead": "unit_lead",
    "supervisor": "supervisor",
    "visit_agent": "visit_back_agent",
}
COMMIT_EVERY = 150
DEMO_WATCH = timedelta(days=40)
REPORTS = 2
MISSED = int(FIRST_VALUES["missed_visits_to_close"][0])


def is_loaded(session: AnySession) -> bool:
    """Whether this database holds the demo."""
    return fact(session, "demo") is not None


def load(
    session: AnySession, vault: Vault, *, weeks: int, orders: int, seed: int, tell: Tell
) -> dict[str, Any]:
    """Fill an empty database with the demo: accounts, history, suggestions, hotspots, the last weekly reports.

    Commits as it goes; the mark that it is demo data comes first, so that a database left half-way can never be taken
    for a real one. Raises Conflict when the database holds orders already.
    """
    if session.scalar(select(func.count()).select_from(WorkOrder)):
        raise Conflict("数据库里已有工单，不能再装演示数据。请换一个数据库，或设 INSTANCE_PATH")
    as_of = clock.now()
    set_fact(session, "demo", as_of.isoformat())
    people = _staff(session)
    session.commit()
    history = generate(weeks=weeks, orders=orders, seed=seed, as_of=as_of)
    by_number: dict[int, int] = {}
    areas = {area.code: area for area in session.scalars(select(Area))}
    for done, told in enumerate(history.orders, start=1):
        with clock.set_to(told.reported_at):
            order = intake.accept(session, vault, _request(told, areas), people["intake_operator"])
        by_number[told.number] = order.id
        if done % COMMIT_EVERY == 0:
            _save(session)
            areas = {area.code: area for area in session.scalars(select(Area))}
            tell("登记诉求", done, len(history.orders))
    _save(session)
    _classify(session, list(by_number.values()), tell)
    for done, told in enumerate(history.orders, start=1):
        _live(session, session.get_one(WorkOrder, by_number[told.number]), told, people)
        if done % COMMIT_EVERY == 0:
            _save(session)
            tell("派单、办理、回访", done, len(history.orders))
    _save(session)
    tell("扫描热点", 0, 1)
    # as if the scan had run daily for six weeks, so that hotspots come with what became of them
    found = insights.replay_hotspots(session, as_of - DEMO_WATCH, as_of, every=timedelta(days=1))
    names = [row.name for row in found]
    session.commit()
    weeks_out = _publish(session, as_of, tell)
    return {
        "orders": len(by_number),
        "events": [event.name for event in history.events],
        "hotspots": names,
        "reports": weeks_out,
    }


def _save(session: AnySession) -> None:
    session.commit()
    session.expunge_all()
    session.info.clear()  # what was read along the way belongs to the objects just let go


def _staff(session: AnySession) -> dict[str, Actor]:
    people: dict[str, Actor] = {}
    for account in ACCOUNTS:
        made = accounts.add(
            session,
            username=account.username,
            name=account.name,
            role=account.role,
            password=PASSWORD,
            unit=by_code(session, account.unit) if account.unit else None,
            must_change_password=False,
        )
        people.setdefault(account.role, actor_of(made))
    return people


def _request(told: DemoOrder, areas: dict[str, Area]) -> intake.Request:
    return intake.Request(
        text=told.text,
        title=told.title,
        channel=told.channel,
        request_type=told.request_type,
        place_text=told.place_text,
        area=areas.get(told.area_code),
        name=told.complainant.name,
        phone=told.complainant.phone,
        address=told.complainant.home,
        confidential=told.confidential,
        urgent=told.urgent,
        support_count=told.votes,
    )


def _classify(session: AnySession, ids: list[int], tell: Tell) -> None:
    for begin in range(0, len(ids), 300):
        insights.classify_batch(session, ids[begin : begin + 300])
        _save(session)
        tell("分类", min(begin + 300, len(ids)), len(ids))


def _live(session: AnySession, order: WorkOrder, told: DemoOrder, people: dict[str, Actor]) -> None:
    """Everything that happened to one order, each step at its time."""
    for step in told.fate.steps:
        with clock.set_to(step.at):
            if step.action in ("dispatch", "answer_directly", "decline") and not order.category_confirmed:
                insights.confirm_category(session, order, told.true_category, people[_ROLES[step.actor]])
        for number, (action, actor, data) in enumerate(_said(order, step, people)):
            # several asks in a row are not made in the same second
            with clock.set_to(step.at + timedelta(seconds=20 * number)):
                try:
                    verbs.perform(session, order, action, actor, data)
                except RuleError as error:
                    message = f"demo order {told.number}: {action} at {step.at}: {error.detail}"
                    raise RuntimeError(message) from error


def _said(
    order: WorkOrder, step: FateStep, people: dict[str, Actor]
) -> list[tuple[str, Actor, dict[str, Any]]]:
    """The actions a step of the plan stands for; nearly always one."""
    data = dict(step.data)
    action = _ACTIONS.get(step.action, step.action)
    said: dict[str, Any] = {"reason": step.note or "按规定办理"}
    if action == "dispatch":
        said = {"lead_unit": data["unit"], "assisting_units": data.get("co_units") or [], "note": step.note}
    elif action == "decline":
        said = {"legal_route": data["route"], "reason": step.note or "不属于热线受理范围"}
    elif action == "answer_directly":
        said = {"answer": step.note}
    elif action == "reply":
        said = {"reply": step.note}
    elif action in ("contact", "note"):
        said = {"note": step.note or "已电话联系诉求人，核实情况"}
    elif action == "ask_extension":
        said |= {"days": data["working_days"]}
    elif action == "suspend":
        said |= {"review_on": data["review_on"]}
    elif action == "visit_back":
        if not data["reached"]:
            who = _who(order, step, people)
            missed = ("miss_visit", who, {"reason": step.note or "无人接听"})
            return [*[missed] * MISSED, ("close_unreached", who, {"reason": "多次回访无人接听"})]
        said = {name: data.get(name) for name in ("contacted", "solved", "satisfaction", "comment")}
    return [(action, _who(order, step, people), said)]


def _who(order: WorkOrder, step: FateStep, people: dict[str, Actor]) -> Actor:
    if step.actor == "resident":
        return RESIDENT
    role = _ROLES[step.actor]
    if role not in ("unit_clerk", "unit_lead"):
        return people[role]
    unit: HandlingUnit | None = order.lead_unit
    if unit is None:
        return people[role]
    return Actor(
        role=role,
        name=f"{unit.name}{'审核' if role == 'unit_lead' else '经办'}",
        unit_id=unit.id,
        unit_path=unit.path,
    )


def _publish(session: AnySession, as_of: datetime, tell: Tell) -> list[str]:
    """The last weeks' reports, each published on its Monday morning."""
    published = []
    for back in range(REPORTS, 0, -1):
        monday = clock.monday_of(clock.iso_week(as_of - timedelta(weeks=back - 1)))
        when = min(monday + timedelta(hours=6), as_of)
        week = clock.iso_week(monday - timedelta(days=1))
        tell(f"生成 {week} 周报", REPORTS - back, REPORTS)
        with clock.set_to(when):
            insights.publish_weekly_report(session, week, SYSTEM.name)
            session.commit()
        published.append(week)
    return published
