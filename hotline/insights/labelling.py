"""待标注 Labelling: the orders a person should confirm next, so that the model learns most from the fewest."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from analytics.active import Candidate, choose
from core import clock
from core.audit import Actor
from core.database import AnySession
from hotline import queries
from hotline.insights import memory
from hotline.models import OrderInsight, WorkOrder

RECENT = timedelta(days=60)
LOOKED_AT = 3_000
_ALIKE = 24  # opening characters that make two orders twins


def to_label(session: AnySession, actor: Actor, k: int = 20) -> list[WorkOrder]:
    """The orders within the caller's sight whose category should be confirmed next, most telling first."""
    rows = session.scalars(
        select(WorkOrder)
        .join(OrderInsight, OrderInsight.order_id == WorkOrder.id)
        .where(
            queries.visible_to(actor),
            WorkOrder.category_confirmed.is_(False),
            WorkOrder.reported_at >= clock.now() - RECENT,
        )
        .order_by(WorkOrder.id.desc())
        .limit(LOOKED_AT)
        .options(joinedload(WorkOrder.insight), joinedload(WorkOrder.area))
    ).all()
    by_id, candidates = {}, []
    for order in rows:
        insight = order.insight
        if insight is None or not insight.categories:
            continue
        chances = [float(guess["confidence"]) for guess in insight.categories]
        by_id[order.id] = order
        candidates.append(
            Candidate(
                key=order.id,
                first=chances[0],
                second=chances[1] if len(chances) > 1 else 0.0,
                label=insight.categories[0]["code"],
                age=(clock.now() - order.reported_at).total_seconds() / 86400,
                twin=memory.told(order.title, order.text)[:_ALIKE],
                disputed=order.send_back_count > 0,
            )
        )
    return [by_id[chosen.key] for chosen in choose(candidates, k)]
