"""回执 Receipts: the access code that comes with a report. Whoever shows it may follow and judge that one report.

The code is derived, not stored: HMAC-SHA256 (RFC 2104) of ``receipt:`` and the order number under the installation's
secret key, its first 15 bytes as 24 base32 letters (120 bits). Nothing in the database opens an order, and a number
overheard is worth nothing. A new ``SECRET_KEY`` ends all codes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from core.audit import RESIDENT
from core.database import AnySession
from core.errors import NotSignedIn
from core.settings import Settings
from hotline import queries
from hotline.models import WorkOrder

_BYTES = 15  # 24 base32 letters without padding
_SCHEME = "bearer"


def access_code(settings: Settings, order: WorkOrder) -> str:
    """The code of an order: 24 letters of A–Z and 2–7."""
    return _code(settings, order.number)


def holds(settings: Settings, order: WorkOrder, code: str) -> bool:
    """Whether a code is the order's. Takes the same time wherever the first difference lies."""
    return _same(_code(settings, order.number), code)


def open_order(session: AnySession, settings: Settings, number: str, authorization: str) -> WorkOrder:
    """The order a resident asks for by its number, with the ``Authorization`` header they sent.

    The code is checked against the number before anything is looked up, so that neither the words nor the time of the
    answer tell whether an order exists. Raises NotSignedIn without a code and with one that does not fit.
    """
    scheme, _, code = authorization.strip().partition(" ")
    if scheme.lower() != _SCHEME or not code.strip():
        raise NotSignedIn(
            "请出示提交诉求时得到的查询码：Authorization: Bearer <查询码>", code="access_code_missing"
        )
    if not _same(_code(settings, number), code):
        raise NotSignedIn("没有这件诉求，或者查询码不对。请核对编号和查询码", code="access_code_wrong")
    return queries.get(session, number, RESIDENT)


def _code(settings: Settings, number: str) -> str:
    told = f"receipt:{number}".encode("utf-8", "surrogatepass")
    digest = hmac.new(settings.secret_key.encode(), told, hashlib.sha256).digest()
    return base64.b32encode(digest[:_BYTES]).decode()


def _same(right: str, shown: str) -> bool:
    # people read codes aloud and copy them in groups
    shown = shown.replace("-", "").replace(" ", "").upper()
    return hmac.compare_digest(right.encode(), shown.encode("utf-8", "surrogatepass"))
