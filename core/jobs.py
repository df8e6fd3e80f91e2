"""定时任务 Jobs: work done once per period, whoever runs it and whatever crashes.

A run claims ``(job, period)`` by inserting a row with that unique key in the same transaction as the work's results.
A second scheduler finds (or waits for, and then finds) the row and leaves; a crash before the commit leaves no row,
so the next look does the work again.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import AnySession, Base, Json, UtcDateTime, insert_if_absent, only_reading


class JobRun(Base):
    """The claim on, and the outcome of, one job in one period."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "period"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    job: Mapped[str] = mapped_column(String(64))
    period: Mapped[str] = mapped_column(String(32))
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ran_by: Mapped[str] = mapped_column(String(128))
    result: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A line of the job table.

    ``period`` names the period an instant belongs to (the claim); ``cron`` are APScheduler's cron fields, in
    Shanghai time; ``work`` takes a session, the instant and what was prepared, changes state without committing, and
    returns a summary. ``prepare`` is the long look that need not hold the claim: it only reads, in a transaction of its
    own, and what it returns is given to ``work``.
    """

    name: str
    title: str
    cron: dict[str, Any]
    period: Callable[[datetime], str]
    work: Callable[[AnySession, datetime, Any], dict[str, Any]]
    prepare: Callable[[AnySession, datetime], Any] | None = None


def hourly(instant: datetime) -> str:
    """2026-11-23T09"""
    return clock.local(instant).strftime("%Y-%m-%dT%H")


def quarter_hourly(instant: datetime) -> str:
    """2026-11-23T09:15"""
    local = clock.local(instant)
    return local.replace(minute=local.minute - local.minute % 15).strftime("%Y-%m-%dT%H:%M")


def daily(instant: datetime) -> str:
    """2026-11-23"""
    return clock.local(instant).strftime("%Y-%m-%d")


def weekly(instant: datetime) -> str:
    """2026-W48"""
    return clock.iso_week(instant)


def _is_done(session: AnySession, job: Job, period: str) -> bool:
    """A look that spares the work; the claim itself decides."""
    with only_reading(session):
        return session.query(JobRun.id).filter_by(job=job.name, period=period).first() is not None


def run_once(session: AnySession, job: Job, *, force: bool = False) -> dict[str, Any] | None:
    """Do a job's work for the present period and commit claim and result together.

    Returns the summary, or None when the period was done already. With ``force`` the claim carries the time to the
    microsecond, so that a person can run a job again. Whatever the work raises rolls everything back and is raised.
    """
    now = clock.now()
    period = job.period(now)
    if force:
        period = f"{period[:10]}!{now:%H%M%S%f}"
    try:
        if _is_done(session, job, period):
            return None
        prepared = None
        if job.prepare is not None:
            with only_reading(session):
                prepared = job.prepare(session, now)
        claim = {
            "job": job.name,
            "period": period,
            "finished_at": now,
            "ran_by": f"{socket.gethostname()}:{os.getpid()}"[:128],
            "result": {},
        }
        if not insert_if_absent(session, JobRun, claim, ["job", "period"]):
            session.rollback()
            return None
        result = job.work(session, now, prepared)
        run = session.query(JobRun).filter_by(job=job.name, period=period).one()
        run.result = result
        run.finished_at = clock.now()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return result
