"""演示记录 Demo records: the plain values the generator hands over. No database here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FateStep:
    """One thing done to an order, at an aware instant, never later than the history's ``as_of``.

    ``action`` is a verb of the life of a work order: answer_directly, decline, dispatch, send_back, uphold, deny,
    sign_for, contact, ask_extension, approve_extension, deny_extension, suspend, resume, reply, reject, approve,
    visit_back, reopen. ``actor`` is operator, dispatcher, clerk, lead, supervisor, visit_agent or resident.
    ``delay_hours`` is the wall-clock time since the step before (or since the report). ``data`` holds what the action
    needs: dispatch ``unit`` and ``co_units`` (codes); decline ``route`` (code); sign_for ``unit``; ask_extension
    ``working_days``; suspend ``review_on`` (ISO date); visit_back ``reached``, ``contacted``, ``solved``,
    ``satisfaction`` (satisfied, basically_satisfied, dissatisfied or None when not reached) and ``comment``.
    """

    action: str
    at: datetime
    actor: str
    delay_hours: float
    note: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fate:
    """The life of an order as far as ``as_of``.

    ``kind``: waiting (nobody has touched it yet), answered, declined or dispatched. ``state`` is where it stands:
    registered, completed, declined, dispatched, sent_back, signed_for, suspended, replied, reviewed.
    ``expected_due`` is the plan's own estimate of the handling deadline (the product's clock decides); ``late`` means
    the reply came, or is still missing, after it.
    """

    kind: str
    state: str
    expected_due: datetime | None
    late: bool
    rework_count: int
    steps: tuple[FateStep, ...]


@dataclass(frozen=True, slots=True)
class Complainant:
    """A made-up person. Phones are of the form 1[3-9]x0000xxxx: plainly fictitious. ``key`` tells repeat callers apart."""

    key: int
    name: str
    phone: str
    gender: str
    home: str


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """One request. ``reported_at`` is aware; ``channel`` and ``request_type`` use the glossary's identifiers.

    ``area_code`` is the finest area known (micro-grid … district), ``estate`` the name of a seeded place or None.
    ``true_category`` is a code of the category catalogue, written by the generator and never guessed.
    """

    number: int
    reported_at: datetime
    channel: str
    request_type: str
    title: str
    text: str
    place_text: str
    area_code: str
    estate: str | None
    complainant: Complainant
    confidential: bool
    true_category: str
    urgent: bool
    event_id: str | None
    votes: int
    fate: Fate


@dataclass(frozen=True, slots=True)
class InjectedEvent:
    """A hotspot put into the history on purpose. ``end`` is None while it goes on; ``order_count`` is what was written."""

    id: str
    name: str
    place: str
    area_code: str
    category_code: str
    start: datetime
    end: datetime | None
    order_count: int
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoHistory:
    """Orders in order of time, and the truth about the injected events."""

    as_of: datetime
    orders: list[DemoOrder]
    events: list[InjectedEvent]
