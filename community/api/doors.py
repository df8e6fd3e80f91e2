"""门 Doors: what every request of a resident's program passes before and after its view.

Before: no more body than the view can use, and the access code where one is asked for. After: nothing personal is
kept by a cache. A body that is not what the description says becomes a problem with a code, never a page or a crash.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from apiflask import APIBlueprint, HTTPError
from apiflask.schema_adapters.marshmallow import parser
from flask import Request, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from community import receipts
from core import problems
from core.access import access_of
from core.database import db
from core.errors import InvalidInput, RuleError
from core.idempotency import claim, digest_of, settle
from core.photos import PhotoStore
from core.settings import Settings
from hotline.models import WorkOrder

# 20,000 characters, each written as two \uXXXX, and room for the rest
JSON_LIMIT = 512 * 1024
# the photo itself, and the envelope a multipart form puts round it
PHOTO_LIMIT = 10 * 1024 * 1024
ENVELOPE = 64 * 1024


def install(blueprint: APIBlueprint) -> None:
    """Put the doors before and after every view of a blueprint."""
    blueprint.before_request(_limit)
    blueprint.before_request(_check_code)
    blueprint.after_request(_close)


def settings() -> Settings:
    """The installation's settings."""
    found: Settings = current_app.extensions["settings"]
    return found


def shown_order() -> WorkOrder:
    """The order this request showed the right code for."""
    order: WorkOrder = g.shown_order
    return order


def claimed(scope: str, once: dict[str, Any], body: Any) -> str | None:
    """What came of this request when it was made before with the same ``Idempotency-Key``; None: it is the first.

    Raises InvalidInput for a malformed key and Conflict when the key came before with something else.
    """
    key = once.get("key")
    return claim(db.session, scope, key, digest_of(body)) if key is not None else None


def settled(scope: str, once: dict[str, Any], subject: str) -> None:
    """Write down what came of this request, in its own transaction, for when it is made again with the same key."""
    key = once.get("key")
    if key is not None:
        settle(db.session, scope, key, subject)


def photo_store() -> PhotoStore:
    """Where cleaned photos are kept."""
    return PhotoStore(settings().photo_folder)


def _limit() -> None:
    uploads = request.mimetype == "multipart/form-data"
    request.max_content_length = PHOTO_LIMIT + ENVELOPE if uploads else JSON_LIMIT


def _check_code() -> None:
    """Every view marked ``for_receipt_holder`` finds its order opened, or is not reached."""
    access = access_of(current_app, request.endpoint or "")
    if access is not None and access.kind == "receipt":
        number = str((request.view_args or {})["report_id"])
        shown = request.headers.get("Authorization", "")
        g.shown_order = receipts.open_order(db.session, settings(), number, shown)


def _close(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


@parser.location_loader("json")
def read_json(sent: Request, _schema: Any) -> dict[str, Any]:
    """The body as a JSON object. Raises HTTPError 415 for another form, RuleError ``bad_json``, InvalidInput."""
    if sent.mimetype != "application/json":
        raise HTTPError(415, "请求体应为 JSON，请加上 Content-Type: application/json")
    data = sent.get_data(cache=True)
    if (
        len(data) >= JSON_LIMIT
    ):  # sent in chunks, without saying how long it is: reading has stopped at the limit
        raise RequestEntityTooLarge
    try:
        body = json.loads(data.decode("utf-8"))
    # also a number of thousands of digits, and nesting without end
    except (ValueError, RecursionError) as error:
        raise RuleError("请求体不是正确的 JSON（UTF-8 编码），请检查", code="bad_json") from error
    if not isinstance(body, dict):
        raise InvalidInput("请求体应为 JSON 对象", fields={"": "应为 JSON 对象"})
    return body


def tell(error: HTTPError) -> ResponseReturnValue:
    """What the framework refuses, as a problem; a schema's complaints field by field."""
    db.session.rollback()
    if error.status_code != 422:
        code = {413: "too_large", 415: "unsupported_media_type"}.get(error.status_code, "http_error")
        return problems.answer(error.status_code, code, error.message or "请求有误，请检查")
    fields: dict[str, str] = {}
    for location in error.detail.values():
        fields |= dict(_flat(location))
    said = "；".join(f"{name}：{words}" if name else words for name, words in fields.items())
    return problems.answer(422, "invalid_input", said or "填写的内容有误，请检查", fields=fields)


def _flat(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """``{"place": {"lat": ["应为数字"]}}`` as ``place.lat → 应为数字``."""
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            # the name may be anything somebody made up: keep it short, and sayable
            step = "" if name == "_schema" else str(name)[:64].encode("utf-8", "replace").decode()
            yield from _flat(below, ".".join(part for part in (path, step) if part))
    elif isinstance(messages, list):
        yield path, "；".join(str(message) for message in messages)
    else:
        yield path, str(messages)
