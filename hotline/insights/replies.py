"""答复检查 Replies: what a handler may improve before an answer is sent. A hint, never a hindrance; nothing is kept.

Beside what the text alone shows, the check knows the desk's templates, what this order was answered before, and what
`core.privacy` hides in anything published. It does not compare with the complainant's sealed name and phone: whoever
may write a reply could then find out, guess by guess and unrecorded, what only a recorded look may show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analytics.reply_quality import Finding, check_reply
from core.privacy import mask_houses, mask_text
from hotline import seeds
from hotline.insights import memory
from hotline.models import WorkOrder

_CLAUSE = re.compile(r"[^，,。；;！!？?\n]+")
_OFFICE = re.compile(r"联系人|经办人|负责人|邮箱|公众号")
_SIGNS = re.compile(r"[0-9A-Za-z]")
_LANDLINE = re.compile(r"(?:0\d{2,3}[\s\-－—]*)?(?<![\d*])[2-8]\d{6,7}(?!\d)")
_LONGEST = 8_000  # characters read, as in analytics
_SHOWN = 40  # characters of a clause that a finding repeats


def review_draft(order: WorkOrder, draft: str) -> dict[str, Any]:
    """``level`` (good, better, poor), ``name``, ``findings`` (code, serious, message, evidence), ``points`` and how many
    are ``touched``."""
    complaint = memory.told(order.title, order.text)
    check = check_reply(complaint, draft, templates=_templates(order), earlier=_earlier(order))
    known = {found.code for found in check.findings}
    private = [] if known & {"id_number", "mobile", "person"} else list(_private(draft))
    level = "better" if private and check.level == "good" else check.level
    return {
        "level": level,
        "name": check.name if level == check.level else "可以更好",
        "findings": [
            {"code": one.code, "serious": one.serious, "message": one.message, "evidence": one.evidence}
            for one in (*private, *check.findings)
        ],
        "points": len(check.points),
        "touched": sum(point.touched for point in check.points),
    }


def _templates(order: WorkOrder) -> list[str]:
    """The desk's templates as this order's page offers them, for a draft that is hardly more."""
    return [
        template.text.replace("{title}", order.title).replace("{number}", order.number)
        for template in seeds.load_reply_templates()
    ]


def _earlier(order: WorkOrder) -> list[str]:
    """Replies this order was sent back with."""
    return [str(event.data.get("reply", "")) for event in order.events if event.action == "reply"]


def _private(draft: str) -> Iterator[Finding]:
    """The first clause with a number or an account that masking would hide; houses and office telephones may stand."""
    for clause in _CLAUSE.finditer(draft[:_LONGEST]):
        plain = _LANDLINE.sub("", mask_houses(clause[0]))
        masked = mask_text(plain)
        # names are the analysis' own business, which reads them more narrowly than what is published may be read
        if len(_SIGNS.findall(masked)) >= len(_SIGNS.findall(plain)) or _OFFICE.search(plain):
            continue
        shown = masked.strip()[:_SHOWN]
        yield Finding(
            "private",
            False,
            f"像是写了个人信息（{shown}）：答复会被别人看到，请删去或改写",
            clause.start(),
            clause.end(),
            shown,
        )
        return
