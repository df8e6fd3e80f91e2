"""智能建议 Suggestions: category, unit, place, duplicates, urgency and type of a complaint, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, object_session

from analytics.gazetteer import Resolution
from analytics.request_type import guess_request_type
from analytics.urgency import assess_urgency
from core import clock
from core.areas import Area
from core.audit import SYSTEM, Actor
from core.database import AnySession
from core.errors import InvalidInput
from hotline import dispatch, handling, journal
from hotline.catalogue import Category
from hotline.insights import memory
from hotline.model_registry import in_force
from hotline.models import REQUEST_TYPES, OrderInsight, TrainingExample, WorkOrder

# a place surer than this is written into the order by itself; a person can change it
SURE_OF_PLACE = 0.6
SHOW_DUPLICATES_FROM = 0.5
# a second or third guess below this only distracts
WORTH_SHOWING = 0.02
BATCH = 500
# imported history was urgent once; what is told today is urgent today
URGENT_WHILE = timedelta(days=2)


def suggest(
    session: AnySession,
    text: str,
    place_text: str = "",
    *,
    at: datetime | None = None,
    besides: int | None = None,
) -> dict[str, Any]:
    """Everything analysis suggests for a text that is not, or not yet, an order.

    Returns plain values (see docs/api.md): categories, unit, place, duplicates, urgency, request_type, model.
    ``besides`` is the id of the order itself, so that it is not its own duplicate.
    """
    if not text.strip():
        return {"categories": [], "unit": None, "place": None, "duplicates": [],
                "urgency": {"urgent": False, "kinds": [], "why": []}, "request_type": None, "model": ""}  # fmt: skip
    classifier = memory.model(session)
    ranked = classifier.top([text], k=3, level=2)[0]
    return _suggestion(session, text, place_text, at or clock.now(), ranked, besides, with_why=True)


def classify(session: AnySession, order: WorkOrder) -> OrderInsight:
    """Suggest for an order and keep it; fills in the category, place and urgency nobody has confirmed yet."""
    text = memory.told(order.title, order.text)
    ranked = memory.model(session).top([text], k=3, level=2)[0]
    return _keep(session, order, text, ranked, with_why=True)


def classify_batch(session: AnySession, order_ids: Sequence[int]) -> int:
    """The same for many orders, the model run once over all of them. The caller commits. Returns how many."""
    done = 0
    for begin in range(0, len(order_ids), BATCH):
        part = order_ids[begin : begin + BATCH]
        orders = session.scalars(
            select(WorkOrder)
            .where(WorkOrder.id.in_(part))
            .order_by(WorkOrder.id)
            .options(joinedload(WorkOrder.insight), joinedload(WorkOrder.area))
        ).all()
        texts = [memory.told(order.title, order.text) for order in orders]
        ranked = memory.model(session).top(texts, k=3, level=2) if texts else []
        for order, text, top in zip(orders, texts, ranked, strict=True):
            _keep(session, order, text, top, with_why=False)
            done += 1
        session.flush()
    return done


def classify_pending(session: AnySession, limit: int = 2000) -> int:
    """Suggest for orders that have no suggestion: taken in while the model was not to be had, or imported."""
    ids = session.scalars(
        select(WorkOrder.id)
        .outerjoin(OrderInsight)
        .where(OrderInsight.order_id.is_(None), WorkOrder.status != "ARCHIVED")
        .order_by(WorkOrder.id.desc())
        .limit(limit)
    ).all()
    return classify_batch(session, list(ids))


def confirm_category(session: AnySession, order: WorkOrder, code: str, actor: Actor) -> TrainingExample:
    """A person says what the category is; kept to learn from. Raises InvalidInput for a code not in the catalogue."""
    category = session.scalar(select(Category).where(Category.code == code, Category.active.is_(True)))
    if category is None or category.level < 2:
        raise InvalidInput("请选择目录里的二级分类", fields={"category": "没有这个分类"})
    insight = order.insight
    suggested = insight.categories[0]["code"] if insight and insight.categories else None
    before = order.category_code
    order.category_code = code
    order.category_confirmed = True
    example = session.scalar(select(TrainingExample).where(TrainingExample.order_id == order.id))
    if example is None:
        example = TrainingExample(order_id=order.id)
        session.add(example)
    example.suggested_code = suggested
    example.category_code = code
    example.model = insight.model if insight else ""
    example.corrected = suggested != code
    example.by_id = actor.staff_id
    example.at = clock.now()
    said = {"category": code, "category_path": category.path, "before": before, "suggested": suggested}
    journal.append(session, order, "classify", actor, origin=order.status, data=said)
    if insight:
        advice = dispatch.advise(session, code, order.area)
        insight.unit = _unit(advice)
    return example


def guess_type(text: str) -> str:
    """The request type a text sounds like, for a source that does not say; a complaint when nothing tells."""
    return guess_request_type(text)[0]


def reasons(order: WorkOrder) -> dict[str, list[str]]:
    """For each suggested category, by code, the words that spoke for it. Bulk intake leaves them to be asked for."""
    insight, session = order.insight, object_session(order)
    if insight is None or session is None:
        return {}
    found = {c["code"]: c["why"] for c in insight.categories if c["why"]}
    classifier = memory.model(session)
    if classifier.name != insight.model:
        return found  # another model's words would explain nothing
    text = memory.told(order.title, order.text)
    for category in insight.categories:
        if category["code"] not in found:
            weighed = classifier.explain(text, category["path"], k=6)
            found[category["code"]] = [word for word, weight in weighed if weight > 0]
    return found


def model_name(session: AnySession) -> str:
    """Name of the model that answers now."""
    return memory.model(session).name


def unreadable_model(session: AnySession) -> str | None:
    """Name of the model in force when its folder cannot be read, so that the built-in one answers in its place."""
    row = in_force(session)
    return row.name if row is not None and memory.model(session).name != row.name else None


def warm_up(session: AnySession) -> None:
    """Load what suggestions need, before the first person waits for it."""
    suggest(session, "小区门口路灯不亮")


def _keep(
    session: AnySession, order: WorkOrder, text: str, ranked: list[tuple[str, float]], *, with_why: bool
) -> OrderInsight:
    found = _suggestion(
        session,
        text,
        order.place_text,
        order.reported_at,
        ranked,
        order.id,
        with_why=with_why,
        area=order.area,
    )
    insight = order.insight or OrderInsight(order_id=order.id)
    insight.model = found["model"]
    insight.categories = found["categories"]
    insight.unit = found["unit"]
    insight.place = found["place"]
    insight.duplicates = found["duplicates"]
    insight.urgency = found["urgency"]
    insight.request_type = found["request_type"] or {}
    insight.made_at = clock.now()
    order.insight = insight
    if not order.category_confirmed and order.category_code is None and found["categories"]:
        order.category_code = found["categories"][0]["code"]
    fresh = order.status == "REGISTERED" and clock.now() - order.reported_at < URGENT_WHILE
    if found["urgency"]["urgent"] and not order.urgent and fresh:
        handling.set_urgency(session, order, True, SYSTEM)
    place = found["place"]
    if order.area_id is None and place and place["confidence"] >= SURE_OF_PLACE:
        order.area = _area(session, place["code"])
    return insight


def _suggestion(
    session: AnySession,
    text: str,
    place_text: str,
    at: datetime,
    ranked: list[tuple[str, float]],
    besides: int | None,
    *,
    with_why: bool,
    area: Area | None = None,
) -> dict[str, Any]:
    classifier = memory.model(session)
    by_path = _categories(session)
    categories: list[dict[str, Any]] = []
    for path, confidence in ranked:
        category = by_path.get(path)
        if category is None or (categories and confidence < WORTH_SHOWING):
            continue
        why = [word for word, weight in classifier.explain(text, path, k=6) if weight > 0] if with_why else []
        guess = {"code": category.code, "path": path, "confidence": round(float(confidence), 4), "why": why}
        categories.append(guess | {"alone": bool(confidence >= classifier.alone_from)})
    resolved = memory.gazetteer(session).resolve(text, place_text)
    place = _place(resolved[0]) if resolved else None
    if area is None and place:
        area = _area(session, place["code"])
    advice = dispatch.advise(session, categories[0]["code"] if categories else None, area)
    urgency = assess_urgency(text)
    kind, sureness, cues = guess_request_type(text)
    return {
        "categories": categories,
        "unit": _unit(advice),
        "place": place,
        "duplicates": _duplicates(session, text, place_text or (area.full_name if area else ""), at, besides),
        "urgency": {"urgent": urgency.urgent, "kinds": list(urgency.kinds), "why": list(urgency.why)},
        "request_type": {
            "code": kind,
            "name": REQUEST_TYPES[kind],
            "confidence": round(sureness, 3),
            "why": list(cues),
        },
        "model": classifier.name,
    }


def _categories(session: AnySession) -> dict[str, Category]:
    kept = session.info.get("categories")
    if kept is None:
        kept = session.info["categories"] = {row.path: row for row in session.scalars(select(Category))}
    return kept


def _area(session: AnySession, code: str) -> Area | None:
    """An area by code, remembered for the session."""
    ids = session.info.get("area_ids")
    if ids is None:
        ids = session.info["area_ids"] = {
            code: key for code, key in session.execute(select(Area.code, Area.id))
        }
    return session.get(Area, ids[code]) if code in ids else None


def _unit(advice: dispatch.Advice | None) -> dict[str, Any] | None:
    if advice is None:
        return None
    helpers = [{"code": unit.code, "name": unit.name} for unit in advice.co_units]
    return {"code": advice.unit.code, "name": advice.unit.name, "why": advice.why, "co_units": helpers}


def _place(found: Resolution) -> dict[str, Any]:
    why = found.why if isinstance(found.why, str) else "；".join(found.why)
    return {
        "code": found.code,
        "name": found.name,
        "path": "/".join(found.path),
        "confidence": round(float(found.confidence), 3),
        "why": why,
    }


def _duplicates(
    session: AnySession, text: str, place: str, at: datetime, besides: int | None
) -> list[dict[str, Any]]:
    matches = memory.candidates(session, at, text, place, besides=besides, k=6)
    wanted = {int(match.id): match for match in matches if match.score >= SHOW_DUPLICATES_FROM}
    wanted.pop(besides or 0, None)
    if not wanted:
        return []
    rows = session.execute(
        select(WorkOrder.id, WorkOrder.number, WorkOrder.title, WorkOrder.status).where(
            WorkOrder.id.in_(wanted)
        )
    )
    found: list[dict[str, Any]] = [
        {
            "number": number,
            "title": title,
            "status": status,
            "score": round(float(wanted[key].score), 3),
            "days_apart": round(float(wanted[key].days_apart), 1),
            "why": list(wanted[key].why),
        }
        for key, number, title, status in rows
    ]
    return sorted(found, key=lambda match: -match["score"])[:5]
