"""答复检查 Replies: what a handler may improve before an answer is sent. A hint, never a hindrance; nothing is kept."""

from __future__ import annotations

from typing import Any

from analytics.reply_quality import check_reply
from hotline.insights import memory
from hotline.models import WorkOrder


def review_draft(order: WorkOrder, draft: str) -> dict[str, Any]:
    """``level`` (good, better, poor), ``name``, ``findings`` (serious, message) and how many points are touched."""
    check = check_reply(memory.told(order.title, order.text), draft)
    return {
        "level": check.level,
        "name": check.name,
        "findings": [{"serious": found.serious, "message": found.message} for found in check.findings],
        "points": len(check.points),
        "touched": sum(point.touched for point in check.points),
    }
