"""``flask report weekly``: the weekly hotspot report as files."""

from __future__ import annotations

from pathlib import Path

import click

from core import clock
from core.database import db, only_reading
from core.files import write_whole
from core.readiness import with_database
from hotline import insights


@click.group("report")
def report() -> None:
    """热点报告。"""


@report.command("weekly")
@click.option("--week", default="", metavar="2026-W46", help="ISO 周；默认是刚结束的一周")
@click.option(
    "--format", "forms", default="docx", show_default=True, help="docx,pdf,html,json 中的一种或几种，逗号分隔"
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="写到哪个文件夹")
@with_database
def weekly(week: str, forms: str, out: Path) -> None:
    """生成一周的热点周报。各项合计对不上时拒绝生成，并列出对不上的地方。"""
    wanted = [form.strip() for form in forms.split(",") if form.strip()]
    unknown = [form for form in wanted if form not in insights.FORMATS]
    if unknown or not wanted:
        raise click.BadParameter(f"只能是 {'、'.join(insights.FORMATS)}", param_hint="--format")
    week = week or insights.last_finished_week(clock.now())
    try:
        with only_reading(db.session):
            made = insights.weekly_report(db.session, week)
        files = {form: insights.render(made, form) for form in wanted}
    except insights.ReconciliationError as refused:
        click.echo("周报没有生成：有合计对不上。", err=True)
        for failure in refused.failures:
            click.echo(f"  {failure}", err=True)
        raise SystemExit(1) from refused
    out.mkdir(parents=True, exist_ok=True)
    for form, data in files.items():
        path = out / f"weekly-{week}.{form}"
        write_whole(path, data)
        click.echo(str(path))
