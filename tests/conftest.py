"""What tests stand on: one application per database and test run, emptied between tests; a clock; factories."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from core.database import db
from core.settings import ROOT, Settings, from_environment
from hotline.seeding import seed
from tests import postgres
from tests.factories import Factory
from wsgi import create_app

# no test is timed: the first example may load a dictionary on a busy machine
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# tables a test may fill; the seed tables are filled once and stay
_SEEDED = {
    "alembic_version", "area", "estate", "handling_unit", "category", "dispatch_catalogue", "dispatch_rule",
    "deadline_rule", "policy_value", "installation_fact",
}  # fmt: skip


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a fresh database on a private PostgreSQL server."""
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def fresh_database(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], str]:
    """A function that makes an empty database of a dialect and returns its URL."""
    counter = itertools.count(1)

    def make(dialect: str) -> str:
        number = next(counter)
        if dialect == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / f'test{number}.db'}"
        url = request.getfixturevalue("postgres_url")
        host = url.partition("host=")[2]
        with psycopg.connect(f"postgresql://postgres@/postgres?host={host}", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE test{number}")  # type: ignore[arg-type]
        return url.replace("/postgres?", f"/test{number}?")

    return make


def settings_for(url: str, folder: Path, **more: str) -> Settings:
    """Test settings on a database and an instance folder."""
    return from_environment({"APP_ENV": "testing", "DATABASE_URL": url, "INSTANCE_PATH": str(folder)} | more)


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One built-in model for every application of the run: training it takes seconds."""
    return ROOT / "instance" / "models"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def made_app(
    request: pytest.FixtureRequest,
    fresh_database: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
    model_folder: Path,
) -> Iterator[Flask]:
    """The application, migrated and seeded, once per dialect."""
    folder = tmp_path_factory.mktemp(f"instance-{request.param}")
    model_folder.mkdir(parents=True, exist_ok=True)
    (folder / "models").symlink_to(model_folder)
    app = create_app(settings_for(fresh_database(request.param), folder))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        seed(db.session)
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(made_app: Flask) -> Iterator[Flask]:
    """The application with every table a test may have filled emptied before it."""
    with made_app.app_context():
        names = [table.name for table in reversed(db.metadata.sorted_tables) if table.name not in _SEEDED]
        with db.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY"))
            else:
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                for name in names:
                    connection.execute(text(f"DELETE FROM {name}"))
    from hotline.insights import memory

    memory.forget_orders()
    yield made_app
    with made_app.app_context():
        db.session.remove()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with its context pushed."""
    with app.app_context():
        yield app
        db.session.rollback()


@pytest.fixture
def session(context: Flask) -> Session:
    """A session; rules are tested on it."""
    return db.session  # type: ignore[return-value]


@pytest.fixture
def make(context: Flask) -> Factory:
    """Makes staff, orders and the like."""
    return Factory(context)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of sorts."""
    return app.test_client()


@pytest.fixture
def plain_engine() -> Callable[[str], object]:
    """An engine without the application's behaviour."""
    return create_engine
