"""访问 Access: default deny. A view says whom it is for; one that says nothing is closed to everybody.

Staff sign in through Flask-Login; a resident shows the access code that came with the receipt of their report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from core.audit import Actor, actor_of
from core.database import db, set_reading
from core.errors import NotAllowed, NotSignedIn
from core.staff import ROLES, Staff

View = TypeVar("View", bound=Callable[..., Any])

# endpoints of libraries that serve their own assets or our API's description: nothing in them is anybody's
PUBLIC_ENDPOINTS = frozenset({"static", "bootstrap.static", "openapi.spec", "frame.static", "desk.static"})


@dataclass(frozen=True, slots=True)
class Access:
    """Whom a view is for: ``everybody`` (with the reason why), ``staff`` of some roles, or a ``receipt`` holder."""

    kind: str
    roles: frozenset[str] = frozenset()
    reason: str = ""


def open_to_everybody(reason: str) -> Callable[[View], View]:
    """Mark a view as open, saying why that is right."""
    return _mark(Access("everybody", reason=reason))


def for_staff(*roles: str) -> Callable[[View], View]:
    """Mark a view as for signed-in staff of these roles; no roles named: of any."""
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"no such roles: {sorted(unknown)}")
    return _mark(Access("staff", frozenset(roles or ROLES)))


def for_receipt_holder(view: View) -> View:
    """Mark a view as for whoever shows the access code of the order it is about; the view checks the code itself."""
    return _mark(Access("receipt"))(view)


def asks_only(view: View) -> View:
    """Mark a view that is asked by POST and changes nothing: on SQLite it takes no write lock."""
    view.reads = True  # type: ignore[attr-defined]
    return view


def leaves_a_trace(view: View) -> View:
    """Mark a view that is asked by GET and writes something down, such as who downloaded what."""
    view.reads = False  # type: ignore[attr-defined]
    return view


def _mark(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What a route says about itself; None means closed."""
    if endpoint in PUBLIC_ENDPOINTS:
        return Access("everybody", reason="library assets and the API's description")
    return getattr(app.view_functions.get(endpoint), "access", None)


class SignedIn(UserMixin):
    """A member of staff for the length of a session."""

    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    def get_id(self) -> str:
        return f"{self.staff.id}.{self.staff.session_epoch}"


def current_staff() -> Staff:
    """The member of staff this request is from; raises NotSignedIn."""
    if not current_user.is_authenticated:
        raise NotSignedIn("请先登录")
    return current_user.staff


def current_actor() -> Actor:
    """The same, as an actor for the rules."""
    if "actor" not in g:
        g.actor = actor_of(current_staff())
    return g.actor


def install(app: Flask) -> None:
    """Put the guard before every request."""
    manager = LoginManager(app)
    manager.session_protection = None  # the cookie is signed, and a phone's address changes while one walks

    @manager.user_loader
    def load(user_id: str) -> SignedIn | None:
        key, _, epoch = user_id.partition(".")
        if not (key.isdigit() and epoch.isdigit()):
            return None
        staff = db.session.get(Staff, int(key))
        if staff is None or not staff.active or staff.session_epoch != int(epoch):
            return None
        return SignedIn(staff)

    # first of all, because the guard already asks the database who is calling
    app.before_request(_note_reading)
    app.before_request(_guard)


def _note_reading() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    set_reading(getattr(view, "reads", request.method in ("GET", "HEAD", "OPTIONS")))


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None or request.method == "OPTIONS":
        return None  # 404 and 405 answer for themselves
    access = access_of(current_app, request.endpoint)
    if access is None:
        raise NotAllowed("这个页面没有开放")
    if access.kind != "staff":
        return None
    if not current_user.is_authenticated:
        if request.method == "GET" and not request.path.startswith("/api/"):
            return redirect(url_for("frame.login", next=request.full_path.rstrip("?")))
        raise NotSignedIn("登录已过期，请重新登录；刚才填写的内容请先复制保存")
    staff = current_staff()
    if staff.must_change_password and request.endpoint not in ("frame.password", "frame.logout"):
        return redirect(url_for("frame.password"))
    if staff.role not in access.roles:
        raise NotAllowed(f"“{staff.role_name}”不能使用这个功能")
    return None
