"""区域 Areas: the tree 市→区→街道→社区→网格→微网格 that orders, units and hotspots stand on."""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import AnySession, Base, Json

LEVELS = {
    "city": "市",
    "district": "区",
    "street": "街道",
    "community": "社区",
    "grid": "网格",
    "micro_grid": "微网格",
}


class Area(Base):
    """A node of the area tree. ``path`` is the codes from the root down, ``/city/district/…/``: a prefix is a subtree."""

    __tablename__ = "area"
    __table_args__ = (Index(None, "path"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    path: Mapped[str] = mapped_column(String(255))
    full_name: Mapped[str] = mapped_column(String(255))
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)
    aliases: Mapped[list[str]] = mapped_column(Json, default=list)

    parent: Mapped[Area | None] = relationship(remote_side=[id])

    def is_within(self, other: Area) -> bool:
        """True for the area itself and everything below it."""
        return self.path.startswith(other.path)


class Estate(Base):
    """A place people name when they complain: a housing estate, road, market, school; it lies in an area."""

    __tablename__ = "estate"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    aliases: Mapped[list[str]] = mapped_column(Json, default=list)

    area: Mapped[Area] = relationship()


def path_names(area: Area) -> tuple[str, ...]:
    """Names from the district down, such as ("青羊区", "府南街道", "同德社区")."""
    return tuple(area.full_name.split("/"))


def at_level(session: AnySession, area: Area, level: str) -> Area | None:
    """The ancestor (or the area itself) that stands at a level; None when the area is coarser than that."""
    codes = [code for code in area.path.split("/") if code]
    return session.scalar(select(Area).where(Area.code.in_(codes), Area.level == level))
