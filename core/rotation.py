"""密钥轮换 Rotation: which columns are encrypted, so that one command can re-encrypt them all under the newest key."""

from __future__ import annotations

from sqlalchemy import Table, select, update

from core.database import AnySession
from core.privacy import Vault

# (table, primary key, column, context); rooms that keep private fields add theirs
ENCRYPTED: list[tuple[Table, str, str, str]] = []


def rotate(session: AnySession, vault: Vault, *, chunk: int = 500) -> int:
    """Re-encrypt every value that is not under the newest key; returns how many. The caller commits."""
    count = 0
    for table, key, column, context in ENCRYPTED:
        last = 0
        while True:
            rows = session.execute(
                select(table.c[key], table.c[column])
                .where(table.c[key] > last, table.c[column].is_not(None))
                .order_by(table.c[key])
                .limit(chunk)
            ).all()
            if not rows:
                break
            last = rows[-1][0]
            for row_key, token in rows:
                if vault.needs_rotation(token):
                    fresh = vault.encrypt(vault.decrypt(token, context), context)
                    session.execute(update(table).where(table.c[key] == row_key).values({column: fresh}))
                    count += 1
    return count
