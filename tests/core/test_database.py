"""What differs between the databases: who waits for whom on SQLite, and times on both."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.database import UtcDateTime, db, only_reading
from core.installation import fact, set_fact
from tests.factories import Factory, sign_in


def test_readers_do_not_wait_for_a_writer(app: Flask, client: FlaskClient) -> None:
    """A GET must not begin a writing transaction, not even to find out who is asking."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL has no single writer")
        clerk = Factory(app).staff("dispatcher")
        sign_in(client, clerk)
        path = db.engine.url.database
        db.session.remove()
    writer = sqlite3.connect(str(path), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        with app.app_context():
            db.engine.dispose()
        for url in ("/orders", "/orders/new", "/api/v1/categories"):
            assert client.get(url).status_code == 200, url
    finally:
        writer.execute("ROLLBACK")
        writer.close()


def test_the_embedded_database_is_opened_as_promised(context: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("about SQLite's pragmas")
    with db.engine.connect() as connection:
        asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                 ("journal_mode", "foreign_keys", "busy_timeout")}  # fmt: skip
    assert asked == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 15000}


def test_a_long_look_lets_go_of_what_was_not_committed(context: Flask) -> None:
    set_fact(db.session, "half", "done")
    with only_reading(db.session):
        assert fact(db.session, "half") is None
    db.session.rollback()


def test_naive_times_are_refused_and_aware_ones_come_back_aware(context: Flask) -> None:
    kind = UtcDateTime()
    with pytest.raises(ValueError, match="naive"):
        kind.process_bind_param(datetime(2026, 1, 1), db.engine.dialect)
    there = kind.process_bind_param(datetime(2026, 1, 1, tzinfo=UTC), db.engine.dialect)
    assert kind.process_result_value(there, db.engine.dialect) == datetime(2026, 1, 1, tzinfo=UTC)
