"""规定 Policy: the small numbers a district decides for itself, as dated rows an administrator can change."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, Float, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import AnySession, Base

# name → (value on day one, what it means, where it comes from)
FIRST_VALUES: dict[str, tuple[float, str, str]] = {
    "reopen_days": (15, "办结后多少天内诉求人可以要求重办", "本项目设定"),
    "reworks_to_escalate": (3, "重办几次即提级督办", "巴彦淖尔做法"),
    "dispatches_to_escalate": (3, "派单几次仍无主办单位即提级督办", "巴彦淖尔做法"),
    "archive_days": (90, "办结多少天后归档", "本项目设定"),
    "max_extension_days": (30, "一次延期最多多少个工作日", "本项目设定"),
    "missed_visits_to_close": (3, "回访几次未接通可以办结", "本项目设定"),
    "hotspot_alarms_per_week": (1, "热点监测每周最多容许几次虚警", "本项目设定"),
    "hotspot_hold_hours": (3, "热点升级前，扫描须连续多少小时指向同一状态", "本项目设定"),
    "hotspot_persisting_days": (7, "热点持续多少天后称为“持续”", "本项目设定"),
    "hotspot_growth_ratio": (1.5, "诉求人达到进入当前状态时的几倍称为“增长”", "本项目设定"),
    "hotspot_fading_hours": (24, "连续多少小时不再突增即称为“消退”", "本项目设定"),
    "hotspot_quiet_days": (2, "低于结束线多少天后平息", "本项目设定"),
    "hotspot_lower_ratio": (1.5, "结束线：新增诉求人是平时的几倍以下", "本项目设定"),
    "hotspot_reopen_days": (14, "平息后多少天内再起算同一个热点", "本项目设定"),
    "hotspot_known_ratio": (2, "已知或误报的热点，诉求人达到当时的几倍才再次提醒", "本项目设定"),
    "hotspot_teach_days": (365, "多少天内的判定参与调整门槛", "本项目设定"),
    "hotspot_teach_weight": (6, "其他类别的经验相当于几次判定", "本项目设定"),
    "hotspot_real_share": (0.8, "还没有判定时，假定多大比例的热点属实", "本项目设定"),
}


class PolicyValue(Base):
    """One value of one policy from a date on."""

    __tablename__ = "policy_value"
    __table_args__ = (UniqueConstraint("name", "effective_from"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(48))
    effective_from: Mapped[date] = mapped_column(Date)
    value: Mapped[float] = mapped_column(Float)
    meaning: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text, default="")


def number(session: AnySession, name: str) -> float:
    """The value in force today. KeyError for a name that is no policy."""
    rows: list[PolicyValue] | None = session.info.get("policy")
    if rows is None:
        rows = session.info["policy"] = list(
            session.scalars(select(PolicyValue).order_by(PolicyValue.effective_from.desc()))
        )
    today = clock.today()
    for row in rows:
        if row.name == name and row.effective_from <= today:
            return row.value
    return FIRST_VALUES[name][0]


def whole(session: AnySession, name: str) -> int:
    """The value in force today as a whole number."""
    return int(number(session, name))
