"""承办单位 Handling units: who answers for an order, as a tree of its own beside the area tree."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.areas import Area, at_level
from core.database import AnySession, Base


class HandlingUnit(Base):
    """A unit; ``path`` is the codes from the root down, so that a prefix is the unit and everything below it."""

    __tablename__ = "handling_unit"
    __table_args__ = (Index(None, "path"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    path: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)

    parent: Mapped[HandlingUnit | None] = relationship(remote_side=[id])
    area: Mapped[Area | None] = relationship()

    def is_within(self, other: HandlingUnit) -> bool:
        """True for the unit itself and everything below it."""
        return self.path.startswith(other.path)


def by_code(session: AnySession, code: str) -> HandlingUnit | None:
    """The unit with a code, or None."""
    return session.scalar(select(HandlingUnit).where(HandlingUnit.code == code))


def of_place(session: AnySession, area: Area, level: str) -> HandlingUnit | None:
    """The unit answering for a place at a level: the 街道 office or the 社区 committee the place lies in."""
    above = at_level(session, area, level)
    if above is None:
        return None
    return session.scalar(
        select(HandlingUnit).where(
            HandlingUnit.area_id == above.id, HandlingUnit.level == level, HandlingUnit.active.is_(True)
        )
    )
