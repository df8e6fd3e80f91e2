"""数据库 Database: one session, two engines. Everything that differs between SQLite and PostgreSQL is in this module.

SQLite is opened with WAL, foreign keys and a busy timeout. A transaction that means to write begins IMMEDIATE, so
that it waits its turn instead of failing half-way with "database is locked"; a web GET begins DEFERRED.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Engine, Integer, MetaData, event, insert, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session
from sqlalchemy.types import TypeDecorator

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# what rules take: a plain session or the web's scoped one
AnySession = Session | scoped_session[Any]


class Base(DeclarativeBase):
    """Every model's root; constraint names follow one convention so that migrations can name what they drop."""

    metadata = MetaData(naming_convention=CONVENTION)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. Kept as UTC on both databases, always handed back aware; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r} given to the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite counts rows by itself only for INTEGER PRIMARY KEY
BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")

db = SQLAlchemy(model_class=Base)

_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read; on SQLite they take no write lock."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def only_reading(session: AnySession) -> Iterator[None]:
    """A long look before a short write: lets go of what the session holds, reads in transactions of its own, and lets
    go again. What was not committed before is lost, so ask for it first."""
    session.rollback()
    with reading():
        try:
            yield
        finally:
            session.rollback()


def set_reading(value: bool) -> None:
    """Say, at the start of a web request, whether it is one that only reads."""
    _reading.set(value)


def prepare_engine(engine: Engine) -> None:
    """Give an engine the behaviour both halves rely on. Called once per engine, when the application is made."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _open_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=15000")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN DEFERRED" if _reading.get() else "BEGIN IMMEDIATE")


def insert_if_absent(
    session: AnySession, model: type[Base], values: dict[str, Any], unique: list[str]
) -> bool:
    """Insert a row unless one with the same ``unique`` columns exists; true when this call inserted it.

    On PostgreSQL a second caller waits for the first one's transaction to end, so whoever is told "inserted" is alone.
    """
    dialect = session.get_bind().dialect.name
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    key = inspect(model).primary_key[0]
    statement = build(model).values(**values).on_conflict_do_nothing(index_elements=unique).returning(key)
    # not by rowcount: drivers count differently when nothing was inserted
    return session.execute(statement).first() is not None


def insert_many(session: AnySession, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert many rows in one statement."""
    if rows:
        session.execute(insert(model), rows)


def contains(column: Any, text: str) -> Any:
    """Case-insensitive "contains" that treats % and _ in what was typed as themselves."""
    return column.icontains(text, autoescape=True)
