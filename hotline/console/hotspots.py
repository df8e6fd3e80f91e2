"""热点页 Hotspots: what bursts, why we think so, what became of it, and what people decide about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, not_, select
from sqlalchemy.orm import joinedload

from core import clock
from core.access import current_actor, for_staff
from core.areas import Area
from core.audit import record
from core.database import db, only_reading
from core.errors import InvalidInput, RuleError
from core.problems import status_of
from core.staff import ROLES
from core.units import HandlingUnit
from hotline import hotspot_gate, hotspot_reasons, hotspot_verdicts, insights, queries
from hotline.console.hotspot_pictures import place_map, series_chart
from hotline.hotspot_life import STATES
from hotline.hotspot_records import HotspotMember, HotspotRecord
from hotline.hotspot_verdicts import ACTIONS, MAY, VERDICTS
from hotline.models import WorkOrder

_SEE = ("intake_operator", "dispatcher", "supervisor", "decision_maker", "auditor", "administrator")
OVER = timedelta(days=60)  # how long an ended hotspot stays on the list
MOST = 100
SHOWN = 15  # orders on a hotspot's own page; the queue shows all
EMPTY = {
    "now": "现在没有需要提醒的热点。每小时扫描一次，发现突增会出现在这里。",
    "resolved": "近 60 天没有平息的热点。",
    "watched": "没有只观察的热点。证据不够强、或已判为已知或误报的会放在这里，不打扰人。",
    "suppressed": "没有暂不提醒的热点。在热点页面选“暂不提醒”后会移到这里，到期自动回来。",
}
HAPPENED = {"begin": "首次发现", "reopen": "平息后再起", "announce": "开始提醒", "state": "转为"} | ACTIONS


@for_staff(*_SEE)
def listing() -> ResponseReturnValue:
    """Hotspots by state: told now, watched only, not to be told, over."""
    tabs = _tabs()
    tab = request.args.get("tab", "now")
    if tab not in tabs:
        raise InvalidInput("没有这一栏，请从热点列表进入")
    counts = {
        name: db.session.scalar(select(func.count()).select_from(HotspotRecord).where(*where)) or 0
        for name, (_, where) in tabs.items()
    }
    order = (
        (HotspotRecord.status_since.desc(),)
        if tab == "resolved"
        else (HotspotRecord.acknowledged_at.is_not(None), HotspotRecord.rank)
    )
    rows = db.session.scalars(
        select(HotspotRecord).where(*tabs[tab][1]).order_by(*order).limit(MOST)
        .options(joinedload(HotspotRecord.unit))
    ).all()  # fmt: skip
    teaching = hotspot_gate.learnt(db.session, clock.now())
    return render_template(
        "hotline/hotspots.html",
        rows=rows,
        tab=tab,
        tabs=[(name, words, counts[name]) for name, (words, _) in tabs.items()],
        empty=EMPTY.get(tab, f"现在没有“{tabs[tab][0]}”的热点。"),
        scanned=db.session.scalar(select(func.max(HotspotRecord.last_seen_at))),
        lessons=[teaching.of(name) for name in sorted(teaching.counts)],
        teaching=teaching,
        verdicts=VERDICTS,
        may_suppress=current_actor().role in MAY["suppress"],
    )


def _tabs() -> dict[str, tuple[str, list[ColumnElement[bool]]]]:
    now = clock.now()
    quiet = HotspotRecord.suppressed_until > now
    loud = func.coalesce(HotspotRecord.suppressed_until, now) <= now
    live = HotspotRecord.active.is_(True)
    told = [live, loud, HotspotRecord.announced.is_(True)]
    states = {
        state: (name, [*told, HotspotRecord.status == state])
        for state, name in STATES.items()
        if state != "resolved"
    }
    return {
        "now": ("提醒中", told),
        **states,
        "watched": ("只观察", [live, loud, not_(HotspotRecord.announced)]),
        "suppressed": ("暂不提醒", [live, quiet]),
        "resolved": ("已平息", [not_(live), HotspotRecord.status_since >= now - OVER]),
    }


@for_staff("supervisor", "administrator")
def scan() -> ResponseReturnValue:
    """Scan now instead of at the next hour."""
    now = clock.now()
    with only_reading(db.session):
        seen = insights.found_at(db.session, now)
    found = insights.keep_hotspots(db.session, seen, now)
    record(db.session, current_actor(), "hotspot.scan", "hotspots", found=len(found))
    db.session.commit()
    told = sum(one.announced for one in found)
    watched = f"，另有 {len(found) - told} 个只观察" if told < len(found) else ""
    flash(f"扫描完成，当前 {told} 个热点{watched}", "success")
    return redirect(url_for("desk.hotspots"))


@for_staff(*_SEE)
def one(hotspot_id: int) -> ResponseReturnValue:
    """One hotspot and why."""
    return _page(hotspot_verdicts.get(db.session, hotspot_id))


@for_staff(*MAY["verdict"])
def verdict(hotspot_id: int) -> ResponseReturnValue:
    """Say that it is real, false or known."""
    return _act(hotspot_id, "verdict")


@for_staff(*MAY["acknowledge"])
def acknowledge(hotspot_id: int) -> ResponseReturnValue:
    """Say that it was read."""
    return _act(hotspot_id, "acknowledge")


@for_staff(*MAY["suppress"])
def suppress(hotspot_id: int) -> ResponseReturnValue:
    """Put off telling people until a day."""
    return _act(hotspot_id, "suppress")


@for_staff(*MAY["lift"])
def lift(hotspot_id: int) -> ResponseReturnValue:
    """Tell people again."""
    return _act(hotspot_id, "lift")


@for_staff(*MAY["assign"])
def assign(hotspot_id: int) -> ResponseReturnValue:
    """Hand it to a unit."""
    return _act(hotspot_id, "assign")


def _act(hotspot_id: int, action: str) -> ResponseReturnValue:
    typed = {key: value for key, value in request.form.items() if key not in ("csrf_token", "version")}
    try:
        version = request.form.get("version", "")
        if not version.isdigit() and hotspot_verdicts.get(db.session, hotspot_id):
            raise InvalidInput("页面不完整，请刷新后再试")
        hotspot_verdicts.decide(
            db.session, hotspot_id, action, current_actor(), typed, expected_version=int(version or 0)
        )
        db.session.commit()
    except RuleError as error:
        db.session.rollback()
        hotspot = hotspot_verdicts.get(db.session, hotspot_id)
        return _page(hotspot, problem=error.detail, failed=action, typed=typed), status_of(error)
    flash(f"已记录：{ACTIONS[action]}", "success")
    return redirect(url_for("desk.hotspots_one", hotspot_id=hotspot_id))


def _page(
    hotspot: HotspotRecord, *, problem: str = "", failed: str = "", typed: dict[str, Any] | None = None
) -> str:
    actor = current_actor()
    members = db.session.scalars(
        select(WorkOrder)
        .join(HotspotMember, HotspotMember.order_id == WorkOrder.id)
        .where(HotspotMember.hotspot_id == hotspot.id, queries.visible_to(actor))
        .order_by(HotspotMember.current.desc(), WorkOrder.reported_at.desc())
        .limit(SHOWN)
        .options(joinedload(WorkOrder.lead_unit))
    ).all()
    current = db.session.scalars(
        select(HotspotMember.order_id)
        .where(HotspotMember.hotspot_id == hotspot.id, HotspotMember.current.is_(True))
        .limit(500)
    ).all()
    unit, action = insights.unit_to_act(db.session, hotspot.category, [str(key) for key in current])
    series = hotspot_reasons.with_band(
        hotspot.detail.get("series", []), hotspot.expected, hotspot.detail.get("interval", [])
    )
    places = hotspot_reasons.places(db.session, hotspot)
    may = {name for name, roles in MAY.items() if actor.role in roles}
    return render_template(
        "hotline/hotspot.html",
        hotspot=hotspot,
        members=members,
        counted=set(current),
        linked=hotspot_reasons.linked(db.session, hotspot),
        unit=unit,
        action=action,
        series=series,
        chart=series_chart(series, since=clock.local(hotspot.starts_at).date().isoformat())
        if series
        else None,
        voices=hotspot_reasons.voices(db.session, hotspot),
        words=hotspot_reasons.words(db.session, hotspot),
        places=places,
        map=place_map(places, _around(places)),
        kin=hotspot_reasons.links(db.session, hotspot),
        events=list(reversed(hotspot.events)),
        happened=HAPPENED,
        gate=hotspot.gate,
        verdicts=VERDICTS,
        may=may,
        units=_units() if "assign" in may else [],
        suppressed=hotspot_verdicts.is_suppressed(hotspot),
        latest_day=clock.today() + hotspot_verdicts.LONGEST_SUPPRESSION,
        role_names=ROLES,
        problem=problem,
        failed=failed,
        typed=typed or {},
    )


def _around(places: list[hotspot_reasons.PlaceCount]) -> list[Area]:
    """Communities near enough to be known by name; the map itself drops what lies outside."""
    known = [(one.lat, one.lng) for one in places if one.lat is not None and one.lng is not None]
    if not known:
        return []
    lats, lngs = [lat for lat, _ in known], [lng for _, lng in known]
    edge = 0.03
    return list(
        db.session.scalars(
            select(Area)
            .where(
                Area.level == "community",
                Area.lat.between(min(lats) - edge, max(lats) + edge),
                Area.lng.between(min(lngs) - edge, max(lngs) + edge),
            )
            .order_by(Area.code)
            .limit(60)
        )
    )


def _units() -> list[HandlingUnit]:
    return list(
        db.session.scalars(
            select(HandlingUnit).where(HandlingUnit.active.is_(True)).order_by(HandlingUnit.path)
        )
    )
