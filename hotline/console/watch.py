"""预警与任务 Warnings and jobs."""

from __future__ import annotations

import json

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core.access import current_actor, for_staff
from core.audit import record
from core.database import db
from core.errors import NotFound
from core.jobs import JobRun, run_once
from hotline import warnings as due_warnings
from hotline.jobs import JOBS
from hotline.models import DeadlineWarning, WorkOrder

PAGE = 50


@for_staff(
    "unit_clerk",
    "unit_lead",
    "grid_worker",
    "dispatcher",
    "supervisor",
    "intake_operator",
    "visit_back_agent",
)
def warnings() -> ResponseReturnValue:
    """Near-due and overdue warnings in the caller's sight."""
    page = max(1, request.args.get("page", 1, type=int))
    query = due_warnings.seen_by(current_actor())
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = db.session.scalars(
        query.options(
            joinedload(DeadlineWarning.order).joinedload(WorkOrder.lead_unit),
            joinedload(DeadlineWarning.deadline),
        )
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return render_template(
        "hotline/warnings.html", rows=rows, kinds=due_warnings.KINDS, page=page, total=total,
        pages=max(1, -(-total // PAGE)),
    )  # fmt: skip


@for_staff("administrator", "supervisor")
def jobs() -> ResponseReturnValue:
    """The job table and the latest runs."""
    latest = db.session.scalars(select(JobRun).order_by(JobRun.finished_at.desc()).limit(100)).all()
    last: dict[str, JobRun] = {}
    for run in latest:
        last.setdefault(run.job, run)
    return render_template("hotline/jobs.html", jobs=JOBS.values(), last=last, runs=latest[:20], table=JOBS)


@for_staff("administrator", "supervisor")
def once(name: str) -> ResponseReturnValue:
    """Do a job now."""
    if name not in JOBS:
        raise NotFound("没有这个任务")
    record(db.session, current_actor(), "job.once", f"job:{name}")
    result = run_once(db.session, JOBS[name], force=True)
    flash(f"{JOBS[name].title}：{json.dumps(result, ensure_ascii=False)}", "success")
    return redirect(url_for("desk.jobs"))
