"""登录 Signing in and out, and the open page that says where to go."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo

from core import staff as accounts
from core.access import SignedIn, current_actor, current_staff, for_staff, open_to_everybody
from core.audit import Actor, record
from core.database import db
from core.errors import RuleError


class LoginForm(FlaskForm):
    """Name and password."""

    username = StringField("账号", [DataRequired("请填写账号")])
    password = PasswordField("密码", [DataRequired("请填写密码")])


class PasswordForm(FlaskForm):
    """A person's own change of password."""

    old = PasswordField("原密码", [DataRequired("请填写原密码")])
    new = PasswordField(
        "新密码", [DataRequired("请填写新密码")], description=f"至少 {accounts.MIN_PASSWORD} 位"
    )
    again = PasswordField("再填一次", [DataRequired("请再填一次"), EqualTo("new", "两次填写的不一样")])


@open_to_everybody("says what this is and where to go; shows no data")
def home() -> ResponseReturnValue:
    """The open page."""
    demo = []
    if current_app.extensions["settings"].is_demo:
        demo = current_app.extensions.get("demo_accounts", [])
    return render_template("frame/home.html", demo_accounts=demo)


@open_to_everybody("nobody is signed in before signing in")
def login() -> ResponseReturnValue:
    """Check name and password; a failure is counted and says the same whichever was wrong."""
    form = LoginForm()
    if current_user.is_authenticated and request.method == "GET":
        return redirect(_target())
    status = 200
    if form.validate_on_submit():
        try:
            staff = accounts.sign_in(db.session, form.username.data or "", form.password.data or "")
        except RuleError as error:
            actor = Actor(role="anonymous", name=(form.username.data or "")[:64])
            record(
                db.session,
                actor,
                "login.failed",
                "session",
                address=request.remote_addr or "",
                code=error.code,
            )
            db.session.commit()
            form.password.errors = [*form.password.errors, error.detail]
            status = 401
        else:
            record(db.session, _actor(staff), "login", "session", address=request.remote_addr or "")
            db.session.commit()
            session.clear()  # what was kept for a stranger is not carried over
            session.permanent = True
            login_user(SignedIn(staff), duration=timedelta(hours=1))
            return redirect(_target())
    elif form.is_submitted():
        status = 422
    demo = (
        current_app.extensions.get("demo_accounts", []) if current_app.extensions["settings"].is_demo else []
    )
    return render_template("frame/login.html", form=form, demo_accounts=demo), status


@for_staff()
def logout() -> ResponseReturnValue:
    """End this session."""
    record(db.session, current_actor(), "logout", "session")
    db.session.commit()
    logout_user()
    session.clear()
    flash("已退出", "info")
    return redirect(url_for("frame.login"))


@for_staff()
def password() -> ResponseReturnValue:
    """Change one's own password; other sessions end, this one goes on."""
    form = PasswordForm()
    staff = current_staff()
    if form.validate_on_submit():
        try:
            accounts.change_password(staff, form.old.data or "", form.new.data or "")
        except RuleError as error:
            db.session.rollback()
            field = form.old if "old" in error.context.get("fields", {}) else form.new
            field.errors = [*field.errors, error.detail]
            return render_template("frame/password.html", form=form), 422
        record(db.session, current_actor(), "password", f"staff:{staff.username}")
        db.session.commit()
        login_user(SignedIn(staff))
        flash("密码已修改", "success")
        return redirect(_target())
    return render_template("frame/password.html", form=form), 422 if form.is_submitted() else 200


def _actor(staff: accounts.Staff) -> Actor:
    return Actor(role=staff.role, name=staff.name, staff_id=staff.id)


def _target() -> str:
    """Where to go after signing in: a page of this site, never of another."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    safe = (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and not parts.netloc
        and not parts.scheme
    )
    return wanted if safe else url_for(current_app.extensions.get("start_page", "frame.home"))
