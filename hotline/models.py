"""模型 Models: the work order and everything that hangs on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.areas import Area
from core.database import Base, BigId, Json, UtcDateTime
from core.units import HandlingUnit
from hotline.catalogue import DeadlineRule

REQUEST_TYPES = {
    "inquiry": "咨询",
    "help": "求助",
    "complaint": "投诉",
    "report": "举报",
    "suggestion": "建议",
    "praise": "表扬",
}
CHANNELS = {
    "phone": "电话",
    "mini_program": "小程序",
    "web": "网站",
    "wechat": "公众号",
    "letter": "来信",
    "visit": "来访",
    "transfer": "上级转办",
    "open311": "Open311",
    "import": "批量导入",
    "sensor": "感知设备",
}
SATISFACTION = {
    "satisfied": "满意",
    "basically_satisfied": "基本满意",
    "dissatisfied": "不满意",
}


class WorkOrder(Base):
    """工单: one complainant's request and everything done about it.

    ``reported_at`` is when the person spoke (analysis counts by it); ``registered_at`` is when we wrote it down (our
    clocks run from it). They differ for imported history. The complainant's identity is kept encrypted.
    """

    __tablename__ = "work_order"
    __table_args__ = (
        UniqueConstraint("source", "external_number"),
        Index(None, "status", "reported_at"),
        Index(None, "category_code", "reported_at"),
        Index(None, "lead_unit_id", "status"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    status: Mapped[str] = mapped_column(String(16))
    request_type: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    source: Mapped[str | None] = mapped_column(String(32))
    external_number: Mapped[str | None] = mapped_column(String(64))

    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    place_text: Mapped[str] = mapped_column(String(255), default="")
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)

    category_code: Mapped[str | None] = mapped_column(String(16), index=True)
    category_confirmed: Mapped[bool] = mapped_column(default=False)
    urgent: Mapped[bool] = mapped_column(default=False)
    confidential: Mapped[bool] = mapped_column(default=False)

    complainant_name: Mapped[str | None] = mapped_column(Text)
    complainant_phone: Mapped[str | None] = mapped_column(Text)
    complainant_address: Mapped[str | None] = mapped_column(Text)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    complainant_key: Mapped[str | None] = mapped_column(String(64), index=True)

    lead_unit_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"))
    # 行政效能投诉: the unit complained of; it, and all below it, must never meet this order
    about_unit_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"), index=True)

    reported_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    review_on: Mapped[date | None] = mapped_column(Date)

    send_back_count: Mapped[int] = mapped_column(default=0)
    dispatch_count: Mapped[int] = mapped_column(default=0)
    rework_count: Mapped[int] = mapped_column(default=0)
    extension_count: Mapped[int] = mapped_column(default=0)
    missed_visit_count: Mapped[int] = mapped_column(default=0)
    extension_asked_days: Mapped[int | None] = mapped_column(Integer)
    escalated: Mapped[bool] = mapped_column(default=False)
    support_count: Mapped[int] = mapped_column(default=0)
    oppose_count: Mapped[int] = mapped_column(default=0)
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)

    area: Mapped[Area | None] = relationship()
    lead_unit: Mapped[HandlingUnit | None] = relationship(foreign_keys=[lead_unit_id])
    about_unit: Mapped[HandlingUnit | None] = relationship(foreign_keys=[about_unit_id])
    assisting: Mapped[list[AssistingUnit]] = relationship(cascade="all, delete-orphan")
    events: Mapped[list[OrderEvent]] = relationship(back_populates="order", order_by="OrderEvent.seq")
    deadlines: Mapped[list[Deadline]] = relationship(order_by="Deadline.id", cascade="all, delete-orphan")
    photos: Mapped[list[OrderPhoto]] = relationship(order_by="OrderPhoto.id")
    visit_backs: Mapped[list[VisitBack]] = relationship(order_by="VisitBack.id")
    insight: Mapped[OrderInsight | None] = relationship(back_populates="order", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}


class AssistingUnit(Base):
    """协办: a unit that helps the lead unit with an order."""

    __tablename__ = "assisting_unit"

    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("handling_unit.id"), primary_key=True, index=True)

    unit: Mapped[HandlingUnit] = relationship()


class OrderEvent(Base):
    """日志: one thing that happened to an order. Added in the same transaction as the change; never altered."""

    __tablename__ = "order_event"
    __table_args__ = (UniqueConstraint("order_id", "seq"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"))
    seq: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    actor_name: Mapped[str] = mapped_column(String(64))
    actor_role: Mapped[str] = mapped_column(String(32))
    actor_unit_id: Mapped[int | None] = mapped_column(Integer)
    from_status: Mapped[str | None] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    digest: Mapped[str] = mapped_column(String(64))

    order: Mapped[WorkOrder] = relationship(back_populates="events")


class Deadline(Base):
    """时限: one clock of one order. ``due_at`` is empty while the calendar of its year is not loaded (``waits_for``)."""

    __tablename__ = "deadline"
    __table_args__ = (Index(None, "clock", "due_at"), Index(None, "met_at", "due_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    clock: Mapped[str] = mapped_column(String(24))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    near_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waits_for: Mapped[int | None] = mapped_column(Integer)
    rule_id: Mapped[int] = mapped_column(ForeignKey("deadline_rule.id"))
    near_due_warned: Mapped[bool] = mapped_column(default=False)
    overdue_warned: Mapped[bool] = mapped_column(default=False)

    rule: Mapped[DeadlineRule] = relationship()


class OrderPhoto(Base):
    """A photo, cleaned and kept by content. ``order_id`` is empty between upload and report."""

    __tablename__ = "order_photo"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(32))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class VisitBack(Base):
    """回访: one asking. Only a valid one (somebody answered) counts in the indicators."""

    __tablename__ = "visit_back"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    by: Mapped[str] = mapped_column(String(32))
    valid: Mapped[bool] = mapped_column(Boolean)
    contacted: Mapped[bool | None] = mapped_column(Boolean)
    solved: Mapped[bool | None] = mapped_column(Boolean)
    satisfaction: Mapped[str | None] = mapped_column(String(24))
    comment: Mapped[str] = mapped_column(Text, default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"))

    order: Mapped[WorkOrder] = relationship(back_populates="visit_backs")


class OrderInsight(Base):
    """智能建议: what analysis suggests for an order, with its confidence, its reasons and the model that said so."""

    __tablename__ = "order_insight"

    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), primary_key=True)
    model: Mapped[str] = mapped_column(String(64))
    categories: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    unit: Mapped[dict[str, Any] | None] = mapped_column(Json)
    place: Mapped[dict[str, Any] | None] = mapped_column(Json)
    duplicates: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    urgency: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    request_type: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    order: Mapped[WorkOrder] = relationship(back_populates="insight")


class TrainingExample(Base):
    """A category a person chose, kept to learn from: what was suggested, what was right, who said so."""

    __tablename__ = "training_example"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), unique=True)
    suggested_code: Mapped[str | None] = mapped_column(String(16))
    category_code: Mapped[str] = mapped_column(String(16))
    model: Mapped[str] = mapped_column(String(64), default="")
    corrected: Mapped[bool] = mapped_column(Boolean)
    by_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ImportBatch(Base):
    """批量导入: one file taken in, whole."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(32))
    by_id: Mapped[int | None] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16))
    rows: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    already: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    classified: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[str]] = mapped_column(Json, default=list)


class DeadlineWarning(Base):
    """预警: a near-due or overdue notice, once per clock, shown to the unit and to supervision."""

    __tablename__ = "deadline_warning"
    __table_args__ = (UniqueConstraint("deadline_id", "kind"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id", ondelete="CASCADE"))
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    order: Mapped[WorkOrder] = relationship()
    deadline: Mapped[Deadline] = relationship()


class PublishedReport(Base):
    """周报: one published report; its figures and files are kept byte for byte."""

    __tablename__ = "weekly_report"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    week: Mapped[str] = mapped_column(String(10), unique=True)
    scope: Mapped[str] = mapped_column(String(64))
    cut_off: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[str] = mapped_column(String(64))
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
    html: Mapped[str] = mapped_column(Text)
    docx: Mapped[bytes] = mapped_column(LargeBinary)
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
