"""整体测量 The whole service at size: intake, classification, scan, report, and pages, on SQLite and PostgreSQL in one run.

    python -m bench.service [--orders 100000] [--classify 2000] [--dialects sqlite,postgresql]

The orders are the demo generator's. Pages are asked through the application itself (no network), each many times as
a signed-in person of the role that uses it.
"""

from __future__ import annotations

import argparse
import resource
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import select, update

from core import clock
from core.areas import Area
from core.audit import Actor
from core.database import db
from core.settings import ROOT, from_environment
from hotline import importing, insights, intake
from hotline.catalogue import Category
from hotline.demo import generate
from hotline.models import Deadline, WorkOrder
from hotline.seeding import seed
from tests import postgres
from tests.factories import Factory, sign_in
from wsgi import create_app

ACTOR = Actor(role="system", name="测量")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def _timed(what: str, units: float = 0, unit: str = "") -> Iterator[None]:
    began = time.perf_counter()
    yield
    took = time.perf_counter() - began
    rate = f"  {units / took:,.0f} {unit}/s" if units else ""
    print(f"  {what:<34}{took:8.2f} s{rate}", flush=True)


@contextmanager
def _database(dialect: str, folder: Path) -> Iterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{folder / 'bench.db'}"
    else:
        with postgres.server() as url:
            yield url


def _fill(app: object, orders: int) -> None:
    vault = app.extensions["vault"]  # type: ignore[attr-defined]
    history = generate(weeks=12, orders=orders, seed=7, as_of=clock.now())
    areas = {area.code: area for area in db.session.scalars(select(Area))}
    codes = {row.code for row in db.session.scalars(select(Category))}
    requests = [
        intake.Request(
            text=told.text, title=told.title, channel=told.channel, request_type=told.request_type,
            place_text=told.place_text, area=areas.get(told.area_code), name=told.complainant.name,
            phone=told.complainant.phone, reported_at=told.reported_at, source="bench",
            external_number=str(told.number), category_code=told.true_category if told.true_category in codes else None,
        )
        for told in history.orders
    ]  # fmt: skip
    batch = importing.new_batch(
        db.session, token=secrets.token_hex(8), file_name="bench", path=None, by_id=None, source="bench"
    )
    with _timed(f"bulk intake of {orders:,}", orders, "rows"):
        for begin in range(0, len(requests), 1000):
            intake.accept_many(
                db.session, vault, requests[begin : begin + 1000], ACTOR, import_batch_id=batch.id
            )
        db.session.commit()


def _age(before: timedelta = timedelta(days=14)) -> None:
    """Finish what is older than two weeks in two statements: a real queue is mostly history. For page times only."""
    now = clock.now()
    old = WorkOrder.reported_at < now - before
    db.session.execute(update(WorkOrder).where(old).values(status="COMPLETED", completed_at=now))
    ids = select(WorkOrder.id).where(old)
    db.session.execute(update(Deadline).where(Deadline.order_id.in_(ids)).values(met_at=now))
    db.session.commit()


def _pages(app: object) -> None:
    make = Factory(app)  # type: ignore[arg-type]
    number = db.session.scalar(select(WorkOrder.number).order_by(WorkOrder.id.desc()).limit(1))
    asked: list[tuple[str, str, str]] = [
        ("dispatcher", "待我处理", "/orders"),
        ("dispatcher", "逾期", "/orders?tab=overdue"),
        ("supervisor", "全部，第 200 页", "/orders?tab=all&page=200"),
        ("supervisor", "查找两个字", "/orders?tab=all&q=停水"),
        ("supervisor", "分类 + 区域", "/orders?tab=all&category=05&area=510105006"),
        ("dispatcher", "工单页", f"/orders/{number}"),
        ("supervisor", "热点", "/hotspots"),
    ]
    for role, name, path in asked:
        client = sign_in(app.test_client(), make.staff(role))  # type: ignore[attr-defined]
        print(f"  {name:<20}{_percentiles(lambda c=client, p=path: c.get(p))}", flush=True)  # type: ignore[misc]


def _percentiles(ask: Callable[[], object], times: int = 40) -> str:
    ask()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        answer = ask()
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer  # type: ignore[attr-defined]
    cuts = statistics.quantiles(took, n=20)
    return f"p50 {statistics.median(took):7.1f} ms   p95 {cuts[18]:7.1f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--classify", type=int, default=2000)
    parser.add_argument("--dialects", default="sqlite,postgresql")
    args = parser.parse_args()
    for dialect in args.dialects.split(","):
        print(f"\n{dialect}, {args.orders:,} orders")
        with tempfile.TemporaryDirectory() as name, _database(dialect, Path(name)) as url:
            folder = Path(name)
            (ROOT / "instance" / "models").mkdir(parents=True, exist_ok=True)
            (folder / "models").symlink_to(ROOT / "instance" / "models")
            app = create_app(
                from_environment({"APP_ENV": "testing", "DATABASE_URL": url, "INSTANCE_PATH": name})
            )
            with app.app_context():
                upgrade(directory=str(ROOT / "migrations"))
                seed(db.session)
                db.session.commit()
                _fill(app, args.orders)
                insights.warm_up(db.session)
                ids = list(
                    db.session.scalars(
                        select(WorkOrder.id).order_by(WorkOrder.id.desc()).limit(args.classify)
                    )
                )
                with _timed(f"suggestions for {len(ids):,}", len(ids), "orders"):
                    insights.classify_batch(db.session, ids)
                    db.session.commit()
                with _timed("hotspot scan, cold"):
                    insights.scan_hotspots(db.session, clock.now())
                    db.session.commit()
                with _timed("hotspot scan, again"):
                    insights.scan_hotspots(db.session, clock.now())
                    db.session.commit()
                week = clock.iso_week(clock.now() - timedelta(weeks=1))
                with _timed(f"weekly report {week}, published"):
                    insights.publish_weekly_report(db.session, week, "测量")
                    db.session.commit()
                _age()
                _pages(app)
                db.session.remove()
                db.engine.dispose()
        print(f"  peak memory of this process {_megabytes():,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
