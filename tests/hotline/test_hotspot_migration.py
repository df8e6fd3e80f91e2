"""What was on record before hotspots had a life keeps its place in it, both ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from core.database import db
from core.settings import ROOT
from hotline.hotspot_records import HotspotRecord
from tests.conftest import settings_for
from wsgi import create_app

MIGRATIONS = str(ROOT / "migrations")
_OLD = (
    "INSERT INTO hotspot (id, key, name, place, category, status, active, rank, starts_at, ends_at, size, observed,"
    " expected, ratio, p_value, q_value, detail, first_seen_at, last_seen_at) VALUES (:id, :key, '噪音', '青羊区',"
    " '环境保护', :status, :active, 1, :first, :last, 6, 5, 0.5, 10, 0.001, 0.01, '{}', :first, :last)"
)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_old_hotspots_go_on_and_old_ones_that_are_over_stay_over(
    dialect: str, fresh_database: Callable[[str], str], tmp_path: Path
) -> None:
    app = create_app(settings_for(fresh_database(dialect), tmp_path))
    first, last = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0002")
        for key, status in ((1, "growing"), (2, "resolved")):
            values = {"id": key, "key": str(key), "status": status, "active": status != "resolved"}
            db.session.execute(text(_OLD), values | {"first": first, "last": last})
        db.session.commit()
        db.session.remove()
        upgrade(directory=MIGRATIONS, revision="0003")
        live, over = (db.session.get_one(HotspotRecord, key) for key in (1, 2))
        assert (live.status, live.active, live.announced, live.version) == ("growing", True, True, 1)
        assert live.began_at == live.status_since == first and live.bursting_at == last
        assert live.status_observed == 5 and live.gate == {} and live.verdict is None and live.events == []
        assert not over.active and not over.announced
        db.session.remove()
        downgrade(directory=MIGRATIONS, revision="0002")
        kept = db.session.execute(text("SELECT status FROM hotspot ORDER BY id")).scalars().all()
        assert kept == ["growing", "resolved"]
        db.session.remove()
        db.engine.dispose()
