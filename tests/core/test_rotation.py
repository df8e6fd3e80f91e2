"""After a rotation every private field is under the new key, and the old key can go."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.privacy import Vault, VaultError, new_key
from core.rotation import ENCRYPTED, rotate
from core.settings import Settings
from hotline.models import WorkOrder
from hotline.reading import FIELDS
from tests.factories import Factory

PERSON = {"name": "王小明", "phone": "13812345678", "address": "人民路 12 号 3 栋 501"}


def tokens(session: Session) -> list[tuple[str, str]]:
    """Every sealed value in the database with its field."""
    return [
        (context, token)
        for table, _, column, context in ENCRYPTED
        for (token,) in session.execute(text(f"SELECT {column} FROM {table.name} WHERE {column} IS NOT NULL"))
    ]


def test_every_private_column_is_known_to_the_rotation() -> None:
    known = {(table.name, column) for table, _, column, _ in ENCRYPTED}
    assert known >= {("work_order", f"complainant_{field}") for field in FIELDS}
    assert len(known) == len(ENCRYPTED)


def test_all_fields_under_the_new_key(session: Session, make: Factory) -> None:
    for number in range(7):
        make.order(**(PERSON if number % 3 else {}))
    settings: Settings = make.app.extensions["settings"]
    fresh = new_key()
    both = Vault([fresh, *settings.field_keys], settings.blind_index_key)
    new = Vault([fresh], settings.blind_index_key)
    before = tokens(session)
    index = session.query(WorkOrder.phone_index).order_by(WorkOrder.id).all()
    assert rotate(session, both, chunk=2) == len(before) == 4 * 3
    session.commit()
    assert sorted(new.decrypt(token, context) for context, token in tokens(session)) == sorted(
        value for value in PERSON.values() for _ in range(4)
    )
    assert session.query(WorkOrder.phone_index).order_by(WorkOrder.id).all() == index
    with pytest.raises(VaultError, match="旧密钥"):
        make.vault.decrypt(tokens(session)[0][1], "name")
    assert rotate(session, both) == 0  # nothing is left to do


def test_a_field_that_cannot_be_opened_stops_it(session: Session, make: Factory) -> None:
    order = make.order(**PERSON)
    stranger = Vault([new_key()], new_key())
    order.complainant_phone = stranger.encrypt("13900000000", "phone")
    session.commit()
    before = tokens(session)
    settings: Settings = make.app.extensions["settings"]
    with pytest.raises(VaultError):
        rotate(session, Vault([new_key(), *settings.field_keys], settings.blind_index_key))
    session.rollback()
    assert tokens(session) == before
