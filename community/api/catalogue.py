"""目录 Catalogue: the public categories, for a program that lets people choose."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from community.api.blueprint import resident_api
from community.api.schemas import CategoriesOut
from core.access import open_to_everybody
from core.database import db
from hotline.catalogue import Category


@resident_api.get("/categories")
@resident_api.output(CategoriesOut)
@resident_api.doc(summary="事项分类目录")
@open_to_everybody("the catalogue is public")
def categories() -> Any:
    """Every category in use, in the order of their codes."""
    rows = db.session.scalars(select(Category).where(Category.active.is_(True)).order_by(Category.code))
    items = [
        {"code": row.code, "name": row.name, "path": row.path, "level": row.level, "about": row.about}
        for row in rows
    ]
    return {"items": items, "next_cursor": None}, 200, {"Cache-Control": "public, max-age=3600"}
