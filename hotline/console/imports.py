"""导入页 Imports: a file is looked at first, then taken in whole, and its progress watched."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from flask import current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import current_actor, current_staff, for_staff
from core.audit import record
from core.database import db
from core.errors import InvalidInput, NotFound
from core.tables import TableError
from hotline import import_runs, importing
from hotline.models import ImportBatch

_MAY = ("administrator", "supervisor", "dispatcher")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{10,43}")
FIELD_NAMES = {
    "external_number": "编号", "reported_at": "诉求时间", "title": "标题", "text": "诉求内容", "complainant": "诉求人编号",
    "name": "姓名", "phone": "电话", "place": "地点", "area": "区域", "channel": "渠道", "request_type": "诉求类型",
    "confidential": "保密", "support": "点赞数", "oppose": "反对数", "reply": "答复", "replied_at": "答复时间",
}  # fmt: skip


@for_staff(*_MAY)
def imports() -> ResponseReturnValue:
    """Past imports; a new file is checked and shown before anything is written."""
    batches = db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(20)).all()
    context = {"batches": batches, "states": import_runs.STATES, "field_names": FIELD_NAMES}
    if request.method == "GET":
        return render_template("hotline/imports.html", **context)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return render_template(
            "hotline/imports.html", problems=["请选择一个 csv 或 xlsx 文件"], **context
        ), 422
    token = secrets.token_urlsafe(16)
    path = _folder() / token
    sent.save(path)
    name = Path(sent.filename).name
    try:
        preview = importing.preview(db.session, path, name=name)
    except TableError as refused:
        path.unlink(missing_ok=True)
        problems = [str(problem) for problem in refused.problems[: importing.MAX_PROBLEMS_SHOWN]]
        return render_template("hotline/imports.html", problems=problems, **context), 422
    return render_template(
        "hotline/import_preview.html", preview=preview, token=token, name=name, field_names=FIELD_NAMES
    )


@for_staff(*_MAY)
def start(token: str) -> ResponseReturnValue:
    """Take the file in that was looked at."""
    path = _folder() / _checked(token)
    if not path.exists():
        raise NotFound("这个文件已经导入过或已过期，请重新上传")
    name = request.form.get("name", "")[:255] or "导入文件"
    claimed = path.with_suffix(".importing")
    try:
        path.rename(claimed)  # a second click finds nothing to start
    except FileNotFoundError as error:
        raise NotFound("这个文件已经在导入") from error
    record(db.session, current_actor(), "import", name)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    run_token = import_runs.start_import(app, claimed, name, current_staff())
    return redirect(url_for("desk.imports_run", token=run_token))


@for_staff(*_MAY)
def run(token: str) -> ResponseReturnValue:
    """How an import goes."""
    return render_template("hotline/import_run.html", batch=_batch(token), states=import_runs.STATES)


@for_staff(*_MAY)
def progress(token: str) -> ResponseReturnValue:
    """The same as JSON, for the page to watch."""
    batch = _batch(token)
    return jsonify(
        state=batch.state,
        state_name=import_runs.STATES[batch.state],
        rows=batch.rows,
        accepted=batch.accepted,
        already=batch.already,
        refused=batch.refused,
        classified=batch.classified,
        finished=batch.state in ("done", "refused", "failed"),
    )


def _batch(token: str) -> ImportBatch:
    batch = db.session.scalar(select(ImportBatch).where(ImportBatch.token == token))
    if batch is None:
        raise NotFound("没有这次导入")
    return batch


def _checked(token: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise InvalidInput("导入凭证不对，请重新上传")
    return token


def _folder() -> Path:
    folder: Path = current_app.extensions["settings"].import_folder
    folder.mkdir(parents=True, exist_ok=True)
    return folder
