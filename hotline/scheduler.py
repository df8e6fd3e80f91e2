"""调度 Scheduler: one blocking process that looks at the job table. Any number may run: periods are claimed once."""

from __future__ import annotations

import signal
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from core import clock
from core.database import db
from core.jobs import Job, run_once
from hotline.jobs import JOBS

# a laden machine may come late to a job; within the hour it is still worth doing, and late ones run once
GRACE_SECONDS = 3600


def serve(app: Flask) -> None:
    """Run until stopped by SIGTERM or Ctrl-C. At the start every job whose period was missed is caught up."""
    scheduler = BlockingScheduler(timezone=clock.SHANGHAI)
    for job in JOBS.values():
        scheduler.add_job(
            perform, "cron", args=(app, job), id=job.name, name=job.title, coalesce=True, max_instances=1,
            misfire_grace_time=GRACE_SECONDS, **job.cron,
        )  # fmt: skip
    for job in JOBS.values():
        perform(app, job)

    def stop(*_: Any) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    scheduler.start()


def perform(app: Flask, job: Job) -> dict[str, Any] | None:
    """One look at one job. An error is logged and leaves the period unclaimed, so that the next look tries again."""
    with app.app_context():
        try:
            result = run_once(db.session, job)
        except Exception:
            app.logger.exception("job %s failed", job.name)
            return None
        finally:
            db.session.remove()
        if result is not None:
            app.logger.info("job %s: %s", job.name, result)
        return result
