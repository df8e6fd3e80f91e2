"""时间格式 Timestamps: the many ways Chinese exports write a time, read as an aware instant in Asia/Shanghai."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from core.clock import SHANGHAI

_DATE = r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?号?"
_HALF = r"(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上|夜间|AM|PM|am|pm)?"
_CLOCK = r"(?P<h>\d{1,2})\s*[:时点]\s*(?:(?P<mi>\d{1,2})\s*[:分]?)?\s*(?:(?P<s>\d{1,2})(?:\.(?P<f>\d{1,6}))?\s*秒?)?"
_FULL = re.compile(rf"{_DATE}(?:[\sT]*(?:\(?星期.\)?|周.)?\s*{_HALF}\s*{_CLOCK}\s*(?P<half2>AM|PM|am|pm)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_ZONED = re.compile(r".*\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})")
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's own zero, given its zone below
_EXCEL_DAYS = (32874, 73415)  # 1990 to 2100: outside, a bare number is no date


def parse_timestamp(text: str | date) -> datetime:
    """An instant from the text of a cell; a time without zone is Shanghai's, a date alone its midnight.

    Raises ValueError, in Chinese, naming the text and the form wanted.
    """
    if isinstance(text, datetime):
        return text.replace(tzinfo=SHANGHAI) if text.tzinfo is None else text.astimezone(SHANGHAI)
    if isinstance(text, date):
        return datetime.combine(text, time(), SHANGHAI)
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        found = _zoned(plain) or _written(plain) or _compact(plain) or _serial(plain)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise ValueError(f"看不懂时间“{text.strip()}”，请写成 2019-04-25 09:32:09 的样子")
    return found


def _zoned(text: str) -> datetime | None:
    if not _ZONED.fullmatch(text) or not text[:4].isdigit():
        return None
    return datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d{2}:?\d{2}$|Z$)", "", text)).astimezone(SHANGHAI)


def _written(text: str) -> datetime | None:
    match = _FULL.fullmatch(text)
    if match is None:
        return None
    part = match.groupdict()
    hour = int(part["h"] or 0)
    midnight = timedelta(0)
    half = part["half"] or part["half2"] or ""
    if (
        half in ("下午", "傍晚", "晚上", "夜间", "PM", "pm", "中午")
        and 1 <= hour < 12
        and not (half == "中午" and hour == 11)
    ):
        hour += 12
    elif half in ("AM", "am", "凌晨", "上午") and hour == 12:
        hour = 0  # 上午 12:30 is how Windows and Excel write half past midnight
    elif half in ("晚上", "夜间") and hour == 12:
        hour, midnight = 0, timedelta(days=1)
    return midnight + datetime(
        int(part["y"]), int(part["m"]), int(part["d"]), hour, int(part["mi"] or 0), int(part["s"] or 0),
        int((part["f"] or "").ljust(6, "0") or 0), SHANGHAI,
    )  # fmt: skip


def _compact(text: str) -> datetime | None:
    match = _COMPACT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    if not 1900 <= year <= 2100:
        return None
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


def _serial(text: str) -> datetime | None:
    """Excel's count of days."""
    if not re.fullmatch(r"\d{5}(?:\.\d+)?", text) or not _EXCEL_DAYS[0] <= float(text) <= _EXCEL_DAYS[1]:
        return None
    moment = _EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86400))
    return moment.replace(tzinfo=SHANGHAI)
