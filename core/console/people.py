"""账号与审计 Accounts and the audit trail."""

from __future__ import annotations

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from core import staff as accounts
from core.access import current_actor, current_staff, for_staff
from core.audit import AuditEntry, record
from core.console.fields import choices
from core.database import db
from core.errors import InvalidInput, NotFound, RuleError
from core.staff import ROLES, Staff
from core.units import HandlingUnit, by_code

PAGE = 50
ACTIONS = {
    "login": "登录", "login.failed": "登录失败", "logout": "退出", "password": "修改密码", "staff.add": "开账号",
    "staff.reset": "重置密码", "staff.disable": "停用账号", "export": "导出", "keys.rotate": "轮换密钥",
    "import": "导入", "report.publish": "发布周报", "hotspot.scan": "扫描热点", "job.once": "手动执行任务",
    "hotspot.verdict": "判定热点", "hotspot.acknowledge": "热点已阅", "hotspot.suppress": "热点暂不提醒",
    "hotspot.lift": "热点恢复提醒", "hotspot.assign": "交办热点", "hotspot.backtest": "回放历史",
}  # fmt: skip


class StaffForm(FlaskForm):
    """A new account."""

    username = StringField("账号", [DataRequired("请填写账号"), Length(2, 64)])
    name = StringField("姓名", [DataRequired("请填写姓名"), Length(max=64)])
    role = SelectField("角色", choices=choices(ROLES.items()))
    unit = SelectField("所属单位", description="承办单位经办、审核和网格员必须选择")


@for_staff("administrator")
def staff() -> ResponseReturnValue:
    """List accounts; add one. The first password is shown once."""
    form = StaffForm()
    units = db.session.scalars(
        select(HandlingUnit).where(HandlingUnit.active.is_(True)).order_by(HandlingUnit.path)
    )
    form.unit.choices = choices([("", "（不属于承办单位）"), *((unit.code, unit.name) for unit in units)])
    status = 200
    if form.validate_on_submit():
        password = secrets.token_urlsafe(12)
        try:
            unit = by_code(db.session, form.unit.data) if form.unit.data else None
            made = accounts.add(
                db.session, username=form.username.data or "", name=form.name.data or "", role=form.role.data,
                password=password, unit=unit,
            )  # fmt: skip
        except RuleError as error:
            db.session.rollback()
            form.username.errors = [*form.username.errors, error.detail]
            status = 422
        else:
            record(db.session, current_actor(), "staff.add", f"staff:{made.username}", role=made.role)
            db.session.commit()
            flash(f"已开账号 {made.username}，初始密码 {password}（只显示这一次，首次登录须修改）", "success")
            return redirect(url_for("frame.staff"))
    elif form.is_submitted():
        status = 422
    people = db.session.scalars(select(Staff).options(joinedload(Staff.unit)).order_by(Staff.username)).all()
    return render_template("frame/staff.html", form=form, people=people), status


@for_staff("administrator")
def staff_action(staff_id: int, action: str) -> ResponseReturnValue:
    """Reset a password or close an account."""
    person = db.session.get(Staff, staff_id)
    if person is None:
        raise NotFound("没有这个账号")
    if person.id == current_staff().id:
        raise InvalidInput("不能对自己的账号这样做，请由另一位管理员操作")
    if action == "reset":
        password = accounts.reset_password(person)
        flash(f"{person.username} 的新密码 {password}（只显示这一次）", "success")
    else:
        accounts.disable(person)
        flash(f"{person.username} 已停用，其登录即刻失效", "success")
    record(db.session, current_actor(), f"staff.{action}", f"staff:{person.username}")
    db.session.commit()
    return redirect(url_for("frame.staff"))


@for_staff("auditor", "administrator")
def audit() -> ResponseReturnValue:
    """Who looked at or changed what."""
    page = max(1, request.args.get("page", 1, type=int))
    who = request.args.get("who", "").strip()
    query = select(AuditEntry)
    count = select(func.count()).select_from(AuditEntry)
    if who:
        query = query.where(AuditEntry.actor_name == who)
        count = count.where(AuditEntry.actor_name == who)
    total = db.session.scalar(count) or 0
    entries = db.session.scalars(
        query.order_by(AuditEntry.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    return render_template(
        "frame/audit.html", entries=entries, actions=ACTIONS, roles=ROLES, page=page, who=who,
        pages=max(1, -(-total // PAGE)), total=total,
    )  # fmt: skip
