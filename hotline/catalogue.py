"""目录 Catalogue: what is data and not code: categories, who answers for what, how long each clock may run, holidays."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Json, UtcDateTime


class Category(Base):
    """事项分类: a node of the category catalogue. ``code`` is stable; ``path`` reads 城乡建设/物业管理."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(128), unique=True)
    level: Mapped[int] = mapped_column(Integer)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), index=True)
    about: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)


class DispatchCatalogue(Base):
    """派单目录: one version of the rules that say which unit answers for what, from a date on."""

    __tablename__ = "dispatch_catalogue"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[str] = mapped_column(String(32), unique=True)
    effective_from: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="")

    rules: Mapped[list[DispatchRule]] = relationship(back_populates="catalogue", cascade="all, delete-orphan")


class DispatchRule(Base):
    """A category (× area) → the unit that leads: one named unit, or the unit of the place at ``lead_level``."""

    __tablename__ = "dispatch_rule"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    catalogue_id: Mapped[int] = mapped_column(ForeignKey("dispatch_catalogue.id"), index=True)
    category_code: Mapped[str] = mapped_column(String(16))
    area_code: Mapped[str | None] = mapped_column(String(32))
    lead_unit_code: Mapped[str | None] = mapped_column(String(32))
    lead_level: Mapped[str | None] = mapped_column(String(16))
    co_unit_codes: Mapped[list[str]] = mapped_column(Json, default=list)
    co_levels: Mapped[list[str]] = mapped_column(Json, default=list)
    source: Mapped[str] = mapped_column(Text, default="")

    catalogue: Mapped[DispatchCatalogue] = relationship(back_populates="rules")


class DeadlineRule(Base):
    """时限规则: how long a clock may run. The newest version in force whose conditions fit is the one used."""

    __tablename__ = "deadline_rule"
    __table_args__ = (Index(None, "clock"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[str] = mapped_column(String(32))
    effective_from: Mapped[date] = mapped_column(Date)
    clock: Mapped[str] = mapped_column(String(24))
    request_types: Mapped[list[str]] = mapped_column(Json, default=list)
    category_code: Mapped[str | None] = mapped_column(String(16))
    area_code: Mapped[str | None] = mapped_column(String(32))
    urgent: Mapped[bool | None] = mapped_column(Boolean)
    amount: Mapped[float] = mapped_column(Float)
    unit: Mapped[str] = mapped_column(String(16))
    near_due_share: Mapped[float] = mapped_column(Float)
    near_due_hours: Mapped[float] = mapped_column(Float)
    source: Mapped[str] = mapped_column(Text, default="")


class CalendarYear(Base):
    """A year of public holidays and make-up workdays an administrator loaded beside the package's own."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    holidays: Mapped[list[str]] = mapped_column(Json)
    make_up_workdays: Mapped[list[str]] = mapped_column(Json)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
