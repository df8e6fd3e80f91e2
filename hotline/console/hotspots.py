"""热点页 Hotspots: what bursts, where, how sure, compared with what, and its orders."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core import clock
from core.access import current_actor, for_staff
from core.audit import record
from core.console.charts import counts_by_day
from core.database import db, only_reading
from core.errors import NotFound
from hotline import insights, queries
from hotline.hotspot_records import HotspotMember, HotspotRecord
from hotline.models import WorkOrder

_SEE = ("intake_operator", "dispatcher", "supervisor", "decision_maker", "auditor", "administrator")


@for_staff(*_SEE)
def listing() -> ResponseReturnValue:
    """Active hotspots, most urgent first, and those lately over."""
    active = db.session.scalars(
        select(HotspotRecord).where(HotspotRecord.active.is_(True)).order_by(HotspotRecord.rank)
    ).all()
    over = db.session.scalars(
        select(HotspotRecord)
        .where(HotspotRecord.active.is_(False))
        .order_by(HotspotRecord.last_seen_at.desc())
        .limit(20)
    ).all()
    scanned = db.session.scalar(select(func.max(HotspotRecord.last_seen_at)))
    return render_template("hotline/hotspots.html", active=active, over=over, scanned=scanned)


@for_staff("supervisor", "administrator")
def scan() -> ResponseReturnValue:
    """Scan now instead of at the next hour."""
    now = clock.now()
    with only_reading(db.session):
        seen = insights.found_at(db.session, now)
    found = insights.keep_hotspots(db.session, seen, now)
    record(db.session, current_actor(), "hotspot.scan", "hotspots", found=len(found))
    db.session.commit()
    flash(f"扫描完成，当前 {len(found)} 个热点", "success")
    return redirect(url_for("desk.hotspots"))


@for_staff(*_SEE)
def one(hotspot_id: int) -> ResponseReturnValue:
    """One hotspot and why."""
    hotspot = db.session.get(HotspotRecord, hotspot_id)
    if hotspot is None:
        raise NotFound("没有这个热点")
    members = db.session.scalars(
        select(WorkOrder)
        .join(HotspotMember, HotspotMember.order_id == WorkOrder.id)
        .where(HotspotMember.hotspot_id == hotspot.id, queries.visible_to(current_actor()))
        .order_by(WorkOrder.reported_at.desc())
        .limit(50)
        .options(joinedload(WorkOrder.lead_unit))
    ).all()
    unit, action = insights.who_should_act(db.session, hotspot.category, [str(order.id) for order in members])
    series = hotspot.detail.get("series", [])
    chart = counts_by_day(series, since=clock.local(hotspot.starts_at).date().isoformat()) if series else None
    return render_template(
        "hotline/hotspot.html", hotspot=hotspot, members=members, unit=unit, action=action, chart=chart, series=series,
        back=request.args.get("back", ""),
    )  # fmt: skip
