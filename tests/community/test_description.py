"""The description of the interface: complete, true, and readable without any other host."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pytest import MonkeyPatch
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from community.api.schemas import JudgementIn
from core import readiness
from core.settings import ROOT

PATHS = {
    "/api/v1/photos": {"post"},
    "/api/v1/reports": {"post"},
    "/api/v1/reports/{report_id}": {"get"},
    "/api/v1/reports/{report_id}/judgement": {"post"},
    "/api/v1/reports/{report_id}/reopen": {"post"},
    "/api/v1/reports/{report_id}/photos/{photo_id}": {"get"},
    "/api/v1/categories": {"get"},
    "/api/v1/health": {"get"},
}


@pytest.fixture
def spec(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    return dict(answer.get_json())


def test_it_describes_the_residents_routes_and_no_others(spec: dict[str, Any]) -> None:
    assert {path: set(methods) for path, methods in spec["paths"].items()} == PATHS


def test_errors_are_problems_and_explained_in_chinese(spec: dict[str, Any]) -> None:
    for path, methods in spec["paths"].items():
        for operation in methods.values():
            assert operation["summary"]
            for status, answer in operation["responses"].items():
                assert re.search("[\u4e00-\u9fff]", answer["description"]) or status < "300", (path, status)
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_routes_that_need_a_code_say_so(spec: dict[str, Any]) -> None:
    for path, methods in spec["paths"].items():
        for operation in methods.values():
            assert bool(operation.get("security")) == ("{report_id}" in path)


def test_the_page_shows_every_operation_and_loads_nothing(client: FlaskClient) -> None:
    answer = client.get("/api/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    page = answer.get_data(as_text=True)
    for path, methods in PATHS.items():
        assert page.count(f"<code>{path}</code>") >= len(methods)
    assert "Idempotency-Key" in page
    assert "curl -X POST http://localhost/api/v1/reports" in page
    page = page.replace('<link rel="icon" href="data:,">', "")  # keeps browsers from asking for an icon
    assert "<script" not in page and "<link" not in page and "<img" not in page
    assert not re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", page)


def test_categories_are_the_catalogue(client: FlaskClient) -> None:
    said = client.get("/api/v1/categories").get_json()
    assert said["next_cursor"] is None
    codes = [row["code"] for row in said["items"]]
    assert codes == sorted(codes) and len(codes) == len(set(codes)) > 15
    assert {row["level"] for row in said["items"]} == {1, 2}


def test_the_written_page_names_every_route_and_its_example_is_accepted(client: FlaskClient) -> None:
    written = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\|[^|]*\| `((?:GET|POST) [^`]+)`", written, re.MULTILINE))
    assert named == {f"{method.upper()} {path}" for path, methods in PATHS.items() for method in methods}
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", written, re.DOTALL)]
    report, receipt, seen, judgement, problem = examples
    made = client.post("/api/v1/reports", json=report)
    assert made.status_code == 201
    assert set(made.get_json()) == set(receipt)
    opened = client.get(
        receipt_address(made), headers={"Authorization": f"Bearer {made.get_json()['access_code']}"}
    )
    assert set(seen) <= set(opened.get_json())
    assert JudgementIn().load(judgement) == judgement
    refused = client.post("/api/v1/reports", json={"place": {"lat": "x", "lng": 1}})
    assert refused.get_json()["fields"] == problem["fields"]
    assert set(refused.get_json()) == set(problem)


def receipt_address(made: TestResponse) -> str:
    """Where a report made can be followed."""
    return str(made.get_json()["links"]["self"])


def test_health(client: FlaskClient, monkeypatch: MonkeyPatch, app: Flask) -> None:
    assert client.get("/api/v1/health").get_json() == {"status": "ok"}
    monkeypatch.setattr(readiness, "current", lambda engine: "0000")
    behind = client.get("/api/v1/health")
    assert (behind.status_code, behind.get_json()["code"]) == (503, "database_outdated")

    def gone(engine: object) -> str:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(readiness, "current", gone)
    down = client.get("/api/v1/health")
    assert (down.status_code, down.get_json()["code"]) == (503, "database_unreachable")
    assert down.mimetype == "application/problem+json"
