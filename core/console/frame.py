"""控制台框架 Frame: what every page stands in: navigation by role, times in Shanghai, the demo's ribbon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, request
from flask_login import current_user

from core import clock
from core.access import access_of
from core.console.blueprint import blueprint


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the navigation; shown to the roles its page is for."""

    endpoint: str
    name: str
    icon: str
    order: int


LINKS: list[Link] = [
    Link("frame.staff", "账号", "people", 80),
    Link("frame.audit", "审计", "shield-check", 85),
]
# small counts beside a link: endpoint → a function of nothing, asked once per page
BADGES: dict[str, Callable[[], int]] = {}


def install(app: Flask) -> None:
    """Register the blueprint, the filters and what every template knows."""
    app.register_blueprint(blueprint)
    app.jinja_env.filters.update(local=local, day=day, ago=ago, until=until)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(_every_page)
    limiter = app.extensions["limiter"]
    # slow enough for nobody who mistypes, too slow for who guesses; the account itself locks after five
    app.view_functions["frame.login"] = _keeping_access(
        limiter.limit("30 per minute", methods=["POST"]), app.view_functions["frame.login"]
    )


def _keeping_access(limit: Any, view: Any) -> Any:
    limited = limit(view)
    limited.access = view.access
    return limited


def _every_page() -> dict[str, Any]:
    settings = current_app.extensions["settings"]
    staff = current_user.staff if current_user.is_authenticated else None
    return {
        "is_demo": settings.is_demo,
        "me": staff,
        "links": [
            _shown(link) for link in sorted(LINKS, key=lambda link: link.order) if _may_open(link, staff)
        ],
        "now": clock.now(),
    }


def _may_open(link: Link, staff: Any) -> bool:
    access = access_of(current_app, link.endpoint)
    return staff is not None and access is not None and (access.kind != "staff" or staff.role in access.roles)


def _shown(link: Link) -> dict[str, Any]:
    count = BADGES[link.endpoint]() if link.endpoint in BADGES else 0
    here = (request.endpoint or "").split("_")[0] == link.endpoint.split("_")[0]
    return {"endpoint": link.endpoint, "name": link.name, "icon": link.icon, "count": count, "here": here}


def local(moment: datetime | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """An instant on a Shanghai wall clock."""
    return clock.local(moment).strftime(form) if moment else ""


def day(moment: datetime | None) -> str:
    """Month, day and time; the year only when it is another."""
    if moment is None:
        return ""
    here = clock.local(moment)
    same_year = here.year == clock.today().year
    return f"{here.month}月{here.day}日 {here:%H:%M}" if same_year else f"{here:%Y-%m-%d %H:%M}"


def span(length: timedelta) -> str:
    """A length of time in the largest units that tell: 3天4小时, 25分钟."""
    minutes = int(abs(length).total_seconds() // 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days}天{hours}小时" if hours and days < 4 else f"{days}天"
    return f"{hours}小时{minutes}分" if hours and minutes else f"{hours}小时" if hours else f"{minutes}分钟"


def ago(moment: datetime | None) -> str:
    """How long since."""
    return f"{span(clock.now() - moment)}前" if moment else ""


def until(moment: datetime | None) -> str:
    """How long to a due time, or how long over it."""
    if moment is None:
        return ""
    left = moment - clock.now()
    return f"剩 {span(left)}" if left >= timedelta(0) else f"逾期 {span(left)}"
