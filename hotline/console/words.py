"""用词 Words: codes as people read them, for templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g
from sqlalchemy import select

from core.database import db
from core.staff import ROLES
from hotline import deadlines, lifecycle
from hotline.catalogue import Category
from hotline.hotspot_life import STATES
from hotline.models import CHANNELS, REQUEST_TYPES, SATISFACTION, Deadline

TONES = {
    "REGISTERED": "tag-main", "DISPATCHED": "tag-main", "SENT_BACK": "tag-warn", "SIGNED_FOR": "", "SUSPENDED": "tag-warn",
    "REPLIED": "", "REVIEWED": "", "COMPLETED": "tag-good", "DECLINED": "", "ARCHIVED": "",
}  # fmt: skip
HOTSPOT_TONES = {
    "emerging": "tag-solid",
    "growing": "tag-bad",
    "persisting": "tag-warn",
    "fading": "",
    "resolved": "tag-good",
}
DUE_TONES = {"overdue": "tag-bad", "near_due": "tag-warn", "met_late": "tag-bad", "met": "tag-good"}
DUE_NAMES = {"met": "按时", "met_late": "超时完成", "stopped": "停表", "waiting": "等节假日安排", "running": "计时中",
             "near_due": "临期", "overdue": "逾期"}  # fmt: skip
_ROLE_NAMES = {**ROLES, "resident": "诉求人", "system": "系统"}
# what the journal keeps, by the name a reader expects; the rest stays inside
_SAID = {
    "answer": "答复", "reply": "回复", "note": "备注", "lead_unit_name": "主办单位", "legal_route_name": "法定途径",
    "days": "工作日数", "review_on": "复查日期", "comment": "诉求人的话", "category_path": "分类", "field": "查看的项目",
    "original_reply": "原答复",
}  # fmt: skip


def filters() -> dict[str, Callable[..., Any]]:
    """Jinja filters by name."""
    return {
        "status_name": lambda code: lifecycle.STATUSES.get(code, code),
        "status_tone": lambda code: TONES.get(code, ""),
        "channel_name": lambda code: CHANNELS.get(code, code),
        "type_name": lambda code: REQUEST_TYPES.get(code, code),
        "role_name": lambda code: _ROLE_NAMES.get(code, code),
        "action_name": lifecycle.action_name,
        "clock_name": lambda code: deadlines.CLOCKS.get(code, code),
        "due_state": deadlines.state,
        "due_tone": lambda row: DUE_TONES.get(deadlines.state(row), ""),
        "due_name": lambda row: DUE_NAMES[deadlines.state(row)],
        "category_path": category_path,
        "hotspot_name": lambda code: STATES.get(code, code),
        "hotspot_tone": lambda code: HOTSPOT_TONES.get(code, ""),
        "said": said,
        # a baseline near nothing makes any ratio huge: say so instead of printing digits nobody can trust
        "usual": lambda value: "不到 0.1" if value < 0.1 else f"{value:.1f}",
        "times": lambda value: "100+ " if value > 100 else f"{value:.1f}",
        "percent": lambda value: f"{value * 100:.0f}%",
    }


def categories() -> dict[str, Category]:
    """The catalogue by code, read once per request."""
    if "categories" not in g:
        g.categories = {row.code: row for row in db.session.scalars(select(Category).order_by(Category.code))}
    return g.categories


def category_path(code: str | None) -> str:
    """城乡建设/物业管理 of a code; empty for none."""
    row = categories().get(code or "")
    return row.path if row else ""


def said(data: dict[str, Any]) -> list[tuple[str, str]]:
    """What an event says, as (name, words)."""
    found = [(name, str(data[key])) for key, name in _SAID.items() if data.get(key)]
    if data.get("satisfaction"):
        judged = [
            "联系过" if data.get("contacted") else "没有联系",
            "已解决" if data.get("solved") else "未解决",
            SATISFACTION.get(data["satisfaction"], ""),
        ]
        found.append(("评价", "，".join(judged)))
    return found


def overdue_first(rows: list[Deadline]) -> list[Deadline]:
    """Clocks, the ones still running first."""
    return sorted(
        rows, key=lambda row: (row.met_at is not None, row.due_at is None, row.due_at or row.started_at)
    )


def grouped_categories() -> dict[str, list[Any]]:
    """Second-level categories under their top level, for a grouped choice."""
    tops = {row.id: row.name for row in categories().values() if row.level == 1}
    grouped: dict[str, list[Any]] = {name: [] for name in tops.values()}
    for row in categories().values():
        if row.level > 1 and row.parent_id in tops:
            grouped[tops[row.parent_id]].append(row)
    return grouped
