"""``flask model list``, ``show``, ``retrain`` and ``rollback``."""

from __future__ import annotations

import json

import click
from sqlalchemy import select

from core import clock
from core.audit import SYSTEM
from core.database import db
from core.errors import RuleError
from core.jobs import run_once
from core.readiness import with_database
from hotline import model_registry
from hotline.jobs import JOBS
from hotline.model_registry import TrainedModel


@click.group("model")
def model() -> None:
    """分类模型：查看、再训练、退回。"""


@model.command("list")
@with_database
def list_() -> None:
    """列出训练过的模型，* 为现用。"""
    present = model_registry.in_force(db.session)
    click.echo(f"{'*' if present is None else ' '} {model_registry.BUILTIN}\t内置模型")
    for row in db.session.scalars(select(TrainedModel).order_by(TrainedModel.made_at.desc())):
        mark = "*" if present is not None and present.id == row.id else " "
        gone = "" if row.kept else "\t（文件已清理）"
        click.echo(
            f"{mark} {row.name}\t{clock.local(row.made_at):%Y-%m-%d %H:%M}\t学了 {row.examples} 件\t{row.trial.get('reason', '')}{gone}"
        )


@model.command("show")
@click.argument("name")
@with_database
def show(name: str) -> None:
    """打印模型 NAME 的成绩（JSON）。"""
    row = db.session.scalar(select(TrainedModel).where(TrainedModel.name == name))
    if row is None:
        raise click.ClickException(f"没有叫“{name}”的模型；用 flask model list 查看")
    told = {"name": row.name, "made_at": clock.local(row.made_at).isoformat(), "examples": row.examples,
            "scores": row.scores, "trial": row.trial}  # fmt: skip
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))


@model.command("retrain")
@with_database
def retrain() -> None:
    """现在就训练一次；不比现用的差才换上。"""
    click.echo(json.dumps(run_once(db.session, JOBS["retrain"], force=True), ensure_ascii=False))


@model.command("rollback")
@click.argument("name", required=False)
@with_database
def rollback(name: str | None) -> None:
    """退回上一个模型，或退回 NAME（builtin 为内置模型）。各进程随即改用。"""
    try:
        change = model_registry.roll_back(db.session, SYSTEM, name)
        db.session.commit()
    except RuleError as error:
        raise click.ClickException(error.detail) from error
    click.echo(f"现用：{change.model.name if change.model else model_registry.BUILTIN}")
