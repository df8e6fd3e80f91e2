"""What the description promises, held against requests nobody thought of: no 5xx, no answer it does not describe."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.community.resident import Resident, answer_it, picture

OPERATIONS = {
    "POST /api/v1/photos",
    "POST /api/v1/reports",
    "GET /api/v1/reports/{report_id}",
    "POST /api/v1/reports/{report_id}/judgement",
    "POST /api/v1/reports/{report_id}/reopen",
    "GET /api/v1/reports/{report_id}/photos/{photo_id}",
    "GET /api/v1/categories",
    "GET /api/v1/health",
}
load_all_checks()
# that a phone number rings, that bytes are a picture and that a photo was uploaded cannot be said in a schema
BEYOND_A_SCHEMA: Any = CHECKS.get_by_names(["positive_data_acceptance"])
quick = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _modes(operation: schemathesis.APIOperation) -> list[GenerationMode]:
    """Wrong requests too, wherever a request can be wrong."""
    wrong = operation.body or operation.headers or operation.path_parameters
    return [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if wrong else [GenerationMode.POSITIVE]


def test_strangers(app: Flask) -> None:
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    seen = set()
    for found in described.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        seen.add(operation.label)
        for mode in _modes(operation):

            @quick
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Case) -> None:
                case.call_and_validate(excluded_checks=BEYOND_A_SCHEMA)

            ask()
    assert seen == OPERATIONS


@pytest.mark.parametrize("action", ["", "/judgement", "/reopen", "/photos/{photo_id}"])
def test_the_holder_of_a_code(app: Flask, client: FlaskClient, action: str) -> None:
    resident = Resident(client)
    resident.report(photos=[resident.upload(picture()).get_json()["photo_id"]])
    answer_it(app, resident.receipt["number"])
    path = "/api/v1/reports/{report_id}" + action
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    operation = described[path]["POST" if action in ("/judgement", "/reopen") else "GET"]
    statuses = set()

    @quick
    @given(case=operation.as_strategy())
    def ask(case: Case) -> None:
        case.path_parameters = {**case.path_parameters, "report_id": resident.receipt["number"]}
        case.headers["Authorization"] = resident.code["Authorization"]
        response = case.call_and_validate(excluded_checks=BEYOND_A_SCHEMA)
        statuses.add(response.status_code)

    ask()
    assert statuses - {401}, "the right code must get further than the door"
