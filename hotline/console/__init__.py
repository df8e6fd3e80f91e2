"""热线控制台 The pages hotline operators work in."""

from __future__ import annotations

from flask import Flask

from core.console import frame
from core.staff import ROLES
from hotline import demo_accounts
from hotline.console.blueprint import blueprint
from hotline.console.words import filters

LINKS = (
    frame.Link("desk.queue", "工单", "inbox", 10),
    frame.Link("desk.intake", "登记", "telephone", 15),
    frame.Link("desk.warnings", "预警", "bell", 20),
    frame.Link("desk.hotspots", "热点", "fire", 30),
    frame.Link("desk.reports", "周报", "file-text", 40),
    frame.Link("desk.labels", "标注", "tags", 45),
    frame.Link("desk.models", "模型", "cpu", 47),
    frame.Link("desk.imports", "导入", "upload", 50),
    frame.Link("desk.jobs", "任务", "clock", 60),
)


def install(app: Flask) -> None:
    """Register the blueprint, its words and its place in the navigation."""
    app.register_blueprint(blueprint)
    app.jinja_env.filters.update(filters())
    frame.LINKS[:] = [*LINKS, *(link for link in frame.LINKS if link not in LINKS)]
    app.extensions["start_page"] = "desk.queue"
    app.config["START_PAGE"] = "desk.start"
    app.extensions["demo_accounts"] = [
        {
            "username": account.username,
            "password": demo_accounts.PASSWORD,
            "role": ROLES[account.role],
            "try_this": account.try_this,
        }
        for account in demo_accounts.ACCOUNTS
    ]
