"""记录 Records: the plain, frozen values analysis works on.

Doors (a CSV reader, ``hotline.insights``) turn their rows into these; nothing in ``analytics`` knows a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Complaint:
    """One order as analysis sees it.

    ``time`` is timezone-aware (a door reads naive times as Asia/Shanghai). ``place`` is an area path such as
    ``青羊区/府南街道/同德社区``, finest last, or any place text; empty means "to be found in the text".
    ``category`` is a taxonomy path such as ``城乡建设/物业管理``; empty means unknown. ``complainant`` is an opaque
    id by which repeat callers can be told apart, never a name or a phone number.
    """

    id: str
    time: datetime
    text: str
    place: str = ""
    category: str = ""
    complainant: str = ""
