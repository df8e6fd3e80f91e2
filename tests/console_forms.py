"""Posting a console form the way a browser does: with the token of the page it stands on."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token(client: FlaskClient, page: str) -> str:
    """The CSRF token on a page."""
    found = _TOKEN.search(client.get(page).get_data(as_text=True))
    assert found, f"no form on {page}"
    return found.group(1)


def post(
    client: FlaskClient, url: str, data: dict[str, Any] | None = None, *, page: str | None = None
) -> TestResponse:
    """Post a form; ``page`` is where it stands, default the address itself."""
    return client.post(url, data={"csrf_token": token(client, page or url), **(data or {})})
