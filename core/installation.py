"""安装 Installation: facts about this database itself: whether it holds demo data, which key encrypts it, its seeds."""

from __future__ import annotations

import hashlib

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import AnySession, Base
from core.errors import SettingsError
from core.settings import Settings


class InstallationFact(Base):
    """A named fact, such as ``demo`` or ``seeds_version``."""

    __tablename__ = "installation_fact"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


def fact(session: AnySession, name: str) -> str | None:
    """A fact's value, or None."""
    row = session.get(InstallationFact, name)
    return row.value if row else None


def set_fact(session: AnySession, name: str, value: str) -> None:
    """Write a fact, replacing an earlier one."""
    session.merge(InstallationFact(name=name, value=value))


def fingerprint(key: str) -> str:
    """A short name of a key that gives nothing of it away."""
    return hashlib.sha256(b"lexiang blind index" + key.encode()).hexdigest()[:16]


def check(session: AnySession, settings: Settings) -> None:
    """Refuse a database that does not belong to these settings.

    Raises SettingsError when production meets demo data, or when the phone index was made with another key (searches
    would silently find nothing).
    """
    if settings.environment == "production" and fact(session, "demo") is not None:
        raise SettingsError("这个数据库里是演示数据，不能用于正式运行。请换一个数据库")
    made_with = fact(session, "blind_index_key")
    if made_with is None:
        set_fact(session, "blind_index_key", fingerprint(settings.blind_index_key))
    elif made_with != fingerprint(settings.blind_index_key):
        raise SettingsError("BLIND_INDEX_KEY 与建库时的不同：按电话查找会失灵。请用原来的密钥")
