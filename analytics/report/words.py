"""措辞 Words: the sentences of the report, written by rules from the figures and never saying more than they do.

Small numbers are called small; how sure a hotspot is follows its q value and usual range; a change within what chance
alone would bring (|a − b| ≤ 1.96·√(a + b), two Poisson counts) is said to be that.
"""

from __future__ import annotations

from math import sqrt

from analytics.report.parts import Cell, Change, Given, Mean, Number, Paragraph, Part, Share, body
from analytics.report.periods import Period, last_day, last_moment, month_day
from analytics.report.records import HotspotRow

STATUSES = {"emerging": "新出现", "growing": "上升", "persisting": "持续", "fading": "回落"}
Named = tuple[str, Share]
SMALL_HOTSPOT = 10
# q value up to which → words. Beyond the last: not established.
_SURENESS = ((0.001, "几乎可以肯定"), (0.01, "很可能"), (0.05, "可能"))
UNSURE = "尚不能确定"


def direction(change: Change) -> str:
    """增加, 减少 or 持平, with what chance would allow; empty when there is nothing to compare with."""
    if change.before.value is None:
        return ""
    if change.difference == 0:
        return "持平"
    return "增加" if change.difference > 0 else "减少"


def within_chance(change: Change) -> bool:
    """True when two Poisson counts of one and the same rate would often differ as much."""
    before = change.before.value or 0
    return abs(change.difference) <= 1.96 * sqrt(change.now.value + before)


def headline(period: Period, scope: str, change: Change, last_year: Change | None, mean: Mean) -> Paragraph:
    """The first paragraph: how many, per day, against last week and last year."""
    parts: list[Part] = [
        f"{month_day(period.start)}0时至{last_moment(period.end)}，{scope}12345热线共受理群众诉求",
        change.now,
        "件，日均",
        mean,
        "件。",
    ]
    if change.now.value == 0 and change.before.value == 0:
        return body(*parts, "上周同样没有受理记录，请先核实数据是否接入。")
    parts += _against("上周同期" if period.partial else "上周", "环比", change)
    if period.partial:
        parts.append("本周尚未结束，以上均为截至数据截止时的数字。")
    if last_year is None or last_year.before.value is None:
        parts.append("无上年同期数据，不作同比。")
    else:
        parts += _against("上年同周", "同比", last_year)
    return body(*parts)


def _against(name: str, ratio: str, change: Change) -> list[Part]:
    base = change.before if isinstance(change.before, Cell) else Given("", change.before.value)
    if not change.before.value:
        return [f"{name}受理", base, "件，没有可比的基数。"]
    if change.difference == 0:
        return [f"与{name}（", base, "件）持平。"]
    parts: list[Part] = [
        f"比{name}（",
        base,
        f"件）{direction(change)}{abs(change.difference)}件，{ratio}",
        change,
    ]
    parts.append(
        "，在随机波动可以解释的范围之内。" if within_chance(change) else "，超出随机波动通常的范围。"
    )
    return parts


def leading(lead: str, shares: list[Named]) -> Paragraph:
    """The largest parts of a whole: 从渠道看，电话占37.5%（33/88），小程序占…"""
    parts: list[Part] = [f"{lead}，"]
    for index, (name, share) in enumerate(shares):
        parts += [("，" if index else "") + f"{name}占", share]
    return body(*parts, "。")


# an expected count below this is told in words
ALMOST_NONE = 0.1


def sureness(hotspot: HotspotRow) -> str:
    """How sure it is that the count is above its baseline: tied to q (p when there is no q) and the usual range."""
    if hotspot.observed <= hotspot.expected:
        return UNSURE
    if hotspot.interval is not None and hotspot.observed <= hotspot.interval[1]:
        return UNSURE
    level = hotspot.q_value if hotspot.q_value is not None else hotspot.p_value
    if level is None:
        return UNSURE
    return next((words for limit, words in _SURENESS if level <= limit), UNSURE)


def hotspot_paragraph(hotspot: HotspotRow, members: Cell) -> Paragraph:
    """What, where, since when, observed against expected, how sure, who should act, suggested action."""
    where = "".join(hotspot.place.split("/")) or "多处地点"
    parts: list[Part] = [
        f"{month_day(hotspot.start)}以来（统计至{last_day(hotspot.end)}），{where}出现“{hotspot.name}”类诉求",
        members,
        "件",
    ]
    if hotspot.complainants is not None:
        parts.append(f"，涉及{hotspot.complainants}位诉求人")
        if hotspot.complainants * 2 <= hotspot.size:
            parts.append("（多件来自同一人，判断范围时应予考虑）")
    parts += ["。按扫描口径观测", str(hotspot.observed), "，以往基线下预期"]
    # "about 0.0" reads as a fault; what is meant is: hardly ever
    parts += (
        ["约", Number(hotspot.expected)] if hotspot.expected >= ALMOST_NONE else ["不到0.1，即平时几乎没有"]
    )
    if hotspot.interval is not None and hotspot.interval[1] > 0:
        low, high = hotspot.interval
        parts += ["，通常在", _bound(low), "至", _bound(high), "之间"]
    if hotspot.expected >= 1:
        parts += ["，为预期的", Number(hotspot.ratio), "倍"]
    parts += ["。", _judgement(hotspot)]
    if hotspot.unit:
        parts.append(
            f"建议由{hotspot.unit}牵头处置"
            + (f"：{hotspot.action.rstrip('。')}。" if hotspot.action else "。")
        )
    elif hotspot.action:
        parts.append(f"牵头单位待定，建议：{hotspot.action.rstrip('。')}。")
    else:
        parts.append("牵头单位待定。")
    return body(*parts)


def _bound(value: float) -> Number:
    return Number(value, 0 if float(value).is_integer() else 1)


def _judgement(hotspot: HotspotRow) -> str:
    sure = sureness(hotspot)
    small = f"数量较少（观测{hotspot.observed}），" if hotspot.observed < SMALL_HOTSPOT else ""
    if sure == UNSURE:
        return f"{small}是否高于往常{UNSURE}，宜继续观察。"
    level = hotspot.q_value if hotspot.q_value is not None else hotspot.p_value
    name = "q" if hotspot.q_value is not None else "p"
    shown_level = "＜0.001" if level is not None and level < 0.001 else f"＝{level:.3f}"
    tail = "，但规模和影响范围还需核实" if small else ""
    return f"{small}{sure}高于往常（{name}{shown_level}）{tail}。"


def followed_up(last: HotspotRow, now: HotspotRow | None) -> str:
    """What became of a hotspot of last week's list; leaving the list is not said to be solved."""
    if now is None:
        return "本周未再达到预警线"
    change = now.observed - last.observed
    if change == 0:
        return f"仍在{'关注中' if now.status == 'fading' else '持续'}，观测{now.observed}，与上周相同"
    against = f"观测由{last.observed}变为{now.observed}"
    if now.status == "fading" or change < 0:
        return f"仍在关注中，{against}，有所回落"
    return f"仍在持续，{against}，继续上升"
