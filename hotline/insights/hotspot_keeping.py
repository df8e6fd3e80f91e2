"""热点存续 Keeping hotspots: what a scan found becomes the life of hotspots on record, with splits, merges and returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_, select, update

from analytics.hotspots import Hotspot
from core.areas import Area
from core.audit import SYSTEM
from core.database import AnySession, contains, insert_if_absent, insert_many
from core.privacy import mask_text
from hotline import hotspot_gate, hotspot_life, policy
from hotline.catalogue import Category
from hotline.hotspot_identity import Known, Told, match
from hotline.hotspot_life import BURSTING, Life, Rules, Sight
from hotline.hotspot_records import HotspotLink, HotspotMember, HotspotRecord, happened
from hotline.models import WorkOrder


def keep_hotspots(session: AnySession, found: Sequence[Hotspot], as_of: datetime) -> list[HotspotRecord]:
    """Carry every hotspot on by one scan. Returns those the scan saw: the announced first, then most urgent first.

    Writes and flushes; the caller commits.
    """
    return _Keeping(session, found, as_of).run()


class _Keeping:
    """One scan's worth of keeping."""

    def __init__(self, session: AnySession, found: Sequence[Hotspot], as_of: datetime) -> None:
        self.session = session
        self.found = found
        self.as_of = as_of
        self.rules: Rules = hotspot_life.rules(session)
        self.teaching = hotspot_gate.learnt(session, as_of)
        self.told = [
            Told(one.key, frozenset(int(i) for i in one.order_ids), frozenset(one.keywords)) for one in found
        ]
        self.records = self._on_record()
        self.orders = self._current_orders()

    def run(self) -> list[HotspotRecord]:
        matching = match([self._known(record) for record in self.records.values()], self.told)
        live = {key for key, record in self.records.items() if record.active}
        kept: dict[int, HotspotRecord] = {}
        for position, hotspot in enumerate(self.found):
            known = self.records.get(matching.same.get(position, 0))
            if known is not None and not known.active and hotspot.status not in BURSTING:
                continue  # it is over, and the scan only remembers it
            kept[position] = self._carry_on(known, hotspot) if known else self._begin(hotspot)
            if known is None or hotspot.status in BURSTING:
                self._keep_members(kept[position], position)
        for position, source in (matching.split | matching.again).items():
            if position in kept:
                kind = "split" if position in matching.split else "again"
                self._join(self.records[source], kept[position], kind)
        for key in live - set(matching.same.values()):
            into = kept.get(matching.absorbed.get(key, -1))
            self._unseen(self.records[key], into)
        self.session.flush()
        return sorted(kept.values(), key=lambda record: (not record.announced, record.rank))

    def _on_record(self) -> dict[int, HotspotRecord]:
        """Live ones, those lately over, and older ones of a topic told now."""
        back = self.as_of - timedelta(days=policy.number(self.session, "hotspot_reopen_days"))
        keys = {one.key for one in self.told} | {one.key.partition("#")[0] for one in self.told}
        rows = self.session.scalars(
            select(HotspotRecord).where(
                or_(
                    HotspotRecord.active.is_(True),
                    HotspotRecord.status_since >= back,
                    HotspotRecord.key.in_(keys),
                )
            )
        )
        self.back = back
        return {record.id: record for record in rows}

    def _current_orders(self) -> dict[int, set[int]]:
        orders: dict[int, set[int]] = defaultdict(set)
        rows = self.session.execute(
            select(HotspotMember.hotspot_id, HotspotMember.order_id)
            .join(HotspotRecord, HotspotRecord.id == HotspotMember.hotspot_id)
            .where(
                HotspotMember.current.is_(True),
                or_(HotspotRecord.active.is_(True), HotspotRecord.status_since >= self.back),
            )
        )
        for hotspot_id, order_id in rows:
            orders[hotspot_id].add(order_id)
        return orders

    def _known(self, record: HotspotRecord) -> Known:
        return Known(
            id=record.id,
            key=record.key,
            orders=frozenset(self.orders[record.id]),
            keywords=frozenset(record.detail.get("keywords", ())),
            live=record.active,
            recent=record.active or record.status_since >= self.back,
        )

    def _begin(self, hotspot: Hotspot) -> HotspotRecord:
        record = HotspotRecord(first_seen_at=self.as_of, announced=False, version=1)
        self._write(record, hotspot)
        set_life(record, hotspot_life.begin(self._sight(hotspot)))
        self.session.add(record)
        self._pass_gate(record)
        self.session.flush()
        self._tell(record, "begin", None)
        return record

    def _carry_on(self, record: HotspotRecord, hotspot: Hotspot) -> HotspotRecord:
        was = record.status
        if hotspot.status in BURSTING:
            began = record.starts_at
            self._write(record, hotspot)
            if was != "resolved":  # the scan's window moves on, the beginning does not
                record.starts_at = min(began, hotspot.from_)
        else:  # the evidence stays that of the last scan that saw it bursting; only its days go on
            record.rank, record.last_seen_at = hotspot.rank, self.as_of
            record.detail = {**record.detail, "series": _detail(hotspot)["series"]}
        if was == "resolved":
            set_life(record, hotspot_life.begin(self._sight(hotspot)))
            record.acknowledged_at, record.acknowledged_by = None, ""
            self._tell(record, "reopen", was)
        else:
            sight = self._sight(hotspot)
            if not sight.bursting:
                sight = replace(sight, warm=still_warm(self.session, record, self.as_of, self.rules))
            self._step(record, hotspot_life.step(life_of(record), sight, self.rules))
        if not record.announced and self._pass_gate(record):
            record.acknowledged_at, record.acknowledged_by = None, ""
            self._tell(record, "announce", record.status)
        else:
            self._pass_gate(record)
        return record

    def _unseen(self, record: HotspotRecord, into: HotspotRecord | None) -> None:
        sight = Sight(self.as_of, None, record.observed)
        if into is not None:
            life = hotspot_life.absorb(life_of(record), sight, self.rules)
            note = f"并入“{into.name}”" if life.status == "resolved" else ""
            if note:
                self._join(record, into, "merge")
            self._step(record, life, note)
            return
        warm = still_warm(self.session, record, self.as_of, self.rules)
        self._step(record, hotspot_life.step(life_of(record), replace(sight, warm=warm), self.rules))

    def _step(self, record: HotspotRecord, life: Life, note: str = "") -> None:
        was = record.status
        set_life(record, life)
        if life.status != was:
            self._tell(record, "state", was, note or self._why(life.status))

    def _why(self, status: str) -> str:
        """Why a state began, where the numbers beside it do not say so."""
        rules, day, hour = self.rules, timedelta(days=1), timedelta(hours=1)
        return {
            "persisting": f"已持续 {rules.persisting_after / day:g} 天以上，没有明显再增",
            "fading": f"连续 {rules.fading_after / hour:g} 小时没有再突增",
            "resolved": f"{rules.quiet / day:g} 天来新增诉求低于结束线",
        }.get(status, "")

    def _sight(self, hotspot: Hotspot) -> Sight:
        return Sight(self.as_of, hotspot.status, hotspot.observed)

    def _pass_gate(self, record: HotspotRecord) -> bool:
        gate = hotspot_gate.judge(record, self.teaching)
        record.announced, record.gate = gate.announced, gate.to_json()
        return gate.announced

    def _tell(self, record: HotspotRecord, action: str, was: str | None, note: str = "") -> None:
        happened(
            self.session, record, action, SYSTEM, at=self.as_of, was=was,
            note=note or ("" if record.announced else "只观察，不提醒"),
        )  # fmt: skip

    def _join(self, source: HotspotRecord, target: HotspotRecord, kind: str) -> None:
        values = {"from_id": source.id, "to_id": target.id, "kind": kind, "at": self.as_of}
        if source.id != target.id:
            insert_if_absent(self.session, HotspotLink, values, ["from_id", "to_id", "kind"])

    def _write(self, record: HotspotRecord, hotspot: Hotspot) -> None:
        record.key = hotspot.key[:255]
        record.name = hotspot.name[:200]
        record.place = hotspot.place[:255]
        record.category = hotspot.category
        record.rank = hotspot.rank
        record.starts_at = hotspot.from_
        record.ends_at = hotspot.to
        record.size = hotspot.size
        record.observed = hotspot.observed
        record.expected = hotspot.expected
        record.ratio = hotspot.ratio
        record.p_value = hotspot.p_value
        record.q_value = hotspot.q_value
        record.last_seen_at = self.as_of
        record.detail = _detail(hotspot)

    def _keep_members(self, record: HotspotRecord, position: int) -> None:
        """What the scan counts now is current; what it once counted stays linked."""
        mine = self.told[position].orders
        linked = set(
            self.session.scalars(select(HotspotMember.order_id).where(HotspotMember.hotspot_id == record.id))
        )
        was = self.orders[record.id]
        for orders, current in ((was - mine, False), ((mine & linked) - was, True)):
            _mark(self.session, record.id, sorted(orders), current)
        rows = [{"hotspot_id": record.id, "order_id": i, "current": True} for i in sorted(mine - linked)]
        insert_many(self.session, HotspotMember, rows)
        self.session.expire(record, ["members"])


def _mark(
    session: AnySession, hotspot_id: int, orders: Sequence[int], current: bool, part: int = 5000
) -> None:
    for begin in range(0, len(orders), part):
        session.execute(
            update(HotspotMember)
            .where(
                HotspotMember.hotspot_id == hotspot_id,
                HotspotMember.order_id.in_(orders[begin : begin + part]),
            )
            .values(current=current)
            .execution_options(synchronize_session=False)
        )


def life_of(record: HotspotRecord) -> Life:
    """The life on record."""
    return Life(
        status=record.status,
        since=record.status_since,
        entered_with=record.status_observed,
        began=record.began_at,
        bursting_at=record.bursting_at,
        leaning=record.leaning,
        leaning_since=record.leaning_since,
    )


def set_life(record: HotspotRecord, life: Life) -> None:
    """Put a life on record."""
    record.status = life.status
    record.active = life.status != "resolved"
    record.status_since = life.since
    record.status_observed = life.entered_with
    record.began_at = life.began
    record.bursting_at = life.bursting_at
    record.leaning = life.leaning
    record.leaning_since = life.leaning_since


def still_warm(session: AnySession, record: HotspotRecord, as_of: datetime, rules: Rules) -> bool:
    """Whether complaints of its topic at its place still come in above the lower level: in the quiet time asked for,
    at least two different people and ``hotspot_lower_ratio`` times what is usual."""
    conditions = _of_topic(session, record) + _at_place(session, record)
    if not conditions:
        return False
    who = func.coalesce(WorkOrder.complainant_key, cast(WorkOrder.id, String))
    voices = session.scalar(
        select(func.count(func.distinct(who))).where(
            WorkOrder.reported_at >= as_of - rules.quiet, WorkOrder.reported_at < as_of, *conditions
        )
    )
    lately = record.detail.get("series", [])[-7:]
    usual = sum(day["expected"] for day in lately) / max(len(lately), 1) * (rules.quiet / timedelta(days=1))
    return (voices or 0) >= max(2.0, policy.number(session, "hotspot_lower_ratio") * usual)


def _of_topic(session: AnySession, record: HotspotRecord) -> list[ColumnElement[bool]]:
    if record.category:
        codes = session.scalars(
            select(Category.code).where(
                or_(
                    Category.path == record.category,
                    Category.path.startswith(f"{record.category}/", autoescape=True),
                )
            )
        ).all()
        return [WorkOrder.category_code.in_(codes)]
    words = record.detail.get("keywords", [])[:1]
    return [or_(contains(WorkOrder.title, word), contains(WorkOrder.text, word)) for word in words]


def _at_place(session: AnySession, record: HotspotRecord) -> list[ColumnElement[bool]]:
    if not record.place:
        return []
    area = session.scalar(select(Area).where(Area.full_name == record.place).limit(1))
    if area is not None:
        below = select(Area.id).where(Area.path.startswith(area.path, autoescape=True))
        return [WorkOrder.area_id.in_(below)]
    name = record.place.rpartition("/")[2]
    return [
        or_(
            contains(WorkOrder.place_text, name),
            contains(WorkOrder.title, name),
            contains(WorkOrder.text, name),
        )
    ]


def _detail(hotspot: Hotspot) -> dict[str, Any]:
    told_of = hotspot.to_json()
    return {
        "keywords": told_of["keywords"],
        "examples": [mask_text(example) for example in hotspot.examples],
        "complainants": hotspot.complainants,
        "history": hotspot.history,
        "interval": told_of["interval"],
        "compared_with": hotspot.compared_with,
        "series": told_of["series"],
    }
