"""登记 Registration: what the hotline gives the ground floor to use: seeds, encrypted columns, checks of the doctor."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

from flask import Flask, current_app
from sqlalchemy import func, select

from core import clock, database, readiness, rotation
from core.commands.doctor import CHECKS
from core.database import db
from core.workdays import CalendarNotLoaded
from hotline import deadlines, insights, seeding
from hotline.models import Deadline, WorkOrder


def install() -> None:
    """Register once; calling it again changes nothing."""
    if seeding.seed in readiness.FILLERS:
        return
    readiness.FILLERS.append(seeding.seed)
    table = WorkOrder.__table__
    for field in ("name", "phone", "address"):
        rotation.ENCRYPTED.append((table, "id", f"complainant_{field}", field))  # type: ignore[arg-type]
    CHECKS.extend((("节假日安排", _calendar), ("中文字体", _font), ("分类模型", _model)))


def warm_in_background(app: Flask) -> None:
    """Load the model and the names of places before the first person waits for them."""

    def warm() -> None:
        with app.app_context(), database.reading():
            try:
                insights.warm_up(db.session)
            except Exception:
                app.logger.exception("suggestions could not be warmed up")
            finally:
                db.session.remove()

    threading.Thread(target=warm, daemon=True, name="warm-up").start()


def _calendar() -> Iterator[str]:
    """The longest clock must be computable for orders taken in within the next two months."""
    calendar = deadlines.calendar(db.session)
    for ahead in (0, 60):
        try:
            calendar.add_working_days(clock.now() + timedelta(days=ahead), 15)
        except CalendarNotLoaded as missing:
            yield str(missing)
            break
    waiting = db.session.scalar(
        select(func.count()).select_from(Deadline).where(Deadline.waits_for.is_not(None))
    )
    if waiting:
        yield f"有 {waiting} 个时限在等节假日安排；载入后会自动推算"


def _font() -> Iterator[str]:
    try:
        insights.require_font()
    except insights.FontMissing as missing:
        yield str(missing)


def _model() -> Iterator[str]:
    try:
        insights.warm_up(db.session)
        if name := insights.unreadable_model(db.session):
            yield f"现用的分类模型 {name} 读不出来，内置模型在代答；用 flask model rollback 退回，或从备份取回它的文件夹"
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the doctor says so and goes on
        yield f"分类模型不可用：{error}。删除 {current_app.extensions['settings'].model_folder} 里 builtin- 开头的文件夹后重试"
