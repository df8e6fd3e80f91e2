"""受理 Intake: a request from any channel becomes a registered work order, its clocks start, its journal opens."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core import clock
from core.areas import Area
from core.audit import Actor
from core.database import AnySession, insert_many
from core.errors import InvalidInput
from core.privacy import Vault, normalise_phone
from hotline import deadlines, journal
from hotline.models import CHANNELS, REQUEST_TYPES, Deadline, OrderEvent, WorkOrder

TITLE_LENGTH = 60
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks, as plain values from any door. ``reported_at`` empty means now."""

    text: str
    title: str = ""
    channel: str = "phone"
    request_type: str = "complaint"
    place_text: str = ""
    area: Area | None = None
    lat: float | None = None
    lng: float | None = None
    name: str = ""
    phone: str = ""
    address: str = ""
    confidential: bool = False
    urgent: bool = False
    reported_at: datetime | None = None
    source: str | None = None
    external_number: str | None = None
    complainant_alias: str = ""
    category_code: str | None = None
    about_unit_id: int | None = None
    support_count: int = 0
    oppose_count: int = 0
    extra: dict[str, Any] = field(default_factory=dict)


def accept(session: AnySession, vault: Vault, request: Request, actor: Actor) -> WorkOrder:
    """Register one request. Raises InvalidInput naming every field that is wrong; the caller commits."""
    values = _columns(vault, request)
    values["number"] = _numbers(session, [values["reported_at"]])[0]
    order = WorkOrder(**values)
    session.add(order)
    session.flush()
    journal.append(session, order, "accept", actor, origin=None, data=_said(request))
    for name in ("accept", "first_response", "handle"):
        deadlines.start(session, order, name)
    session.flush()
    return order


def accept_many(
    session: AnySession, vault: Vault, requests: Sequence[Request], actor: Actor, *, import_batch_id: int
) -> list[int]:
    """Register many requests in a few statements; same rules as :func:`accept`. Returns the new orders' ids."""
    rows = [
        _columns(vault, request) | {"import_batch_id": import_batch_id, "version": 1} for request in requests
    ]
    numbers = _numbers(session, [row["reported_at"] for row in rows])
    for row, number in zip(rows, numbers, strict=True):
        row["number"] = number
    insert_many(session, WorkOrder, rows)
    ids = _ids(session, numbers)
    now = clock.now()
    events, clocks = [], []
    for request, row in zip(requests, rows, strict=True):
        order_id = ids[row["number"]]
        events.append(
            journal.row(
                order_id=order_id,
                seq=1,
                previous="",
                action="accept",
                actor=actor,
                at=now,
                origin=None,
                to_status="REGISTERED",
                reason="",
                data=_said(request),
            )
        )
        facts = deadlines.Facts(
            row["request_type"],
            row["urgent"],
            row["category_code"],
            tuple(code for code in request.area.path.split("/") if code) if request.area else (),
            clock.local(now).date(),
        )
        for name in ("accept", "first_response", "handle"):
            planned = deadlines.plan(session, name, facts, now)
            if planned:
                clocks.append(planned | {"order_id": order_id})
    insert_many(session, OrderEvent, events)
    insert_many(session, Deadline, clocks)
    return [ids[number] for number in numbers]


def check(request: Request) -> dict[str, str]:
    """What is wrong with a request, by field, in words; empty when it can be accepted."""
    wrong: dict[str, str] = {}
    if not request.text.strip():
        wrong["text"] = "请写明诉求内容"
    elif len(request.text) > MAX_TEXT:
        wrong["text"] = f"诉求内容最多 {MAX_TEXT} 字，现在 {len(request.text)} 字，请分开提交"
    if len(request.title) > 200:
        wrong["title"] = "标题最多 200 字"
    if len(request.place_text) > 255:
        wrong["place"] = "地点最多 255 字"
    if request.channel not in CHANNELS:
        wrong["channel"] = f"渠道只能是：{'、'.join(CHANNELS)}"
    if request.request_type not in REQUEST_TYPES:
        wrong["request_type"] = f"诉求类型只能是：{'、'.join(REQUEST_TYPES)}"
    if request.phone and not normalise_phone(request.phone):
        wrong["phone"] = "电话号码不对，请填 11 位手机号或带区号的固定电话"
    if (request.lat is None) != (request.lng is None):
        wrong["lat"] = "经度和纬度要一起给"
    elif request.lat is not None and not (-90 <= request.lat <= 90 and -180 <= (request.lng or 0) <= 180):
        wrong["lat"] = "经纬度超出范围"
    if request.reported_at is not None and request.reported_at > clock.now():
        wrong["reported_at"] = "诉求时间在将来，请检查"
    return wrong


def _columns(vault: Vault, request: Request) -> dict[str, Any]:
    wrong = check(request)
    if wrong:
        raise InvalidInput("；".join(wrong.values()), fields=wrong)
    now = clock.now()
    phone = normalise_phone(request.phone) if request.phone else ""
    text = request.text.strip().replace("\x00", "")
    return {
        "status": "REGISTERED",
        "request_type": request.request_type,
        "channel": request.channel,
        "source": request.source,
        "external_number": request.external_number,
        "title": request.title.strip().replace("\x00", "") or _title(text),
        "text": text,
        "place_text": request.place_text.strip(),
        "area_id": request.area.id if request.area else None,
        "lat": request.lat,
        "lng": request.lng,
        "category_code": request.category_code,
        "urgent": request.urgent,
        "confidential": request.confidential,
        "complainant_name": vault.encrypt(request.name.strip(), "name") if request.name.strip() else None,
        "complainant_phone": vault.encrypt(phone, "phone") if phone else None,
        "complainant_address": vault.encrypt(request.address.strip(), "address")
        if request.address.strip()
        else None,
        "phone_index": vault.blind_index(phone, "phone") if phone else None,
        "complainant_key": _complainant_key(vault, phone, request.complainant_alias),
        "about_unit_id": request.about_unit_id,
        "reported_at": request.reported_at or now,
        "registered_at": now,
        "support_count": request.support_count,
        "oppose_count": request.oppose_count,
    }


def _complainant_key(vault: Vault, phone: str, alias: str) -> str | None:
    """By which repeat callers can be told apart without knowing who they are."""
    if phone:
        return vault.blind_index(phone, "complainant")
    return vault.blind_index(alias, "complainant-alias") if alias else None


def _said(request: Request) -> dict[str, Any]:
    """What the journal keeps of a request: nothing that names the person."""
    said: dict[str, Any] = {"channel": request.channel, "request_type": request.request_type}
    if request.external_number:
        said["external_number"] = request.external_number
    return said | request.extra


def _title(text: str) -> str:
    first = text.splitlines()[0].strip()
    for stop in "。！？!?；;":
        first = first.split(stop)[0]
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"


def _numbers(session: AnySession, times: Iterable[datetime]) -> list[str]:
    """Order numbers: the day and seven random digits, so that a number does not tell how many orders there are.

    Numbers in use are drawn again; the unique constraint stands behind that.
    """
    numbers: list[str] = []
    taken: set[str] = set()
    for time in times:
        day = f"{clock.local(time):%Y%m%d}"
        number = f"{day}-{secrets.randbelow(10**7):07d}"
        while number in taken:
            number = f"{day}-{secrets.randbelow(10**7):07d}"
        taken.add(number)
        numbers.append(number)
    used = set(_ids(session, numbers))
    if used:
        again = _numbers(
            session, [datetime.strptime(n[:8], "%Y%m%d").replace(tzinfo=clock.SHANGHAI) for n in used]
        )
        fresh = dict(zip(used, again, strict=True))
        numbers = [fresh.get(number, number) for number in numbers]
    return numbers


def _ids(session: AnySession, numbers: Sequence[str], *, chunk: int = 500) -> dict[str, int]:
    found: dict[str, int] = {}
    for begin in range(0, len(numbers), chunk):
        part = numbers[begin : begin + chunk]
        found |= {number: key for number, key in session.execute(
            select(WorkOrder.number, WorkOrder.id).where(WorkOrder.number.in_(part)))}  # fmt: skip
    return found
