"""Migrations equal the models and go both ways, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from core.database import db
from core.settings import ROOT
from tests.conftest import settings_for
from wsgi import create_app

MIGRATIONS = str(ROOT / "migrations")


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_migration_goes_up_and_down_and_up_and_equals_the_models(
    dialect: str, fresh_database: Callable[[str], str], tmp_path: Path
) -> None:
    app = create_app(settings_for(fresh_database(dialect), tmp_path))
    revisions = [script.revision for script in ScriptDirectory(MIGRATIONS).walk_revisions()][::-1]
    assert revisions
    with app.app_context():
        for revision in revisions:
            upgrade(directory=MIGRATIONS, revision=revision)
            downgrade(directory=MIGRATIONS, revision="-1")
            upgrade(directory=MIGRATIONS, revision=revision)
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "render_as_batch": True}
            )
            assert compare_metadata(context, db.metadata) == []
        downgrade(directory=MIGRATIONS, revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        db.engine.dispose()
