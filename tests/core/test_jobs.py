"""A job's period is done once: with two schedulers, and after a kill between work and commit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from core.database import db
from core.installation import InstallationFact
from core.jobs import Job, JobRun, daily, run_once
from core.settings import ROOT
from hotline.jobs import JOBS
from tests.conftest import settings_for
from wsgi import create_app


def _adding(name: str = "adding") -> Job:
    def work(session: Any, now: Any, _: Any) -> dict[str, Any]:
        session.add(InstallationFact(name=f"job-{os.urandom(6).hex()}", value="done"))
        session.flush()
        return {"added": 1}

    return Job(name, "加一行", {"hour": 1}, daily, work)


def _added(session: Any) -> int:
    return session.scalar(
        select(func.count()).select_from(InstallationFact).where(InstallationFact.name.like("job-%"))
    )


@pytest.fixture
def tidied(context: Flask) -> Any:
    yield context
    db.session.rollback()
    db.session.query(InstallationFact).filter(InstallationFact.name.like("job-%")).delete()
    db.session.commit()


def test_two_schedulers_at_once_do_it_once(tidied: Flask) -> None:
    job = _adding()
    results: list[Any] = []
    gate = threading.Barrier(2)

    def one() -> None:
        with tidied.app_context():
            gate.wait()
            results.append(run_once(db.session, job))
            db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == [None, {"added": 1}]
    assert _added(db.session) == 1
    assert db.session.query(JobRun).count() == 1


def test_work_that_fails_leaves_the_period_free(tidied: Flask) -> None:
    def fail(session: Any, now: Any, _: Any) -> dict[str, Any]:
        session.add(InstallationFact(name="job-half", value="half"))
        session.flush()
        raise RuntimeError("the disk is full")

    job = Job("failing", "会失败", {"hour": 1}, daily, fail)
    with pytest.raises(RuntimeError, match="disk"):
        run_once(db.session, job)
    assert (_added(db.session), db.session.query(JobRun).count()) == (0, 0)
    assert run_once(db.session, _adding("failing")) == {"added": 1}


KILLED = """
import os, signal, sys
from core.database import db
from core.installation import InstallationFact
from core.jobs import Job, daily, run_once
from core.settings import from_environment
from wsgi import create_app

def work(session, now, prepared):
    session.add(InstallationFact(name="job-killed", value="done"))
    session.flush()
    if sys.argv[1] == "die":
        os.kill(os.getpid(), signal.SIGKILL)   # the work is done, the commit is not
    return {"added": 1}

with create_app(from_environment()).app_context():
    print(run_once(db.session, Job("killed", "会被杀", {"hour": 1}, daily, work)))
"""


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_kill_between_work_and_commit_loses_nothing_and_repeats_nothing(
    dialect: str, fresh_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = fresh_database(dialect)
    app = create_app(settings_for(url, tmp_path))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    script = tmp_path / "killed.py"
    script.write_text(textwrap.dedent(KILLED))
    env = {
        **os.environ,
        "APP_ENV": "testing",
        "DATABASE_URL": url,
        "INSTANCE_PATH": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }

    def run(how: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(script), how], env=env, cwd=ROOT, capture_output=True, text=True
        )

    assert run("die").returncode == -signal.SIGKILL
    with app.app_context():
        assert (db.session.query(JobRun).count(), _added(db.session)) == (0, 0)
        db.session.remove()
    assert "{'added': 1}" in run("live").stdout
    assert "None" in run("live").stdout
    with app.app_context():
        assert (db.session.query(JobRun).count(), _added(db.session)) == (1, 1)
        db.session.remove()
        db.engine.dispose()


def test_the_job_table_can_be_scheduled() -> None:
    from apscheduler.triggers.cron import CronTrigger

    for job in JOBS.values():
        CronTrigger(**job.cron)
    assert JOBS["weekly-report"].cron == {"day_of_week": "mon", "hour": 6, "minute": 0}
