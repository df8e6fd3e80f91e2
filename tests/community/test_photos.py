"""Photos: cleaned on arrival, kept once, taken up by one report or dropped after a day."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from core import clock
from core.database import db
from core.photos import PhotoStore
from hotline import photos
from hotline.models import OrderPhoto
from tests.community.resident import TEXT, Resident, picture, post


def _store(app: Flask) -> PhotoStore:
    return PhotoStore(app.extensions["settings"].photo_folder)


def _files(app: Flask) -> list[Path]:
    folder = app.extensions["settings"].photo_folder
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


@pytest.fixture(autouse=True)
def empty_folder(app: Flask) -> None:
    for path in _files(app):
        path.unlink()


def test_where_it_was_taken_is_gone_before_it_is_kept(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    sent = picture((64, 48), gps=True)
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825), "the test photo must carry GPS"
    token = resident.upload(sent).get_json()["photo_id"]
    resident.report(photos=[token])
    shown = client.get(resident.see()["photos"][0]["link"], headers=resident.code)
    assert shown.headers["Cache-Control"].startswith("private")
    for data in (shown.data, *(path.read_bytes() for path in _files(app))):
        kept = Image.open(io.BytesIO(data))
        assert kept.size == (64, 48)
        assert not kept.getexif()
        assert b"Lexiang Phone" not in data and b"Exif" not in data


def test_what_is_not_a_photo_is_refused(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    for data in (b"%PDF-1.7", b"GIF89a", b"\xff\xd8\xff\xe0", picture()[:200], b"<svg/>", b"MZ" * 500):
        answer = resident.upload(data)
        assert answer.status_code == 422, data[:10]
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["detail"]
    assert _files(app) == []
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(OrderPhoto)) == 0


def test_forms_that_hold_no_one_photo(client: FlaskClient) -> None:
    two = client.post(
        "/api/v1/photos", data={"photo": [(io.BytesIO(picture()), "a.jpg"), (io.BytesIO(picture()), "b.jpg")]}
    )
    assert (two.status_code, list(two.get_json()["fields"])) == (422, ["photo"])
    nothing = client.post("/api/v1/photos", data={}, content_type="multipart/form-data")
    named_else = client.post("/api/v1/photos", data={"file": (io.BytesIO(picture()), "a.jpg")})
    as_text = client.post("/api/v1/photos", data={"photo": "a"}, content_type="multipart/form-data")
    as_json = post(client, "/api/v1/photos", {"photo": "a"})
    broken = client.post(
        "/api/v1/photos", data=b"--x\r\nnonsense", content_type="multipart/form-data; boundary=x"
    )
    for answer in (nothing, named_else, as_text, as_json, broken):
        assert answer.status_code == 422
        assert answer.mimetype == "application/problem+json"
        assert "photo" in answer.get_json()["fields"]


@pytest.mark.parametrize("size", [10 * 1024 * 1024 + 1, 50 * 1024 * 1024])
def test_too_large(client: FlaskClient, size: int) -> None:
    answer = Resident(client).upload(b"\xff\xd8" + bytes(size))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")
    assert answer.mimetype == "application/problem+json"


def test_a_photo_belongs_to_one_report(client: FlaskClient) -> None:
    resident = Resident(client)
    tokens = [resident.upload(picture(colour=colour)).get_json()["photo_id"] for colour in ("red", "green")]
    assert resident.report(photos=tokens).status_code == 201
    assert [photo["photo_id"] for photo in resident.see()["photos"]] == tokens
    other = Resident(client)
    taken = other.report(photos=[tokens[0]])
    assert (taken.status_code, taken.get_json()["code"]) == (422, "photo_not_usable")
    other.report()
    peek = client.get(f"{other.address}/photos/{tokens[0]}", headers=other.code)
    assert peek.status_code == 404


def test_two_reports_at_once_cannot_share_a_photo(app: Flask, client: FlaskClient) -> None:
    token = Resident(client).upload(picture()).get_json()["photo_id"]
    together = threading.Barrier(2)
    statuses = []

    def send() -> None:
        mine = app.test_client()
        together.wait()
        statuses.append(post(mine, "/api/v1/reports", {"text": TEXT, "photos": [token]}).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 422]


def test_orphans_go_after_a_day_and_only_orphans(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    kept, orphan = (
        resident.upload(picture(colour=colour)).get_json()["photo_id"] for colour in ("red", "green")
    )
    # the same picture as the kept one, uploaded once more and forgotten: one file, two rows
    resident.upload(picture(colour="red"))
    resident.report(photos=[kept])
    assert len(_files(app)) == 2
    with app.app_context():
        assert photos.drop_orphans(db.session, _store(app)) == 0
        with clock.advanced(timedelta(hours=25)):
            assert photos.drop_orphans(db.session, _store(app)) == 2
            db.session.commit()
            assert photos.drop_orphans(db.session, _store(app)) == 0
        db.session.rollback()
    assert len(_files(app)) == 1
    assert client.get(resident.see()["photos"][0]["link"], headers=resident.code).status_code == 200
    assert resident.report(photos=[orphan]).status_code == 422


def test_an_expired_photo_cannot_be_taken_up(client: FlaskClient) -> None:
    resident = Resident(client)
    token = resident.upload(picture()).get_json()["photo_id"]
    with clock.advanced(timedelta(hours=25)):
        answer = resident.report(photos=[token])
    assert (answer.status_code, answer.get_json()["code"]) == (422, "photo_not_usable")


def test_a_file_that_is_gone_is_not_found(app: Flask, client: FlaskClient) -> None:
    resident = Resident(client)
    resident.report(photos=[resident.upload(picture()).get_json()["photo_id"]])
    for path in _files(app):
        path.unlink()
    answer = client.get(resident.see()["photos"][0]["link"], headers=resident.code)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
