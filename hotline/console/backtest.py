"""回放页 Backtest: what the watch would have raised, day by day, and how far it is to be trusted.

A run is carried out in a thread of its own, telling how far it is to whoever watches the page.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from flask import Flask, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from core import clock, database
from core.access import current_actor, for_staff
from core.audit import record
from core.database import db
from core.errors import InvalidInput, RuleError
from core.problems import status_of
from hotline import backtest_runs, policy, queries
from hotline.backtest_runs import BacktestRun
from hotline.console.backtest_pictures import alerts_by_week, recall_by_size
from hotline.insights import backtesting

_SEE = ("supervisor", "decision_maker", "administrator")
_START = ("supervisor", "administrator")
VERDICTS = {
    "event": ("已知事件", "tag-good"), "real": ("属实", "tag-good"), "known": ("已知", "tag-main"), "false": ("误报", "tag-bad"),
    "": ("待判定", ""),
}  # fmt: skip
WAYS = {"retold": "转述历史诉求", "composed": "自写语料", "borrowed": "借用各处同类诉求"}


@for_staff(*_SEE)
def page() -> ResponseReturnValue:
    """The latest finished replay, the runs before it, and the form for a new one."""
    runs = backtest_runs.latest(db.session)
    shown = next((run for run in runs if not backtest_runs.is_over(run)), None)
    shown = shown or next((run for run in runs if run.state == "done"), None) or next(iter(runs), None)
    return _page(shown)


@for_staff(*_SEE)
def one(token: str) -> ResponseReturnValue:
    """One run: how far it is, or what it found."""
    return _page(backtest_runs.get(db.session, token))


@for_staff(*_START)
def start() -> ResponseReturnValue:
    """Begin a replay in the background."""
    typed = {name: request.form.get(name, "").strip() for name in ("weeks", "budget", "injected")}
    try:
        asked = _numbers(typed)
        backtesting.check_weeks(db.session, clock.now(), int(asked["weeks"]))
        run = backtest_runs.begin(
            db.session, current_actor().name, weeks=int(asked["weeks"]), budget=asked["budget"],
            injected=int(asked["injected"]),
        )  # fmt: skip
        record(
            db.session, current_actor(), "hotspot.backtest", f"backtest:{run.token}", weeks=run.weeks,
            budget=run.budget, injected=run.injected,
        )  # fmt: skip
        token = run.token
        db.session.commit()
    except RuleError as refused:
        db.session.rollback()
        return _page(None, problem=refused.detail, typed=typed), status_of(refused)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    threading.Thread(target=carry_out, args=(app, token, clock.now()), daemon=True).start()
    return redirect(url_for("desk.hotspots_backtest_run", token=token))


@for_staff(*_SEE)
def progress(token: str) -> ResponseReturnValue:
    """How far a run is, as JSON."""
    run = backtest_runs.get(db.session, token)
    return jsonify(
        state=run.state,
        state_name=backtest_runs.STATES[run.state],
        done=run.done,
        total=run.total,
        finished=backtest_runs.is_over(run),
    )


def carry_out(app: Flask, token: str, now: datetime) -> None:
    """Do a run that was begun; the door of its own thread. Whatever happens, the run says how it ended."""
    with app.app_context():
        try:
            _carry_out(token, now)
        except backtesting.TooLittle as refused:
            db.session.rollback()
            backtest_runs.refuse(backtest_runs.get(db.session, token), refused.detail)
            db.session.commit()
        except Exception:
            app.logger.exception("backtest %s failed", token)
            db.session.rollback()
            backtest_runs.fail(backtest_runs.get(db.session, token))
            db.session.commit()
        finally:
            db.session.remove()


def _carry_out(token: str, now: datetime) -> None:
    with database.reading():
        run = backtest_runs.get(db.session, token)
        injected, seed = run.injected, run.seed
        material = backtesting.gather(db.session, now, run.weeks, run.budget)
        db.session.rollback()

    def tell(done: int, total: int) -> None:
        """In a transaction of its own, so that the page sees it."""
        with db.engine.begin() as connection:
            values = {"state": "replaying", "done": done, "total": total, "moved_at": clock.now()}
            connection.execute(update(BacktestRun).where(BacktestRun.token == token).values(**values))

    report = backtesting.replayed(material, injected, seed, tell)
    backtest_runs.finish(db.session, backtest_runs.get(db.session, token), report)
    db.session.commit()


def _numbers(typed: dict[str, str]) -> dict[str, float]:
    names = {"weeks": "回放周数", "budget": "每周容许的误报", "injected": "藏入的事件"}
    told: dict[str, float] = {}
    for name, words in names.items():
        try:
            told[name] = float(typed[name]) if name == "budget" else int(typed[name])
        except ValueError:
            raise InvalidInput(f"“{words}”应填数字") from None
    return told


def _page(run: BacktestRun | None, problem: str = "", typed: dict[str, str] | None = None) -> str:
    possible = backtesting.weeks_possible(db.session, clock.now())
    budget = policy.number(db.session, "hotspot_alarms_per_week")
    usual = {
        "weeks": str(max(1, min(backtest_runs.USUAL_WEEKS, possible))), "budget": f"{budget:g}",
        "injected": str(backtest_runs.USUAL_INJECTED),
    }  # fmt: skip
    context: dict[str, Any] = {}
    if run is not None and run.state == "done":
        report = backtesting.judged_now(db.session, run.report)
        alerts = report["history"]["list"]
        context = {
            "report": report,
            "sentences": backtesting.sentences(report),
            "alerts": alerts,
            "numbers": backtesting.numbers_of(db.session, alerts, queries.visible_to(current_actor())),
            "week_chart": alerts_by_week(report),
            "size_chart": recall_by_size(report) if report.get("injected", {}).get("by_size") else None,
        }
    return render_template(
        "hotline/backtest.html", run=run, runs=backtest_runs.latest(db.session), states=backtest_runs.STATES,
        over=run is None or backtest_runs.is_over(run), stuck=run is not None and run.state in backtest_runs.RUNNING,
        possible=possible, least=backtesting.LEAST_HISTORY.days, typed=typed or usual, problem=problem, verdicts=VERDICTS,
        ways=WAYS, may_start=current_actor().role in _START, limits=backtest_runs, moment=datetime.fromisoformat,
        most_weeks=min(backtest_runs.MOST_WEEKS, possible), **context,
    )  # fmt: skip
