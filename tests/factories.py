"""Factories: one short way to each thing tests need."""

from __future__ import annotations

import itertools
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import staff as accounts
from core.areas import Area
from core.audit import Actor, actor_of
from core.database import db
from core.staff import UNIT_ROLES, Staff
from core.units import HandlingUnit
from hotline import intake, verbs
from hotline.models import WorkOrder

PASSWORD = "Tongde-2026-test"
UNIT = "QY-ZF"
_count = itertools.count(1)


class Factory:
    """Makes rows in the session of the pushed context; nothing is committed unless said."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.vault = app.extensions["vault"]

    def unit(self, code: str = UNIT) -> HandlingUnit:
        """A seeded unit."""
        return db.session.execute(select(HandlingUnit).where(HandlingUnit.code == code)).scalar_one()

    def area(self, name: str = "同德社区") -> Area:
        """A seeded area."""
        return db.session.execute(select(Area).where(Area.name == name)).scalars().first()  # type: ignore[return-value]

    def staff(self, role: str, unit: str | None = None, **more: Any) -> Staff:
        """A member of staff whose password is PASSWORD; committed."""
        code = unit or (UNIT if role in UNIT_ROLES else None)
        made = accounts.add(
            db.session,
            username=more.pop("username", f"{role}{next(_count)}".replace("_", "-")),
            name=more.pop("name", f"测试{accounts.ROLES[role]}"),
            role=role,
            password=PASSWORD,
            unit=self.unit(code) if code else None,
            must_change_password=False,
        )
        db.session.commit()
        return made

    def actor(self, role: str, unit: str | None = None) -> Actor:
        """An actor of a role, with an account behind it."""
        return actor_of(self.staff(role, unit))

    def order(self, text: str = "小区门口的路灯坏了三天，晚上很黑，老人不敢出门", **more: Any) -> WorkOrder:
        """A registered order; committed."""
        actor = more.pop("actor", None) or Actor(role="intake_operator", name="受理员甲")
        order = intake.accept(db.session, self.vault, intake.Request(text=text, **more), actor)
        db.session.commit()
        return order

    def order_at(self, status: str, unit: str = UNIT, **more: Any) -> WorkOrder:
        """An order brought to a status by the actions that lead there; committed."""
        order = self.order(**more)
        desk = Actor(role="dispatcher", name="派单员甲")
        path = self.unit(unit).path
        clerk = Actor(role="unit_clerk", name="经办甲", unit_path=path)
        lead = Actor(role="unit_lead", name="审核甲", unit_path=path)
        boss = Actor(role="supervisor", name="督办甲")
        asker = Actor(role="visit_back_agent", name="回访甲")
        steps: dict[str, list[tuple[str, Actor, dict[str, Any]]]] = {
            "DISPATCHED": [("dispatch", desk, {"lead_unit": unit})],
            "SENT_BACK": [("send_back", clerk, {"reason": "不属于本单位职责"})],
            "SIGNED_FOR": [("sign_for", clerk, {})],
            "SUSPENDED": [("suspend", boss, {"reason": "等待立项", "review_on": "2099-01-01"})],
            "REPLIED": [("reply", clerk, {"reply": "已安排维修，三日内修复。"})],
            "REVIEWED": [("approve", lead, {})],
            "COMPLETED": [
                ("visit_back", asker, {"contacted": True, "solved": True, "satisfaction": "satisfied"})
            ],
            "DECLINED": [("decline", desk, {"legal_route": "litigation", "reason": "属于民事纠纷"})],
        }
        ways = {
            "REGISTERED": [],
            "DECLINED": ["DECLINED"],
            "DISPATCHED": ["DISPATCHED"],
            "SENT_BACK": ["DISPATCHED", "SENT_BACK"],
            "SIGNED_FOR": ["DISPATCHED", "SIGNED_FOR"],
            "SUSPENDED": ["DISPATCHED", "SIGNED_FOR", "SUSPENDED"],
            "REPLIED": ["DISPATCHED", "SIGNED_FOR", "REPLIED"],
            "REVIEWED": ["DISPATCHED", "SIGNED_FOR", "REPLIED", "REVIEWED"],
            "COMPLETED": ["DISPATCHED", "SIGNED_FOR", "REPLIED", "REVIEWED", "COMPLETED"],
        }
        for stop in ways[status]:
            for action, actor, data in steps[stop]:
                verbs.perform(db.session, order, action, actor, data)
        db.session.commit()
        return order


def sign_in(client: FlaskClient, staff: Staff) -> FlaskClient:
    """Give a client the session of a member of staff without going through the sign-in page."""
    with client.session_transaction() as session:
        session["_user_id"] = f"{staff.id}.{staff.session_epoch}"
        session["_fresh"] = True
    return client
