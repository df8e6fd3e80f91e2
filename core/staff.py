"""工作人员 Staff: accounts, roles, passwords (argon2) and lockout."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.database import AnySession, Base, UtcDateTime
from core.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from core.units import HandlingUnit

ROLES = {
    "intake_operator": "受理员",
    "dispatcher": "派单员",
    "unit_clerk": "承办单位经办",
    "unit_lead": "承办单位审核",
    "grid_worker": "网格员",
    "visit_back_agent": "回访员",
    "supervisor": "督办员",
    "decision_maker": "决策者",
    "auditor": "审计",
    "administrator": "管理员",
}
# these stand for a unit and see only what lies in its subtree
UNIT_ROLES = frozenset({"unit_clerk", "unit_lead", "grid_worker"})

MAX_FAILURES = 5
LOCK_FOR = timedelta(minutes=15)
MIN_PASSWORD = 10

_hasher = PasswordHasher()
# checked when no such account exists, so that the answer takes as long as for one that does
_NOBODY = _hasher.hash(secrets.token_hex(16))


class Staff(Base):
    """A person who signs in to the console. ``session_epoch`` grows when every session of theirs must end."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(32))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("handling_unit.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    session_epoch: Mapped[int] = mapped_column(default=1)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    unit: Mapped[HandlingUnit | None] = relationship()

    @property
    def role_name(self) -> str:
        return ROLES[self.role]


def find(session: AnySession, username: str) -> Staff:
    """The account with a name; raises NotFound."""
    staff = session.scalar(select(Staff).where(Staff.username == username.strip().lower()))
    if staff is None:
        raise NotFound(f"没有账号“{username}”")
    return staff


def add(
    session: AnySession,
    *,
    username: str,
    name: str,
    role: str,
    password: str,
    unit: HandlingUnit | None = None,
    must_change_password: bool = True,
) -> Staff:
    """Make an account. Raises InvalidInput for a bad name, role, unit or password, Conflict when the name is taken."""
    username = username.strip().lower()
    if (
        not 2 <= len(username) <= 64
        or not username.replace("-", "").replace("_", "").replace(".", "").isalnum()
    ):
        raise InvalidInput("账号用 2–64 位字母、数字、点、横线或下划线", fields={"username": "格式不对"})
    if not name.strip():
        raise InvalidInput("请填写姓名", fields={"name": "不能为空"})
    if role not in ROLES:
        raise InvalidInput(f"角色只能是：{'、'.join(ROLES)}", fields={"role": "没有这个角色"})
    if role in UNIT_ROLES and unit is None:
        raise InvalidInput(f"{ROLES[role]}必须属于一个承办单位", fields={"unit": "请选择承办单位"})
    if session.scalar(select(Staff.id).where(Staff.username == username)):
        raise Conflict(f"账号“{username}”已经有了，请换一个")
    staff = Staff(
        username=username,
        name=name.strip(),
        role=role,
        unit=unit,
        password_hash=hash_password(password, username=username),
        must_change_password=must_change_password,
        created_at=clock.now(),
        active=True,
        failures=0,
        session_epoch=1,
    )
    session.add(staff)
    session.flush()
    return staff


def hash_password(password: str, *, username: str = "") -> str:
    """Argon2id hash of an acceptable password; raises InvalidInput for a weak one."""
    if len(password) < MIN_PASSWORD:
        raise InvalidInput(f"密码至少 {MIN_PASSWORD} 位", fields={"password": "太短"})
    if len(set(password)) < 5 or (username and username in password.lower()):
        raise InvalidInput("密码太简单：不要重复同一个字符，也不要包含账号", fields={"password": "太简单"})
    return _hasher.hash(password)


def sign_in(session: AnySession, username: str, password: str) -> Staff:
    """Check a name and a password; counts failures and locks the account after five.

    The caller commits in either case (a failure is recorded too). Raises NotSignedIn with one and the same words
    for a wrong name and a wrong password.
    """
    now = clock.now()
    staff = session.scalar(select(Staff).where(Staff.username == username.strip().lower()))
    if staff is not None and staff.locked_until is not None and staff.locked_until > now:
        minutes = int((staff.locked_until - now).total_seconds() // 60) + 1
        raise NotSignedIn(
            f"密码错误次数过多，账号已锁定，请 {minutes} 分钟后再试，或请管理员重置", code="locked"
        )
    right = _matches(staff.password_hash if staff else _NOBODY, password)
    if staff is None or not staff.active or not right:
        if staff is not None and staff.active:
            staff.failures += 1
            if staff.failures >= MAX_FAILURES:
                staff.locked_until = now + LOCK_FOR
                staff.failures = 0
        raise NotSignedIn("账号或密码不对", code="wrong_credentials")
    staff.failures = 0
    staff.locked_until = None
    staff.last_login_at = now
    if _hasher.check_needs_rehash(staff.password_hash):
        staff.password_hash = _hasher.hash(password)
    return staff


def change_password(staff: Staff, old: str, new: str) -> None:
    """A person's own change; raises InvalidInput when the old one is wrong or the new one is weak or the same."""
    if not _matches(staff.password_hash, old):
        raise InvalidInput("原密码不对", fields={"old": "不对"})
    if old == new:
        raise InvalidInput("新密码不能和原密码相同", fields={"new": "与原密码相同"})
    staff.password_hash = hash_password(new, username=staff.username)
    staff.must_change_password = False
    staff.session_epoch += 1


def reset_password(staff: Staff) -> str:
    """Give a random first password, to be changed at the next sign-in; ends every session. Returns it once."""
    password = secrets.token_urlsafe(12)
    staff.password_hash = _hasher.hash(password)
    staff.must_change_password = True
    staff.locked_until = None
    staff.failures = 0
    staff.session_epoch += 1
    return password


def disable(staff: Staff) -> None:
    """Close an account; its sessions end with its next request."""
    staff.active = False
    staff.session_epoch += 1


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
