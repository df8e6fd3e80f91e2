"""漂移监测 Drifting: each week's orders, as the model saw them, against the eight weeks before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from analytics.drift import Sample, drift
from analytics.features import words_of
from core import clock
from core.database import AnySession
from hotline.insights import memory
from hotline.model_registry import DriftWeek
from hotline.models import WorkOrder

BEFORE = timedelta(weeks=8)
MOST = 4_000  # orders of a period that are read: shares do not get better with more


def look(session: AnySession, now: datetime) -> tuple[str, dict[str, Any]]:
    """(ISO week, figures) of the last finished week. Only reads."""
    local = clock.local(now)
    monday = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())
    begin = monday - timedelta(weeks=1)
    week = clock.iso_week(begin)
    found = drift(_sample(session, begin - BEFORE, begin), _sample(session, begin, monday))
    return week, found.figures() | {"model": memory.model(session).name}


def keep(session: AnySession, now: datetime, found: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Write the week down, once. Does not commit."""
    week, figures = found
    row = session.scalar(select(DriftWeek).where(DriftWeek.week == week))
    if row is None:
        row = DriftWeek(week=week)
        session.add(row)
    row.at, row.level, row.figures = now, figures["level"], figures
    return {"week": week, "level": figures["level"], "verdict": figures["verdict"]}


def _sample(session: AnySession, begin: datetime, end: datetime) -> Sample:
    """The orders of a period as the model now in force sees them.

    What was suggested at the time will not do: another model may have answered then, and the change of models would
    look like a change of orders.
    """
    classifier = memory.model(session)
    rows = session.execute(
        select(WorkOrder.title, WorkOrder.text)
        .where(WorkOrder.reported_at >= begin, WorkOrder.reported_at < end)
        .order_by(WorkOrder.id.desc())
        .limit(MOST)
    )
    words = [said for said in (words_of(memory.told(title, text)) for title, text in rows) if said]
    guesses = [ranked[0] for ranked in classifier.top(words, k=1, level=2)]
    return Sample(
        labels=[label for label, _ in guesses],
        confidences=[sure for _, sure in guesses],
        words=words,
        known=[classifier.known_share(said) for said in words],
    )
