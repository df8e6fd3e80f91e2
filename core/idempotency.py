"""幂等 Idempotency: the same ``Idempotency-Key`` sent twice does the thing once and gets the same answer twice."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import AnySession, Base, UtcDateTime, insert_if_absent
from core.errors import Conflict, InvalidInput

KEEP_FOR = timedelta(days=7)
MAX_KEY = 128


class IdempotencyKey(Base):
    """A key seen under a scope, the digest of what was sent with it, and the subject that came of it."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scope: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(MAX_KEY))
    digest: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(96), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def digest_of(payload: Any) -> str:
    """SHA-256 of a JSON-like value, the same whatever the order of its keys."""
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def claim(session: AnySession, scope: str, key: str, digest: str) -> str | None:
    """Claim a key in this transaction.

    Returns None when this caller is first (it then calls :func:`settle`), else the subject the first caller made.
    Raises InvalidInput for a malformed key and Conflict when the key came before with something else.
    """
    if not key or len(key) > MAX_KEY or not key.isprintable():
        raise InvalidInput(f"Idempotency-Key 应为 1–{MAX_KEY} 个可见字符", code="bad_idempotency_key")
    values = {"scope": scope, "key": key, "digest": digest, "subject": "", "created_at": clock.now()}
    if insert_if_absent(session, IdempotencyKey, values, ["scope", "key"]):
        return None
    earlier = session.execute(
        select(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    ).scalar_one()
    if earlier.digest != digest:
        raise Conflict("这个 Idempotency-Key 已用于另一份内容，请换一个", code="idempotency_key_reused")
    return earlier.subject


def settle(session: AnySession, scope: str, key: str, subject: str) -> None:
    """Write down, in the same transaction, what came of a claimed key."""
    row = session.execute(
        select(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    ).scalar_one()
    row.subject = subject


def forget_old(session: AnySession) -> int:
    """Drop keys older than a week; returns how many."""
    result = session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEEP_FOR))
    return int(result.rowcount)  # type: ignore[attr-defined]
