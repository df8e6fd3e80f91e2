"""A resident with a phone, and the staff at the other end, for the tests of the residents' door."""

from __future__ import annotations

import io
import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.audit import Actor
from core.database import db
from hotline import verbs
from hotline.models import WorkOrder
from tests.factories import UNIT, Factory

TEXT = "小区门口的路灯坏了三天，晚上很黑，老人不敢出门。"
LEAD_REPLY = "已更换灯泡并检查线路，今晚恢复照明。"
SATISFIED = {"contacted": True, "solved": True, "satisfaction": "satisfied"}
UNSOLVED = {"contacted": True, "solved": False, "satisfaction": "dissatisfied", "comment": "还是不亮"}
# a smartphone's idea of where it was, as an EXIF GPS block (IFD 0x8825)
GPS = {1: "N", 2: (30.0, 40.0, 58.8), 3: "E", 4: (104.0, 1.0, 22.8)}


class Resident:
    """Reports over HTTP and remembers the receipt."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.receipt: dict[str, Any] = {}

    @property
    def code(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.receipt['access_code']}"}

    @property
    def address(self) -> str:
        return f"/api/v1/reports/{self.receipt['id']}"

    def report(self, key: str | None = None, **said: Any) -> TestResponse:
        """Post a report; the text is TEXT unless given."""
        answer = post(self.client, "/api/v1/reports", {"text": TEXT} | said, key=key)
        if answer.status_code == 201:
            self.receipt = answer.get_json()
        return answer

    def see(self) -> dict[str, Any]:
        """The report as it stands."""
        answer = self.client.get(self.address, headers=self.code)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def judge(self, said: dict[str, Any], key: str | None = None) -> TestResponse:
        return post(self.client, f"{self.address}/judgement", said, key=key, headers=self.code)

    def reopen(self, reason: str, key: str | None = None) -> TestResponse:
        return post(self.client, f"{self.address}/reopen", {"reason": reason}, key=key, headers=self.code)

    def upload(self, data: bytes, name: str = "photo.jpg") -> TestResponse:
        # written by hand: the test client keeps large forms in temporary files that it does not close
        head = f'--edge\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n\r\n'
        body = head.encode() + data + b"\r\n--edge--\r\n"
        return self.client.post(
            "/api/v1/photos", data=body, content_type="multipart/form-data; boundary=edge"
        )


def post(
    client: FlaskClient,
    address: str,
    said: Any,
    *,
    key: str | None = None,
    headers: dict[str, str] | None = None,
) -> TestResponse:
    """Post JSON, whatever is in it."""
    sent = dict(headers or {})
    if key is not None:
        sent["Idempotency-Key"] = key
    return client.post(address, data=json.dumps(said), content_type="application/json", headers=sent)


def picture(
    size: tuple[int, int] = (40, 30), colour: str = "navy", *, gps: bool = False, form: str = "JPEG"
) -> bytes:
    """A photo; with ``gps`` one that says where and with what it was taken."""
    image = Image.new("RGB", size, colour)
    exif = Image.Exif()
    if gps:
        exif[0x010F] = "Lexiang Phone"
        exif.get_ifd(0x8825).update(GPS)
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()


def staff_do(app: Flask, number: str, *steps: tuple[str, str, dict[str, Any]]) -> None:
    """Staff act on an order: (role, action, data), each as somebody of the unit where the action is a unit's."""
    with app.app_context():
        path = Factory(app).unit(UNIT).path
        order = db.session.execute(select(WorkOrder).where(WorkOrder.number == number)).scalar_one()
        for role, action, data in steps:
            unit_path = path if role.startswith("unit_") else None
            verbs.perform(db.session, order, action, Actor(role, f"某{role}", unit_path=unit_path), data)
        db.session.commit()


def answer_it(app: Flask, number: str) -> None:
    """From registered to the approved reply."""
    staff_do(app, number, ("dispatcher", "dispatch", {"lead_unit": UNIT, "note": "内部说明"}))
    handle_it(app, number, sign=True)


def handle_it(app: Flask, number: str, *, sign: bool = False) -> None:
    """The unit handles, replies, and its lead approves."""
    signing: list[tuple[str, str, dict[str, Any]]] = [("unit_clerk", "sign_for", {})] if sign else []
    staff_do(
        app,
        number,
        *signing,
        ("unit_clerk", "reply", {"reply": LEAD_REPLY}),
        ("unit_lead", "approve", {}),
    )


def titles(seen: dict[str, Any]) -> list[str]:
    """The headlines of a timeline."""
    return [step["title"] for step in seen["timeline"]]
