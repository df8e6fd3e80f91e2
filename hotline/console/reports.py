"""周报页 Reports: the weekly hotspot report as a page and as files."""

from __future__ import annotations

from io import BytesIO

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select

from core import clock
from core.access import current_actor, current_staff, for_staff, leaves_a_trace, open_to_everybody
from core.audit import record
from core.database import db, only_reading
from core.errors import NotFound, RuleError
from core.problems import status_of
from hotline import insights
from hotline.models import PublishedReport

_READ = ("supervisor", "decision_maker", "auditor", "administrator", "dispatcher")


@for_staff(*_READ)
def listing() -> ResponseReturnValue:
    """Published reports, newest first."""
    return _list()


def _list(*, problem: str = "", failures: list[str] | None = None, week: str = "") -> str:
    reports = db.session.scalars(select(PublishedReport).order_by(PublishedReport.week.desc())).all()
    return render_template(
        "hotline/reports.html", reports=reports, week=week or insights.last_finished_week(clock.now()),
        problem=problem, failures=failures or [], may_publish=current_staff().role in ("supervisor", "administrator"),
    )  # fmt: skip


@for_staff("supervisor", "administrator")
def publish() -> ResponseReturnValue:
    """Publish a week's report; when its sums do not hold it is refused and they are named."""
    week = request.form.get("week", "").strip()
    try:
        with only_reading(db.session):
            prepared = insights.prepare_weekly_report(db.session, week)
        insights.publish(db.session, prepared, current_staff().name)
        record(db.session, current_actor(), "report.publish", f"report:{week}")
        db.session.commit()
    except insights.ReconciliationError as refused:
        db.session.rollback()
        return _list(
            problem="周报没有发布：有合计对不上", failures=[str(f) for f in refused.failures], week=week
        ), 409
    except insights.FontMissing as missing:
        db.session.rollback()
        return _list(problem=str(missing), week=week), 409
    except RuleError as error:
        db.session.rollback()
        return _list(problem=error.detail, week=week), status_of(error)
    flash(f"{week} 的周报已发布", "success")
    return redirect(url_for("desk.reports_one", week=week))


@for_staff(*_READ)
def one(week: str) -> ResponseReturnValue:
    """A report as a page."""
    published = db.session.scalar(select(PublishedReport).where(PublishedReport.week == week))
    if published is None:
        raise NotFound(f"{week} 的周报还没有发布")
    # the fragment was made by our own renderer, which escapes every text it is given
    body = Markup(published.html)  # noqa: S704
    return render_template("hotline/report.html", report=published, body=body)


@for_staff(*_READ)
@leaves_a_trace
def file(week: str, form: str) -> ResponseReturnValue:
    """A report as the file it was published as."""
    data, media_type, name = insights.report_file(db.session, week, form)
    record(db.session, current_actor(), "report.download", f"report:{week}", format=form)
    db.session.commit()
    return send_file(BytesIO(data), mimetype=media_type, as_attachment=True, download_name=name)


@open_to_everybody("a style sheet")
def style() -> ResponseReturnValue:
    """The look of the report's fragment."""
    response = Response(insights.REPORT_STYLE, mimetype="text/css")
    response.cache_control.max_age = 3600
    return response
