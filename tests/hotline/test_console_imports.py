"""The import pages: looked at first, taken in whole, watched, and never twice."""

from __future__ import annotations

import io
import re
import time
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core import clock
from core.database import db
from hotline import import_runs
from hotline.models import OrderInsight, WorkOrder
from tests.console_forms import post, token
from tests.factories import Factory, sign_in

HEADER = "留言编号,留言用户,留言主题,留言时间,留言详情\n"
GOOD = HEADER + "".join(
    f"{n},U{n},路灯不亮,2026-03-0{n} 08:00,同德社区锦澜苑路灯坏了{n}天\n" for n in range(1, 6)
)


def _upload(client: FlaskClient, content: bytes, name: str = "留言.csv") -> Any:
    data = {"csrf_token": token(client, "/imports"), "file": (io.BytesIO(content), name)}
    return client.post("/imports", data=data, content_type="multipart/form-data")


def _watched(client: FlaskClient, address: str) -> dict[str, Any]:
    for _ in range(200):
        state = client.get(f"{address}/progress").get_json()
        if state["finished"]:
            return state
        time.sleep(0.1)
    raise AssertionError(f"the import did not end: {state}")


def _signed_in(app: Flask, client: FlaskClient) -> FlaskClient:
    with app.app_context():
        return sign_in(client, Factory(app).staff("supervisor"))


def test_a_file_is_shown_then_taken_in_watched_and_not_taken_twice(app: Flask, client: FlaskClient) -> None:
    _signed_in(app, client)
    seen = _upload(client, GOOD.encode("gb18030"))
    page = seen.get_data(as_text=True)
    assert seen.status_code == 200 and "导入 5 件" in page and "留言详情 → 诉求内容" in page
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(WorkOrder)) == 0, "a look wrote something"
    start = re.search(r'action="(/imports/[^"]+/start)"', page)
    assert start is not None
    going = post(client, start.group(1), {"name": "留言.csv"}, page="/imports")
    assert going.status_code == 302
    assert post(client, start.group(1), {"name": "留言.csv"}, page="/imports").status_code == 404
    state = _watched(client, going.location)
    assert (state["state"], state["rows"], state["accepted"], state["classified"]) == ("done", 5, 5, 5)
    assert "看这 5 件工单" in client.get(going.location).get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(OrderInsight)) == 5
        assert all(code == "0113" for code in db.session.scalars(select(WorkOrder.category_code)))
    again = _upload(client, GOOD.encode("utf-8")).get_data(as_text=True)
    assert "导入 5 件" not in again and re.search(r"已有</div><div class=\"big\">5<", again)


def test_an_upload_nobody_took_in_is_dropped_after_a_day(app: Flask, client: FlaskClient) -> None:
    _signed_in(app, client)
    folder = app.extensions["settings"].import_folder
    assert _upload(client, GOOD.encode()).status_code == 200
    assert len(list(folder.iterdir())) >= 1
    assert import_runs.drop_abandoned(folder) == 0
    with clock.advanced(timedelta(days=2)):
        assert import_runs.drop_abandoned(folder) >= 1
    assert list(folder.iterdir()) == []


def test_a_wrong_file_is_refused_with_every_row_and_cannot_be_started(
    app: Flask, client: FlaskClient
) -> None:
    _signed_in(app, client)
    wrong = GOOD + "9,U9,没有时间,,内容\n10,U10,时间不对,昨天,内容\n"
    page = _upload(client, wrong.encode()).get_data(as_text=True)
    assert "第 7 行" in page and "第 8 行" in page and "昨天" in page and "/start" not in page
    for content, name, told in (
        (b"", "空.csv", "空的"),
        (b"\xff\xd8\xff\xe0" + b"x" * 50, "照片.csv", "不是表格文件"),
        (b"PK\x03\x04broken", "坏.xlsx", "损坏"),
        ("甲,乙\n1,2\n".encode(), "别的.csv", "认不出"),
    ):
        answer = _upload(client, content, name)
        assert answer.status_code == 422 and told in answer.get_data(as_text=True), name
    data = {"csrf_token": token(client, "/imports")}
    assert client.post("/imports", data=data, content_type="multipart/form-data").status_code == 422
    assert post(client, "/imports/..etc/start", page="/imports").status_code == 422
