"""近期工单 Recent orders: what the hotspot scan reads, kept from scan to scan so that only what changed is read again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, select

from analytics.records import Complaint
from core import clock
from core.areas import Area
from core.database import AnySession
from hotline.catalogue import Category
from hotline.insights.memory import told
from hotline.models import WorkOrder

# rows asked for by id at once: under SQLite's limit on parameters
_AT_ONCE = 500
# when more than this share is new, one query over the period is quicker than asking by id
_MOSTLY_NEW = 0.05

# what tells that an order is as it was: category and area are set by hand and by machine, the version counts
# everything else, the time tells orders of one id apart when a database was put back to an earlier state
_Mark = tuple[str | None, int | None, int, datetime]


class RecentOrders:
    """Orders of a period as analysis reads them. One a process; not safe to share by threads.

    An order is read again when its category, area or version changed; everything, when a category or an area was
    renamed or when it is another database.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[_Mark, Complaint]] = {}
        self._names: tuple[dict[str, str], dict[int, str]] = ({}, {})
        self._database = ""

    def read(self, session: AnySession, since: datetime, before: datetime) -> list[Complaint]:
        """Orders reported from ``since`` to before ``before`` (timezone-aware), in order of time. Writes nothing."""
        names = (
            {row.code: row.path for row in session.scalars(select(Category))},
            {key: name for key, name in session.execute(select(Area.id, Area.full_name))},
        )
        database = str(session.get_bind().engine.url)
        if names != self._names or database != self._database:
            self._known, self._names, self._database = {}, names, database
        period = (WorkOrder.reported_at >= since, WorkOrder.reported_at < before)
        marks = session.execute(
            select(
                WorkOrder.id,
                WorkOrder.category_code,
                WorkOrder.area_id,
                WorkOrder.version,
                WorkOrder.reported_at,
            )
            .where(*period)
            .order_by(WorkOrder.reported_at, WorkOrder.id)
        ).all()
        known: dict[int, tuple[_Mark, Complaint]] = {}
        stale: dict[int, _Mark] = {}
        for key, *told_by in marks:
            mark: _Mark = tuple(told_by)  # type: ignore[assignment]
            kept = self._known.get(key)
            if kept is not None and kept[0] == mark:
                known[key] = kept
            else:
                stale[key] = mark
        if len(stale) > _MOSTLY_NEW * len(marks):
            asked: Iterable[tuple[ColumnElement[bool], ...]] = (period,)
        else:
            ids = list(stale)
            asked = ((WorkOrder.id.in_(ids[i : i + _AT_ONCE]),) for i in range(0, len(ids), _AT_ONCE))
        for where in asked:
            query = select(WorkOrder.id, WorkOrder.title, WorkOrder.text, WorkOrder.complainant_key).where(
                *where
            )
            for key, title, text, who in session.execute(query):
                if key in stale:
                    known[key] = (stale[key], self._complaint(key, told(title, text), who, stale[key]))
        self._known = known
        return [known[key][1] for key, *_ in marks if key in known]

    def _complaint(self, key: int, text: str, who: str | None, mark: _Mark) -> Complaint:
        categories, areas = self._names
        category, area, _, time = mark
        return Complaint(
            id=str(key),
            time=clock.local(time),
            text=text,
            place=areas.get(area, "") if area else "",
            category=categories.get(category, "") if category else "",
            complainant=who or "",
        )
