"""``flask jobs run``, ``list`` and ``once``."""

from __future__ import annotations

import json

import click
from flask import current_app

from core.database import db
from core.jobs import JobRun, run_once
from core.readiness import with_database
from hotline.jobs import JOBS
from hotline.scheduler import serve


@click.group("jobs")
def jobs() -> None:
    """定时任务。"""


@jobs.command("run")
@with_database
def run() -> None:
    """运行定时任务，直到被停止。可以同时运行几个：每个时段的任务只会做一次。"""
    serve(current_app._get_current_object())  # type: ignore[attr-defined]


@jobs.command("list")
@with_database
def list_() -> None:
    """列出任务、时间和最近一次运行。"""
    for job in JOBS.values():
        last = db.session.scalar(
            db.select(JobRun).where(JobRun.job == job.name).order_by(JobRun.finished_at.desc()).limit(1)
        )
        when = " ".join(f"{key}={value}" for key, value in job.cron.items())
        told = f"{last.period} {json.dumps(last.result, ensure_ascii=False)}" if last else "还没有运行过"
        click.echo(f"{job.name}\t{job.title}\t{when}\t{told}")


@jobs.command("once")
@click.argument("name")
@with_database
def once(name: str) -> None:
    """立刻做一次任务 NAME。"""
    if name not in JOBS:
        raise click.BadParameter(f"没有这个任务；有：{'、'.join(JOBS)}", param_hint="NAME")
    result = run_once(db.session, JOBS[name], force=True)
    click.echo(json.dumps(result, ensure_ascii=False))
