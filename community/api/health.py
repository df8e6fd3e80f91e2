"""健康 Health: whether this server can take a report right now, for whatever stands in front of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from community.api.blueprint import resident_api
from community.api.schemas import HealthOut
from core import problems, readiness
from core.access import open_to_everybody
from core.database import db


@resident_api.get("/health")
@resident_api.output(HealthOut)
@resident_api.doc(
    summary="服务状况", description="数据库连得上、版本对得上时为 200，否则 503。", responses=[503]
)
@open_to_everybody("load balancers ask without an account")
def health() -> Any:
    """200 when the database answers and stands at the version of the code, else 503."""
    try:
        stands = readiness.current(db.engine)
    except SQLAlchemyError as error:
        current_app.logger.error("health: %s", error)
        return problems.answer(503, "database_unreachable", "数据库连不上，请稍后再试")
    if stands != _head():
        return problems.answer(503, "database_outdated", "数据库正在升级，请稍后再试")
    return {"status": "ok"}


@lru_cache(maxsize=1)
def _head() -> str | None:
    """The newest migration; the code does not change under a running server."""
    return readiness.head()
