"""What a worker process keeps in memory for suggestions: the model, the gazetteer, and the recent orders' index.

All three are made on first use and follow the database: the gazetteer when places change, the index by new orders.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from analytics.classifier import ComplaintClassifier, ModelError, builtin_model, load_model
from analytics.duplicates import DuplicateIndex, Match
from analytics.gazetteer import Gazetteer, Place
from core.areas import Area, Estate
from core.database import AnySession
from core.settings import Settings
from hotline.model_registry import in_force
from hotline.models import WorkOrder

# recent orders kept for duplicate hints; at a district's 2,000 a day that is over three months
KEEP_ORDERS = 200_000
DUPLICATE_WINDOW = timedelta(days=30)
READ_AT_FIRST, READ_LATER = 5_000, 1_000
# rows committed a little late must still be seen: look back this many ids at each refresh
OVERLAP = 500

_lock = threading.RLock()
_model: tuple[str, ComplaintClassifier] | None = None
_gazetteer: tuple[tuple[int, int, int], Gazetteer] | None = None


class _Index:
    """The duplicate index of one database, fed by new rows; older ones come in little by little.

    Reading 200,000 orders takes most of a minute, which nobody should wait for: the first question reads the latest
    ones, each later question some of those before.
    """

    def __init__(self) -> None:
        self.index = DuplicateIndex(window=DUPLICATE_WINDOW)
        self.recent: set[int] = set()  # ids taken in, as far back as `OVERLAP`
        self.left_out: set[int] = set()  # ids not taken in because they were the asked order's own
        self.first = self.last = 0  # ids from … to … have been taken in
        self.newest = -1

    def refresh(self, session: AnySession, besides: int | None) -> None:
        newest = session.scalar(select(func.max(WorkOrder.id))) or 0
        crowded = len(self.index) > 2 * KEEP_ORDERS or newest > self.last + 4 * READ_AT_FIRST
        if newest < self.last or (self.last and crowded):
            # another database under the same process (a test, a restore), or too much at once: begin again
            self.__init__()  # type: ignore[misc]
        if newest != self.newest:
            if not self.last:
                self.first = max(newest - READ_AT_FIRST, 0) + 1
            self._take(session, besides, WorkOrder.id >= max(self.last - OVERLAP, self.first))
            self.newest = newest
            self.recent = {key for key in self.recent if key > self.last - 2 * OVERLAP}
        if again := self.left_out - {besides}:
            self._take(session, besides, WorkOrder.id.in_(again))
            self.left_out -= again
        if besides is not None and besides > self.last - OVERLAP and besides not in self.recent:
            self.left_out.add(besides)
        oldest = max(newest - KEEP_ORDERS, 0) + 1
        if self.first > oldest:
            before, self.first = self.first, max(self.first - READ_LATER, oldest)
            self._take(session, None, WorkOrder.id >= self.first, WorkOrder.id < before)

    def _take(self, session: AnySession, besides: int | None, *where: ColumnElement[bool]) -> None:
        query = (
            select(
                WorkOrder.id,
                WorkOrder.reported_at,
                WorkOrder.title,
                WorkOrder.text,
                WorkOrder.place_text,
                Area.full_name,
            )
            .outerjoin(Area, Area.id == WorkOrder.area_id)
            .where(WorkOrder.id != (besides or 0), *where)
            .order_by(WorkOrder.id)
        )
        for key, time, title, text, place_text, area in session.execute(query):
            if key not in self.recent:
                self.index.add(str(key), time, told(title, text), place_text or area or "")
                self.recent.add(key)
                self.last = max(self.last, key)


_indexes: dict[str, _Index] = {}


def told(title: str, text: str) -> str:
    """What a complaint says, title and text, once."""
    return text if not title or text.startswith(title.rstrip("…")) else f"{title}。{text}"


def model(session: AnySession) -> ComplaintClassifier:
    """The classifier in force: the one put in force for this installation, else the built-in one.

    Every worker process follows the database, asked once a session. A folder that does not hold is not fatal: intake
    goes on with the built-in model, and the log and the doctor say so.
    """
    global _model  # noqa: PLW0603 - one per process, on purpose
    folder = session.info.get("model_folder")
    if folder is None:
        row = in_force(session)
        folder = session.info["model_folder"] = row.folder if row else ""
    with _lock:
        if _model is None or _model[0] != folder:
            _model = (folder, _load(folder))
        return _model[1]


def _load(folder: str) -> ComplaintClassifier:
    settings: Settings = current_app.extensions["settings"]
    if folder:
        try:
            return load_model(settings.model_folder / folder)
        except ModelError:
            current_app.logger.exception("the model in force cannot be read; the built-in one answers")
    return builtin_model(settings.model_folder)


def gazetteer(session: AnySession) -> Gazetteer:
    """All areas and estates by name; made again when their number changes or one is replaced."""
    global _gazetteer  # noqa: PLW0603 - one per process, on purpose
    size = session.info.get("places")  # asked once a session, not once an order
    if size is None:
        areas_known = session.scalar(select(func.count()).select_from(Area)) or 0
        estates_known, newest = session.execute(select(func.count(), func.max(Estate.id))).one()
        size = session.info["places"] = (areas_known, estates_known, newest or 0)
    with _lock:
        if _gazetteer is None or _gazetteer[0] != size:
            areas = [
                Place(area.code, area.name, area.level, tuple(area.full_name.split("/")), tuple(area.aliases))
                for area in session.scalars(select(Area))
            ]
            estates = [
                Place(
                    estate.area.code,
                    estate.name,
                    "estate",
                    (*estate.area.full_name.split("/"), estate.name),
                    tuple(estate.aliases),
                )
                for estate in session.scalars(select(Estate).options(joinedload(Estate.area)))
            ]
            _gazetteer = (size, Gazetteer([*areas, *estates]))
        return _gazetteer[1]


def candidates(
    session: AnySession, at: datetime, text: str, place: str, *, besides: int | None, k: int
) -> list[Match]:
    """Likely duplicates of a complaint among the recent orders, best first.

    ``besides`` is an order of this very transaction: not its own duplicate, and not to be remembered before it is
    committed.
    """
    session.connection()  # on SQLite this may wait for the writer, who may wait for us: so before we lock
    with _lock:
        index = _indexes.setdefault(str(session.get_bind().engine.url), _Index())
        index.refresh(session, besides)
        return index.index.candidates(at, text, place, k=k)


def forget() -> None:
    """Drop everything kept, for tests and after a model is promoted."""
    global _model, _gazetteer  # noqa: PLW0603 - one per process, on purpose
    with _lock:
        _model = None
        _gazetteer = None
        _indexes.clear()


def forget_orders() -> None:
    """Drop the index of recent orders only."""
    with _lock:
        _indexes.clear()
