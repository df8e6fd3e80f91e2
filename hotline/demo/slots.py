"""填空 Slots: what stands in the braces of a phrase: who speaks, where, when, how many, how much."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hotline.demo.phrasebook import choose, load_common
from hotline.demo.rhythm import is_working_day

_SLOT = re.compile(r"\{([^{}:\d]+)(\d*)(?::([^{}]*))?\}")
_ODD_MORE = re.compile(r"(?<![\d.])(\d+)多(?=[户个辆名人家处])")
_DIGITS = "零一二三四五六七八九"
_CHILD = ("娃娃", "孩子", "女儿", "儿子")


@dataclass(slots=True)
class Scene:
    """All that one order's sentences must agree on. ``when`` is Shanghai wall-clock time, ``third`` the operator's voice."""

    rng: random.Random
    when: datetime
    third: bool
    mentions: list[str]
    home: str
    surname: str
    gender: str
    event_day: int = 1
    kept: dict[str, str] = field(default_factory=dict)
    mentioned: int = 0


def fill(text: str, scene: Scene) -> str:
    """Settle the choices and fill every slot of a phrase. Raises KeyError for a slot nobody knows."""
    settled = choose(text, scene.rng)
    filled = _SLOT.sub(lambda found: _value(found[1], found[2], found[3], scene), settled)
    return _ODD_MORE.sub(_round_more, filled)


def _round_more(found: re.Match[str]) -> str:
    """“455多户” is not said: “450多户” is, and “十多户”, and “几户”."""
    number = int(found[1])
    return f"{number // 10 * 10}多" if number >= 20 else "十多" if number >= 10 else "好几"


def _value(name: str, suffix: str, argument: str | None, scene: Scene) -> str:
    rng = scene.rng
    if name == "n":
        low, high = _bounds(argument or "1-9")
        return str(rng.randint(low, high))
    if name == "钱":
        return _money(*_bounds(argument or "100-1000"), rng)
    if name == "p":
        scene.mentioned += 1
        return scene.mentions[min(scene.mentioned, len(scene.mentions)) - 1]
    if name == "钟":
        low, high = _bounds(argument or "9-17")
        return _clock((low + rng.randint(0, (high - low) % 24)) % 24, rng)
    if name in _PERSON:
        return rng.choice(_PERSON[name][0 if scene.third else 1])
    if name in {"栋", "家", "姓", "称呼", "住处", "今天", "日", "近", "久"}:
        key = name + suffix
        if key not in scene.kept:
            scene.kept[key] = _fresh(name, scene)
        return scene.kept[key]
    if name in _TIMES:
        return _TIMES[name](scene)
    words = load_common()["lexicon"][argument if argument in load_common()["lexicon"] else name]
    key = name + suffix
    if key not in scene.kept:
        scene.kept[key] = rng.choice(words)
    return scene.kept[key]


_PERSON: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "我": (("其", "其", "来电人"), ("我", "我", "我", "本人")),
    "我家": (("其家中", "其家", "来电人家中"), ("我家", "我家", "我屋头", "家里")),
    "我们": (("住户", "大家", "居民们"), ("我们", "我们", "大家", "大伙")),
}


def _fresh(name: str, scene: Scene) -> str:
    rng, when = scene.rng, scene.when
    if name == "栋":
        building = f"{rng.randint(1, 18)}{rng.choice(['栋', '栋', '幢', '号楼'])}"
        return building + rng.choice(["", "", f"{rng.randint(1, 4)}单元", f"{rng.randint(1, 3)}单元"])
    if name == "家":
        whose = "其" if scene.third else rng.choice(["我", "我", "我家"])
        return whose + rng.choice(_CHILD)
    if name == "姓":
        return scene.surname
    if name == "称呼":
        return "女士" if scene.gender == "f" else "先生"
    if name == "住处":
        return scene.home
    if name == "今天":
        return _today(when.hour, rng)
    if name == "日":
        return _past_date(when, rng)
    if name == "近":
        return rng.choice(["最近", "这段时间", "最近半个月", "这一个多星期", "近期", "这几天"])
    return rng.choice(
        ["半个月", "二十多天", "一个多月", "两个月", "三个多月", "小半年", "快一年", "好几个星期", "十来天"]
    )


def _today(hour: int, rng: random.Random) -> str:
    if hour < 6:
        return rng.choice(["昨天", "昨天下午", "昨晚"])
    if hour < 12:
        return rng.choice(["今天早上", "今早", "昨天", "昨天下午", "今天一早"])
    if hour < 18:
        return rng.choice(["今天", "今天上午", "今天中午", "昨天"])
    return rng.choice(["今天", "今天下午", "今天傍晚", "今天上午"])


def _yesterday(scene: Scene) -> str:
    return scene.rng.choice(["昨天", "昨天", "昨天下午", "前天"])


def _last_night(scene: Scene) -> str:
    return scene.rng.choice(["昨晚", "昨天晚上", "昨夜", "昨天半夜", "前晚"])


def _office_day(scene: Scene) -> str:
    """A day on which a window was open, seen from the report."""
    if is_working_day(scene.when.date()) and scene.when.hour >= 11:
        return scene.rng.choice(["今天", "今天上午"])
    for back in range(1, 15):
        day = scene.when.date() - timedelta(days=back)
        if is_working_day(day):
            if back == 1:
                return scene.rng.choice(["昨天", "昨天下午"])
            return f"{'本' if day.month == scene.when.month else '上个'}月{day.day}号"
    return "前不久"


def _since(scene: Scene) -> str:
    if scene.event_day <= 1:
        if scene.when.hour >= 12:
            return scene.rng.choice(["从今天早上开始", "今天一早起", "从中午起"])
        return scene.rng.choice(["从今早开始", "从昨晚起", "半夜开始"])
    return scene.rng.choice(["从昨天起", "前天开始", "从昨天下午到现在", "这两天"])


def _which_day(scene: Scene) -> str:
    return f"第{_DIGITS[min(max(scene.event_day, 1), 9)]}天了"


_TIMES = {
    "昨天": _yesterday,
    "昨晚": _last_night,
    "工作日": _office_day,
    "从昨": _since,
    "第几天": _which_day,
}


def _past_date(when: datetime, rng: random.Random) -> str:
    day = (when - timedelta(days=rng.randint(4, 26))).date()
    this_monday = when.date() - timedelta(days=when.weekday())
    if this_monday - timedelta(days=7) <= day < this_monday and rng.random() < 0.6:
        return f"上周{'一二三四五六日'[day.weekday()]}"
    return rng.choice([f"{day.month}月{day.day}日", f"{day.month}月{day.day}号"])


def _clock(hour: int, rng: random.Random) -> str:
    if hour < 6:
        part, shown = "凌晨", hour
    elif hour < 12:
        part, shown = "上午", hour
    elif hour < 18:
        part, shown = "下午", hour - 12 if hour > 12 else 12
    else:
        part, shown = "晚上", hour - 12
    if hour == 0:
        return rng.choice(["凌晨12点多", "零点过"])
    return f"{part}{shown}点{rng.choice(['', '半', '多', '过'])}"


def _money(low: int, high: int, rng: random.Random) -> str:
    amount = rng.randint(low, high)
    style = rng.random()
    if amount >= 10000 and style < 0.45:
        return f"{amount / 10000:.1f}万".replace(".0万", "万") + rng.choice(["元", "", "多"])
    if amount >= 1000 and style < 0.35:
        return (
            f"{_DIGITS[amount // 1000]}千多".replace("二千", "两千")
            if amount < 10000
            else f"{amount // 1000 * 1000}多元"
        )
    rounded = amount if style > 0.85 else _round(amount)
    return f"{rounded}{rng.choice(['元', '元', '块', '块钱'])}"


def _round(amount: int) -> int:
    step = 10 if amount < 500 else 100 if amount < 10000 else 1000
    return max(step, amount // step * step)


def _bounds(argument: str) -> tuple[int, int]:
    low, _, high = argument.partition("-")
    return int(low), int(high or low)
