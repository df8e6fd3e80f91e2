"""导入进程 Import runs: an import in a thread of its own, telling its state to whoever watches the page."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update

from core import clock, database
from core.audit import Actor, actor_of
from core.database import db
from core.staff import Staff
from core.tables import TableError
from hotline import importing, insights
from hotline.models import ImportBatch

STATES = {
    "checking": "正在核对",
    "writing": "正在写入",
    "classifying": "正在分类",
    "done": "完成",
    "refused": "未导入",
    "failed": "出错",
}


def start_import(
    app: Flask, path: Path, file_name: str, by: Staff, mapping: Mapping[str, str] | None = None
) -> str:
    """Begin an import and return its token at once; the thread owns the file at ``path`` and deletes it at the end."""
    token = secrets.token_urlsafe(16)
    actor = actor_of(by)
    batch = importing.new_batch(
        db.session, token=token, file_name=file_name, path=path, by_id=by.id, source=importing.SOURCE
    )
    batch.state = "checking"
    db.session.commit()
    thread = threading.Thread(target=_run, args=(app, path, token, actor, file_name, mapping), daemon=True)
    thread.start()
    return token


def drop_abandoned(folder: Path, after: timedelta = timedelta(days=1)) -> int:
    """Delete uploads that were looked at and never taken in; they hold people's words. Returns how many."""
    if not folder.exists():
        return 0
    limit = (clock.now() - after).timestamp()
    old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _run(
    app: Flask, path: Path, token: str, actor: Actor, file_name: str, mapping: Mapping[str, str] | None
) -> None:
    with app.app_context():
        try:
            _import(app, path, token, actor, file_name, mapping)
        except TableError as refused:
            db.session.rollback()
            _tell(token, state="refused", problems=[str(problem) for problem in refused.problems[:200]])
        except Exception:
            db.session.rollback()
            app.logger.exception("import %s failed", token)
            _tell(
                token, state="failed", problems=["导入时出错，没有写入任何一行。请重试；再次出错请联系管理员"]
            )
        finally:
            db.session.remove()
            path.unlink(missing_ok=True)


def _import(
    app: Flask, path: Path, token: str, actor: Actor, file_name: str, mapping: Mapping[str, str] | None
) -> None:
    with database.reading():
        outcome, fresh = importing.check_file(
            db.session,
            path,
            source=importing.SOURCE,
            mapping=mapping,
            name=file_name,
            progress=lambda rows: _tell(token, rows=rows),
        )
        db.session.rollback()
    if outcome.problems:
        _tell(
            token,
            state="refused",
            rows=outcome.rows,
            already=outcome.already,
            refused=outcome.refused,
            problems=[str(problem) for problem in outcome.problems[: importing.MAX_PROBLEMS_SHOWN]],
        )
        return
    _tell(token, state="writing")
    batch = db.session.execute(select(ImportBatch).where(ImportBatch.token == token)).scalar_one()
    importing.write(db.session, app.extensions["vault"], outcome, fresh, actor, batch)
    batch.state = "classifying"
    db.session.commit()
    done = 0
    for begin in range(0, len(outcome.order_ids), 200):
        done += insights.classify_batch(db.session, outcome.order_ids[begin : begin + 200])
        db.session.commit()
        _tell(token, classified=done)
    _tell(token, state="done", finished_at=clock.now())


def _tell(token: str, **values: object) -> None:
    """Write the state in a transaction of its own, so that the page sees it while the import goes on."""
    with db.engine.begin() as connection:
        connection.execute(update(ImportBatch).where(ImportBatch.token == token).values(**values))
