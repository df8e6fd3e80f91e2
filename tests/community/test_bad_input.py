"""Whatever a program sends, it gets a problem it can read: never a page, never a 500."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import db
from hotline.models import WorkOrder
from tests.community.resident import TEXT, Resident, post

JSON = "application/json"
# what is sent, as what, and the status and code that answer it
BODIES: list[tuple[str, bytes, str, int, str]] = [
    ("nothing", b"", JSON, 400, "bad_json"),
    ("half", b'{"text": "a', JSON, 400, "bad_json"),
    ("latin", '{"text": "é"}'.encode("latin-1"), JSON, 400, "bad_json"),
    ("gb18030", '{"text": "路灯"}'.encode("gb18030"), JSON, 400, "bad_json"),
    ("digits", b"1" * 5000, JSON, 400, "bad_json"),
    ("depth", b"[" * 100_000, JSON, 400, "bad_json"),
    ("array", b"[]", JSON, 422, "invalid_input"),
    ("null", b"null", JSON, 422, "invalid_input"),
    ("text", b'"a"', JSON, 422, "invalid_input"),
    ("form", b"text=a", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ("plain", b'{"text": "a"}', "text/plain", 415, "unsupported_media_type"),
    ("multipart", b"--x--", "multipart/form-data; boundary=x", 415, "unsupported_media_type"),
    ("no type", b'{"text": "a"}', "", 415, "unsupported_media_type"),
    ("large", b'{"text": "' + b"a" * 600_000 + b'"}', JSON, 413, "too_large"),
]
# a report with one thing wrong, and the field that is named
FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"text": None}, "text"),
    ({"text": 5}, "text"),
    ({"text": ["a"]}, "text"),
    ({"text": ""}, "text"),
    ({"text": "  \n "}, "text"),
    ({"text": "\x00\x00"}, "text"),
    ({"text": "\ud83d"}, "text"),
    ({"text": "长" * 20_001}, "text"),
    ({"title": 1}, "title"),
    ({"title": "长" * 201}, "title"),
    ({"place": "门口"}, "place"),
    ({"place": []}, "place"),
    ({"place": {"text": "长" * 256}}, "place.text"),
    ({"place": {"lat": "30.6", "lng": 104.0}}, "place.lat"),
    ({"place": {"lat": True, "lng": 104.0}}, "place.lat"),
    ({"place": {"lat": 91, "lng": 104.0}}, "place.lat"),
    ({"place": {"lat": 30.6, "lng": -181}}, "place.lng"),
    ({"place": {"lat": 30.6}}, "place.lat"),
    ({"place": {"lat": float("nan"), "lng": 1}}, "place.lat"),
    ({"place": {"lat": float("inf"), "lng": 1}}, "place.lat"),
    ({"place": {"lat": 10**400, "lng": 1}}, "place.lat"),
    ({"place": {"street": "x"}}, "place.street"),
    ({"photos": "abc"}, "photos"),
    ({"photos": {"0": "a"}}, "photos"),
    ({"photos": [7]}, "photos.0"),
    ({"photos": [None]}, "photos.0"),
    ({"photos": ["x" * 65]}, "photos.0"),
    ({"photos": ["x"] * 10}, "photos"),
    ({"photos": ["x", "x"]}, "photos"),
    ({"photos": ["nobody-s"]}, "photos"),
    ({"photos": ["\x00"]}, "photos.0"),
    ({"contact": "13812345678"}, "contact"),
    ({"contact": {"phone": 13812345678}}, "contact.phone"),
    ({"contact": {"phone": "12"}}, "contact.phone"),
    ({"contact": {"name": "长" * 65}}, "contact.name"),
    ({"request_type": "abuse"}, "request_type"),
    ({"request_type": 3}, "request_type"),
    ({"confidential": "true"}, "confidential"),
    ({"confidential": 1}, "confidential"),
    ({"anonymous": "no"}, "anonymous"),
    ({"txet": "a"}, "txet"),
    ({"\ud800": "a"}, "?"),
]


@pytest.mark.parametrize(
    ("name", "body", "media_type", "status", "code"), BODIES, ids=[row[0] for row in BODIES]
)
def test_a_body_that_cannot_be_read(
    client: FlaskClient, name: str, body: bytes, media_type: str, status: int, code: str
) -> None:
    answer = client.post("/api/v1/reports", data=body, content_type=media_type)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == status
    assert any("\u4e00" <= letter <= "\u9fff" for letter in answer.get_json()["detail"])


@pytest.mark.parametrize(("size", "status"), [(50, 201), (600_000, 413)])
def test_a_body_in_chunks_is_read_to_the_limit_only(client: FlaskClient, size: int, status: int) -> None:
    answer = client.post(
        "/api/v1/reports",
        input_stream=io.BytesIO(b'{"text": "' + b"a" * 19 + b'"}' + b" " * size),
        content_type=JSON,
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == status, answer.get_data(as_text=True)


@pytest.mark.parametrize(("wrong", "field"), FIELDS, ids=[f"{row[1]}-{n}" for n, row in enumerate(FIELDS)])
def test_a_field_that_is_wrong_is_named(
    app: Flask, client: FlaskClient, wrong: dict[str, Any], field: str
) -> None:
    answer = post(client, "/api/v1/reports", {"text": TEXT} | wrong)
    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    assert list(answer.get_json()["fields"]) == [field]
    with app.app_context():
        assert db.session.execute(select(WorkOrder.id)).first() is None


def test_text_is_required(client: FlaskClient) -> None:
    answer = post(client, "/api/v1/reports", {})
    assert answer.status_code == 422
    assert answer.get_json()["fields"] == {"text": "必须填写"}


def test_null_for_something_optional_is_nothing(client: FlaskClient) -> None:
    resident = Resident(client)
    blanks = ("title", "place", "photos", "contact", "request_type", "confidential", "anonymous")
    nothing: dict[str, Any] = dict.fromkeys(blanks)
    assert resident.report(**nothing).status_code == 201
    inner: dict[str, Any] = {
        "place": {"text": None, "lat": None, "lng": None},
        "contact": {"name": None, "phone": None},
    }
    assert resident.report(**inner).status_code == 201


def test_strange_letters_are_kept_and_impossible_ones_left_out(client: FlaskClient) -> None:
    resident = Resident(client)
    text = "噪音\x00扰民😀👨\u200d👩\u200d👧 𠮷野家\ud83d\r\n第二行\t完"
    assert resident.report(text=text, title="标题\n两行").status_code == 201
    seen = resident.see()
    assert seen["text"] == "噪音扰民😀👨\u200d👩\u200d👧 𠮷野家\n第二行\t完"
    assert seen["title"] == "标题 两行"


def test_a_long_text_of_wide_letters_fits(client: FlaskClient) -> None:
    resident = Resident(client)
    assert resident.report(text="😀" * 20_000).status_code == 201
    assert len(resident.see()["text"]) == 20_000


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"contacted": "yes", "solved": True, "satisfaction": "satisfied"},
        {"contacted": True, "solved": None, "satisfaction": "satisfied"},
        {"contacted": True, "solved": True, "satisfaction": "很满意"},
        {"contacted": True, "solved": True, "satisfaction": "satisfied", "comment": "长" * 2001},
        {"contacted": True, "solved": True, "satisfaction": "satisfied", "status": "COMPLETED"},
    ],
)
def test_a_judgement_that_is_wrong(client: FlaskClient, said: dict[str, Any]) -> None:
    resident = Resident(client)
    resident.report()
    answer = resident.judge(said)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")
    assert resident.reopen("").status_code == 422


@pytest.mark.parametrize(
    "number", ["x", "0", "%00", "%F0%9F%98%80", "a" * 3000, "..", "1' OR '1'='1", "%ED%A0%80"]
)
def test_a_number_nobody_gave_out(client: FlaskClient, number: str) -> None:
    answer = client.get(f"/api/v1/reports/{number}", headers={"Authorization": "Bearer " + "A" * 24})
    assert answer.status_code in (401, 404)
    assert answer.mimetype == "application/problem+json"


def test_paths_and_methods_that_do_not_exist(client: FlaskClient) -> None:
    for answer in (
        client.get("/api/v1/nothing"),
        client.delete("/api/v1/reports"),
        client.get("/api/v2/reports"),
    ):
        assert answer.status_code in (404, 405)
        assert answer.mimetype == "application/problem+json"
        assert json.loads(answer.data)["detail"]
