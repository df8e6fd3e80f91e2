"""回放记录 Backtest runs: replays that were asked for, how far they are, and what they found."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Float, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import AnySession, Base, Json, UtcDateTime
from core.errors import Conflict, InvalidInput, NotFound

STATES = {
    "reading": "正在读取",
    "replaying": "正在回放",
    "done": "完成",
    "refused": "未回放",
    "failed": "出错",
}
RUNNING = ("reading", "replaying")
KEPT = 60
STILL = timedelta(minutes=15)  # a run that has not moved for so long is dead: its process ended
MOST_WEEKS, MOST_INJECTED, MOST_BUDGET = 26, 60, 14.0
USUAL_WEEKS, USUAL_INJECTED = 8, 20


class BacktestRun(Base):
    """回放: one replay. ``weeks`` before the day it was asked for, at ``budget`` false alarms a week, with ``injected``
    hidden events; ``done`` of ``total`` scans; ``report`` as `analytics.backtest_run` tells it."""

    __tablename__ = "backtest_run"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(String(64))
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    weeks: Mapped[int] = mapped_column(Integer)
    budget: Mapped[float] = mapped_column(Float)
    injected: Mapped[int] = mapped_column(Integer)
    seed: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    problem: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


def begin(
    session: AnySession, by: str, *, weeks: int, budget: float, injected: int, seed: int = 1
) -> BacktestRun:
    """A new run, to be carried out. The caller commits.

    Raises InvalidInput on numbers out of range and Conflict while another run is under way.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise InvalidInput(f"回放周数应在 1 到 {MOST_WEEKS} 之间")
    if not 0 < budget <= MOST_BUDGET:
        raise InvalidInput(f"每周容许的误报应大于 0、不超过 {MOST_BUDGET:g} 次")
    if not 0 <= injected <= MOST_INJECTED:
        raise InvalidInput(f"藏入的事件应在 0 到 {MOST_INJECTED} 个之间")
    now = clock.now()
    for other in session.scalars(select(BacktestRun).where(BacktestRun.state.in_(RUNNING))):
        if now - other.moved_at < STILL:
            raise Conflict(f"{other.asked_by} 的回放正在进行，请等它完成")
        fail(other)
    run = BacktestRun(
        token=secrets.token_urlsafe(16), state="reading", asked_at=now, asked_by=by, moved_at=now, weeks=weeks,
        budget=budget, injected=injected, seed=seed, done=0, total=0, problem="", report={},
    )  # fmt: skip
    session.add(run)
    session.flush()
    return run


def finish(session: AnySession, run: BacktestRun, report: dict[str, Any]) -> None:
    """Keep what a run found; the oldest runs beyond sixty are let go."""
    run.report, run.state = report, "done"
    run.done = run.total
    run.finished_at = run.moved_at = clock.now()
    session.flush()
    for old in session.scalars(select(BacktestRun).order_by(BacktestRun.id.desc()).offset(KEPT)):
        session.delete(old)


def refuse(run: BacktestRun, why: str) -> None:
    """The history did not allow it."""
    run.state, run.problem = "refused", why
    run.finished_at = run.moved_at = clock.now()


def fail(run: BacktestRun) -> None:
    """It broke off."""
    run.state, run.problem = "failed", "回放中断，没有结果。请重新开始；再次中断请联系管理员"
    run.finished_at = clock.now()


def get(session: AnySession, token: str) -> BacktestRun:
    """A run by its token. Raises NotFound."""
    run = session.scalar(select(BacktestRun).where(BacktestRun.token == token))
    if run is None:
        raise NotFound("没有这次回放，请从回放页面进入")
    return run


def latest(session: AnySession, most: int = 20) -> list[BacktestRun]:
    """The latest runs, newest first."""
    return list(session.scalars(select(BacktestRun).order_by(BacktestRun.id.desc()).limit(most)))


def is_over(run: BacktestRun) -> bool:
    """Whether nothing more will come of it: it ended, or has not moved for a quarter of an hour."""
    return run.state not in RUNNING or clock.now() - run.moved_at >= STILL
