"""Run by Alembic: connects through the application's own engine, so that SQLite gets its pragmas here too."""

from alembic import context
from flask import current_app

from core.database import db


def include(thing, name, kind, reflected, compare_to):
    """What SQLite keeps for itself is none of ours."""
    return not (kind == "table" and name.startswith("sqlite_"))


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        # SQLite rebuilds a table to alter it; with foreign keys on, dropping the old one would take its children along
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=include,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
