"""定时任务表 Jobs of the hotline: what runs when. Each changes state without committing; core.jobs claims and commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from core import clock
from core.audit import SYSTEM
from core.database import AnySession
from core.errors import Conflict
from core.idempotency import forget_old
from core.jobs import Job, daily, hourly, quarter_hourly, weekly
from core.photos import PhotoStore
from core.settings import Settings
from hotline import deadlines, import_runs, insights, photos, policy, verbs, warnings
from hotline.insights import backtesting
from hotline.models import PublishedReport, WorkOrder


def _look(session: AnySession, now: datetime) -> Any:
    return insights.found_at(session, now)


def _scan(session: AnySession, now: datetime, found: Any) -> dict[str, Any]:
    kept = insights.keep_hotspots(session, found, now)
    told = [row for row in kept if row.announced]
    return {"hotspots": len(kept), "announced": len(told), "names": [row.name for row in told[:10]]}


def _classify(session: AnySession, _: datetime, __: Any) -> dict[str, Any]:
    return {"classified": insights.classify_pending(session)}


def _warn(session: AnySession, now: datetime, _: Any) -> dict[str, Any]:
    settled = deadlines.settle_waiting(session)
    return warnings.warn(session, now) | {"settled": settled}


def _prepare_report(session: AnySession, now: datetime) -> Any:
    week = insights.last_finished_week(now)
    if session.scalar(select(PublishedReport.id).where(PublishedReport.week == week)):
        return None
    return insights.prepare_weekly_report(session, week)


def _report(session: AnySession, now: datetime, prepared: Any) -> dict[str, Any]:
    if prepared is None:
        return {"week": insights.last_finished_week(now), "published": "earlier"}
    published = insights.publish(session, prepared, SYSTEM.name)
    return {"week": published.week, "published": clock.local(published.published_at).isoformat()}


def _take_up(session: AnySession, _: datetime, __: Any) -> dict[str, Any]:
    """Parked orders whose review date has come go on; finished ones whose time is over are put away."""
    parked = session.scalars(
        select(WorkOrder).where(WorkOrder.status == "SUSPENDED", WorkOrder.review_on <= clock.today())
    ).all()
    for order in parked:
        verbs.perform(session, order, "resume", SYSTEM, {"reason": "到复查日期"})
    before = clock.now() - timedelta(days=policy.whole(session, "archive_days"))
    old = session.scalars(
        select(WorkOrder)
        .where(WorkOrder.status.in_(("COMPLETED", "DECLINED")), WorkOrder.completed_at <= before)
        .limit(5000)
    ).all()
    for order in old:
        try:
            verbs.perform(session, order, "archive", SYSTEM)
        except Conflict:
            continue
    return {"resumed": len(parked), "archived": len(old)}


def _tidy(session: AnySession, _: datetime, __: Any) -> dict[str, Any]:
    settings: Settings = current_app.extensions["settings"]
    dropped = photos.drop_orphans(session, PhotoStore(settings.photo_folder))
    left = import_runs.drop_abandoned(settings.import_folder)
    return {"photos": dropped, "uploads": left, "idempotency_keys": forget_old(session)}


JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job("scan-hotspots", "热点扫描", {"minute": 5}, hourly, _scan, _look),
        Job("classify", "补做分类", {"minute": "*/15"}, quarter_hourly, _classify),
        Job("warn-deadlines", "临期逾期预警", {"minute": "*/15"}, quarter_hourly, _warn),
        Job("take-up", "挂账复查与归档", {"hour": 7, "minute": 30}, daily, _take_up),
        Job(
            "retrain",
            "模型再训练",
            {"hour": 2, "minute": 10},
            daily,
            insights.keep_challenger,
            insights.prepare_challenger,
        ),
        Job(
            "drift",
            "漂移监测",
            {"day_of_week": "mon", "hour": 5, "minute": 30},
            weekly,
            insights.keep_drift,
            insights.look_for_drift,
        ),
        Job(
            "learn-places",
            "地名学习",
            {"hour": 3, "minute": 10},
            daily,
            insights.keep_places,
            insights.look_for_places,
        ),
        Job(
            "backtest",
            "热点回放",
            {"day_of_week": "sun", "hour": 4, "minute": 10},
            weekly,
            backtesting.keep,
            backtesting.prepare,
        ),
        Job("tidy", "清理", {"hour": 3, "minute": 40}, daily, _tidy),
        Job(
            "weekly-report",
            "热点周报",
            {"day_of_week": "mon", "hour": 6, "minute": 0},
            weekly,
            _report,
            _prepare_report,
        ),
    )
}
