"""热点判定 Verdicts: what people decide about a hotspot: real, false or known; read, not to be told, whose it is.

Every decision is a row in the hotspot's history and an entry of the audit trail, in the caller's transaction. Who may
decide what stands in :data:`MAY`; the pages' buttons and their doors read the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from core import audit, clock
from core.audit import Actor
from core.database import AnySession
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.units import by_code
from hotline import hotspot_gate
from hotline.hotspot_records import HotspotRecord, happened

VERDICTS = {"real": "属实", "false": "误报", "known": "已知"}
ACTIONS = {
    "verdict": "判定",
    "acknowledge": "已阅",
    "suppress": "暂不提醒",
    "lift": "恢复提醒",
    "assign": "交办",
}
MAY: dict[str, tuple[str, ...]] = {
    "verdict": ("dispatcher", "supervisor"),
    "acknowledge": ("dispatcher", "supervisor", "decision_maker"),
    "suppress": ("supervisor", "administrator"),
    "lift": ("supervisor", "administrator"),
    "assign": ("dispatcher", "supervisor"),
}
LONGEST_SUPPRESSION = timedelta(days=90)
_LONGEST_NOTE = 500


def get(session: AnySession, hotspot_id: int, *, to_change: bool = False) -> HotspotRecord:
    """One hotspot; ``to_change`` locks it, so that of two people at once the second is told. Raises NotFound."""
    query = select(HotspotRecord).where(HotspotRecord.id == hotspot_id)
    if to_change:
        query = query.with_for_update(of=HotspotRecord).execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound("没有这个热点，可能网址有误。请从热点列表进入")
    return found


def decide(
    session: AnySession,
    hotspot_id: int,
    action: str,
    actor: Actor,
    data: Mapping[str, str],
    *,
    expected_version: int,
) -> HotspotRecord:
    """Do one of :data:`ACTIONS`.

    ``data``: for a verdict ``verdict`` and ``note``; to suppress ``until`` (2026-03-31, the last quiet day) and
    ``note``; to assign ``unit`` (a code) and ``note``. Raises NotAllowed, NotFound, InvalidInput with its field, and
    Conflict (``stale``) when somebody decided since the page was made. The caller commits.
    """
    if actor.role not in MAY.get(action, ()):
        raise NotAllowed("您的角色不能这样处理热点")
    record = get(session, hotspot_id, to_change=True)
    if record.version != expected_version:
        last = next((one for one in reversed(record.events) if one.actor_id is not None), None)
        who = f"{last.actor_name}刚刚做了“{ACTIONS.get(last.action, '处理')}”" if last else "有人刚刚处理过"
        raise Conflict(f"{who}。请看过最新情况再决定，您填的内容还在下面", code="stale")
    note = data.get("note", "").strip()
    if len(note) > _LONGEST_NOTE:
        raise InvalidInput(f"说明最多 {_LONGEST_NOTE} 字，请缩短", fields={"note": "太长"})
    told = _DO[action](session, record, actor, data, note)
    record.version += 1
    if action != "acknowledge" and record.acknowledged_at is None:
        record.acknowledged_at, record.acknowledged_by = clock.now(), actor.name
    happened(
        session, record, action, actor, at=clock.now(), was=record.status, note=note, data=told
    )  # fmt: skip
    audit.record(session, actor, f"hotspot.{action}", f"hotspot:{record.id}", reason=note, **told)
    session.flush()
    return record


def _verdict(
    session: AnySession, record: HotspotRecord, actor: Actor, data: Mapping[str, str], note: str
) -> dict[str, str]:
    verdict = data.get("verdict", "")
    if verdict not in VERDICTS:
        raise InvalidInput("请选择属实、误报或已知", fields={"verdict": "请选择"})
    if verdict != "real" and not note:
        raise InvalidInput(
            f"判为“{VERDICTS[verdict]}”请写明依据，以后的门槛会用到", fields={"note": "请写明依据"}
        )
    record.verdict, record.verdict_note = verdict, note
    record.verdict_by, record.verdict_at = actor.name, clock.now()
    record.verdict_observed = record.observed
    session.flush()
    gate = hotspot_gate.judge(record, hotspot_gate.learnt(session, clock.now()))
    record.announced, record.gate = gate.announced, gate.to_json()
    return {"verdict": verdict}


def _acknowledge(
    session: AnySession, record: HotspotRecord, actor: Actor, data: Mapping[str, str], note: str
) -> dict[str, str]:
    if record.acknowledged_at is not None:
        raise Conflict(f"{record.acknowledged_by}已经阅过", code="already_acknowledged")
    record.acknowledged_at, record.acknowledged_by = clock.now(), actor.name
    return {}


def _suppress(
    session: AnySession, record: HotspotRecord, actor: Actor, data: Mapping[str, str], note: str
) -> dict[str, str]:
    try:
        last = date.fromisoformat(data.get("until", "").strip())
    except ValueError:
        raise InvalidInput("请填写不提醒到哪一天", fields={"until": "请填写日期，如 2026-03-31"}) from None
    today = clock.today()
    if not today <= last <= today + LONGEST_SUPPRESSION:
        raise InvalidInput(
            f"日期应在今天到 {today + LONGEST_SUPPRESSION:%Y-%m-%d} 之间", fields={"until": "太早或太远"}
        )
    if not note:
        raise InvalidInput("请写明为什么暂不提醒", fields={"note": "请写明理由"})
    record.suppressed_until = datetime.combine(last + timedelta(days=1), time(), clock.SHANGHAI)
    record.suppressed_why = note
    return {"until": last.isoformat()}


def _lift(
    session: AnySession, record: HotspotRecord, actor: Actor, data: Mapping[str, str], note: str
) -> dict[str, str]:
    if not is_suppressed(record):
        raise Conflict("这个热点现在没有暂停提醒", code="not_suppressed")
    record.suppressed_until, record.suppressed_why = None, ""
    return {}


def _assign(
    session: AnySession, record: HotspotRecord, actor: Actor, data: Mapping[str, str], note: str
) -> dict[str, str]:
    unit = by_code(session, data.get("unit", ""))
    if unit is None or not unit.active:
        raise InvalidInput("请选择承办单位；列表里没有的已停用", fields={"unit": "请选择单位"})
    record.unit = unit
    return {"unit": unit.code, "unit_name": unit.name}


def is_suppressed(record: HotspotRecord, now: datetime | None = None) -> bool:
    """Whether telling people is put off at a moment (default: now)."""
    return record.suppressed_until is not None and record.suppressed_until > (now or clock.now())


_DO: dict[str, Callable[[AnySession, HotspotRecord, Actor, Mapping[str, str], str], dict[str, str]]] = {
    "verdict": _verdict,
    "acknowledge": _acknowledge,
    "suppress": _suppress,
    "lift": _lift,
    "assign": _assign,
}
