"""Writes docs/lifecycle.md from the table in hotline/lifecycle.py; a test holds the two together."""

from __future__ import annotations

from pathlib import Path

from core.staff import ROLES
from hotline.lifecycle import CLOSED, CONDITIONS, FIELDS, STATUSES, TRANSITIONS

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "lifecycle.md"
_ROLES = {**ROLES, "resident": "诉求人", "system": "系统"}


def render() -> str:
    """The page as Markdown."""
    lines = [
        "# 工单生命周期",
        "",
        "由 `hotline/lifecycle.py` 的表生成（`python -m tools.lifecycle_doc`），请勿手改。",
        "",
        "## 状态",
        "",
        "| 状态 | 名称 | 已结束 |",
        "|---|---|---|",
        *(f"| `{code}` | {name} | {'是' if code in CLOSED else ''} |" for code, name in STATUSES.items()),
        "",
        "## 操作",
        "",
        "| 操作 | 名称 | 从 | 到 | 谁 | 要填 | 条件 |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in TRANSITIONS:
        origins = "、".join(STATUSES[status] for status in line.origins)
        who = "、".join(_ROLES[role] for role in line.roles) + ("（本单位或上级）" if line.own_unit else "")
        needs = "、".join(FIELDS[field] for field in line.needs)
        when = CONDITIONS[line.when][0] if line.when else ""
        to = STATUSES[line.to] if line.to else "不变"
        lines.append(f"| `{line.action}` | {line.name} | {origins} | {to} | {who} | {needs} | {when} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
