"""就绪 Readiness: is the database there, of this version, and ours? An embedded one is made by itself."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import Engine

from core import installation
from core.database import AnySession, db
from core.errors import RuleError, SettingsError
from core.settings import ROOT, Settings

# what a fresh database is filled with; the rooms above the ground floor add themselves
FILLERS: list[Callable[[AnySession], bool]] = []


def head() -> str | None:
    """The newest migration in the code."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


def current(engine: Engine) -> str | None:
    """The migration the database stands at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def make_ready(app: Flask, settings: Settings) -> None:
    """Bring the database to the code's version where that is ours to do, and check that it is ours.

    An empty or older database of a demo, test or local installation is migrated and seeded at once. In production
    the operator does that (``flask db upgrade``): a start that finds an older database is refused.
    Raises SettingsError.
    """
    with app.app_context():
        if current(db.engine) != head():
            if settings.environment == "production":
                raise SettingsError("数据库不是这个版本的。请先备份，再执行 flask db upgrade")
            with _one_at_a_time(settings):
                if current(db.engine) != head():
                    upgrade(directory=str(ROOT / "migrations"))
        session = db.session
        installation.check(session, settings)
        for fill in FILLERS:
            fill(session)
        session.commit()
        session.remove()


def install(app: Flask, settings: Settings, *, on_command_line: bool) -> None:
    """A server is made ready before it serves. A command asks by :func:`with_database`, so that ``flask db upgrade``
    can still mend what is not ready."""
    context = click.get_current_context(silent=True)
    serving = not on_command_line or (context is not None and context.info_name == "run")
    if serving and settings.environment != "testing":
        make_ready(app, settings)


def with_database(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command that works on the database: it finds it migrated, seeded and ours, or says what to do.

    A rule that refuses becomes one line on standard error and exit status 1.
    """

    @wraps(command)
    def ready(*args: Any, **kwargs: Any) -> Any:
        settings: Settings = current_app.extensions["settings"]
        try:
            if settings.environment != "testing":
                make_ready(current_app._get_current_object(), settings)  # type: ignore[attr-defined]
            return command(*args, **kwargs)
        except RuleError as error:
            db.session.rollback()
            click.echo(error.detail, err=True)
            raise SystemExit(1) from error

    return with_appcontext(ready)


@contextmanager
def _one_at_a_time(settings: Settings) -> Iterator[None]:
    """Several workers may start at once; one of them migrates."""
    with (settings.instance_path / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
