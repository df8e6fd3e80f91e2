"""口吻 Voices: one situation told the way its channel tells it: an operator's note, a letter, a hurried post."""

from __future__ import annotations

import random
import re

from hotline.demo.phrasebook import Line, Situation, Topic, load_common
from hotline.demo.slots import Scene, fill

THIRD_PERSON = frozenset({"phone", "visit"})
_DETAILS = {
    "phone": (0, 1, 2, 2, 3, 3),
    "mini_program": (0, 0, 1, 1, 2),
    "wechat": (0, 0, 1, 1, 2),
    "web": (0, 1, 1, 2, 3),
    "letter": (1, 2, 2, 3, 4),
    "transfer": (0, 1, 2, 2),
    "visit": (1, 1, 2, 3),
}
_PROCEDURE = re.compile("材料|资料|申请|登记|过户|补办|预约|怎么办|怎么转")
_AGAIN = re.compile(r"(附近|楼下|街上|小区门口)(?:附近|旁边)")
_VERBS = (
    "咨询",
    "想问一下",
    "想问",
    "想咨询",
    "请问",
    "建议",
    "表扬",
    "感谢",
    "举报",
    "希望",
    "怀疑",
    "要求",
)
_MONEY = ("02", "0302", "0305", "0401", "0402", "0403", "0404", "0406", "0704", "1401", "1402")
_NEARBY = ("01", "05", "0703", "0707", "1004", "1005", "1008", "1405")
_JOINS = ("，", "，", "。", "。", "；", "，而且", "。另外，")
_PLAIN = {
    "晓得": "知道",
    "没得": "没有",
    "莫得": "没有",
    "咋": "怎么",
    "啥时候": "什么时候",
    "为啥": "为什么",
    "啥": "什么",
    "娃娃": "孩子",
    "好多钱": "多少钱",
    "摊摊": "摊贩",
    "搞不": "弄不",
    "黑黢黢": "漆黑",
    "喊": "叫",
    "撵": "赶",
}


def openings_at(situation: Situation, scene: Scene) -> list[Line]:
    """The openings that may be said at the scene's time."""
    return [line for line in situation.openings if line.fits(scene.when.month, scene.event_day)]


def tell(topic: Topic, situation: Situation, scene: Scene, channel: str, said: Line) -> tuple[str, str]:
    """The order's text in the channel's voice, and the opening ``said`` as it was put."""
    rng = scene.rng
    month, day = scene.when.month, scene.event_day
    opening = fill(said.text, scene)
    details = [line for line in situation.details if line.fits(month, day)]
    # A line with a category of its own says all there is: the event's other details are not about it.
    wanted = 0 if said.category else min(len(details), rng.choice(_DETAILS[channel]))
    parts = [fill(line.text, scene) for line in _in_order(details, wanted, rng)]
    if rng.random() < 0.18:
        rng.shuffle(parts)
    body = opening
    for part in parts:
        body += rng.choice(_JOINS) + part
    fillers = (
        []
        if said.category or topic.facts.get("fillers") == "no"
        else _fillers(topic, situation, scene, channel, body)
    )
    for part in fillers:
        body += rng.choice("，，。") + part
    ask = "" if said.category else _ask(topic, situation, scene, channel)
    if channel in THIRD_PERSON:
        return _note(body, ask, scene, channel, situation.request_type), opening
    return _own_words(body, ask, scene, channel), opening


def entitle(situation: Situation, scene: Scene, channel: str, text: str, opening: str) -> str:
    """A title: the situation's own that fits the text best, dressed as operators do, or a short post's first clause."""
    rng = scene.rng
    if channel in {"mini_program", "wechat"} and rng.random() < 0.3:
        clause = re.split(r"[，。！？；：\s\n]", opening)[0]
        if 5 <= len(clause) <= 22:
            return clause
    titles = [fill(line.text, scene) for line in situation.titles]
    title = max(titles, key=lambda each: (_shared(each, text), rng.random()))
    if rng.random() < 0.2:
        title = rng.choice(titles)
    if channel not in {"phone", "transfer", "visit"} or rng.random() < 0.55:
        return title
    if title.startswith((*_VERBS, "反映", "投诉", "申请", "反对", "关于", "请", "被")):
        return title
    kind = situation.request_type
    if kind == "complaint":
        return rng.choice([f"反映{title}的问题", f"投诉{title}", f"{title}问题", f"关于{title}的投诉"])
    if kind == "help":
        return rng.choice([f"关于{title}的求助", f"{title}，请求处理", f"反映{title}"])
    if kind == "inquiry":
        return f"咨询{title.removesuffix('咨询')}"
    return title


def _shared(title: str, text: str) -> float:
    pairs = {title[at : at + 2] for at in range(len(title) - 1)}
    return sum(pair in text for pair in pairs) / max(1, len(pairs))


def _in_order(lines: list[Line], wanted: int, rng: random.Random) -> list[Line]:
    picked = sorted(rng.sample(range(len(lines)), wanted))
    return [lines[index] for index in picked]


def _fillers(topic: Topic, situation: Situation, scene: Scene, channel: str, said: str) -> list[str]:
    rng, common = scene.rng, load_common()
    kind = situation.request_type
    if kind in common["context"]:
        if kind == "inquiry" and _PROCEDURE.search(said) and rng.random() < 0.6:
            kind = "procedure"
        return [fill(rng.choice(common["context"][kind]), scene)] if rng.random() < 0.5 else []
    found: list[str] = []
    hour = scene.when.hour
    if (
        situation.night
        and topic.category in {"0501", "0502"}
        and (hour >= 22 or hour < 4)
        and rng.random() < 0.5
    ):
        part = "凌晨" if hour < 4 else "晚上"
        shown = (12 if hour == 0 else hour) if hour < 4 else hour - 12
        found.append(f"现在{part}{shown}点{rng.choice(['了', '过了', '多了'])}还没停")
    pool = (
        "money_effect"
        if topic.category.startswith(_MONEY)
        else "effect"
        if topic.category.startswith(_NEARBY)
        else ""
    )
    if pool and rng.random() < 0.38:
        found.append(fill(rng.choice(common[pool]), scene))
    if not situation.urgent and not topic.category.startswith(_MONEY) and rng.random() < 0.2:
        found.append(fill(rng.choice(common["history"]), scene))
    if channel not in THIRD_PERSON and rng.random() < 0.09:
        found.append(fill(rng.choice(common["anger"]), scene))
    return found


def _ask(topic: Topic, situation: Situation, scene: Scene, channel: str) -> str:
    rng = scene.rng
    roll = rng.random()
    if situation.asks and roll < 0.42:
        return fill(rng.choice(situation.asks).text, scene)
    if roll < (0.72 if channel not in {"mini_program", "wechat"} else 0.55):
        asks = load_common()["asks"][situation.request_type]
        if not topic.category.startswith(_NEARBY):
            asks = [ask for ask in asks if "现场" not in ask and "整改" not in ask]
        return fill(rng.choice(asks), scene)
    return ""


def _note(opening: str, ask: str, scene: Scene, channel: str, kind: str) -> str:
    rng, common = scene.rng, load_common()
    if opening.startswith(_VERBS):
        lead = fill(rng.choice(common["leads"]["phone_plain"]), scene)
        opening = opening.replace("请问", "咨询", 1).replace("想咨询", "咨询", 1)
    else:
        pool = [lead for lead in common["leads"][channel] if kind == "complaint" or "投诉" not in lead]
        pool = common["leads"]["inquiry"] if kind == "inquiry" else pool
        lead = fill(rng.choice(pool), scene)
        if not lead and opening.startswith("其"):
            opening = "来电人" + opening.removeprefix("其")
    text = lead + opening
    if ask:
        who = "来电人" if ask.startswith(("希望", "要求")) else ""
        text += rng.choice(["。", "，", "。"]) + rng.choice(["诉求：", "", who, ""]) + ask
    text = _AGAIN.sub(r"\1", text)
    text = _plainly(text, rng).rstrip("。，") + "。"
    if rng.random() < 0.22:
        text += rng.choice(common["phone_tails"])
    if channel == "visit":
        text = text.replace("来电人", "来访人")
    text = re.sub(r"(来[电访]人[^，：]{0,4}[，：])来[电访]人(?=[^反称来])", r"\1其", text).replace(
        "其的", "其"
    )
    return _with_typo(text, rng, 0.03)


def _plainly(text: str, rng: random.Random) -> str:
    """Operators write standard Chinese, mostly."""
    if rng.random() < 0.15:
        return text
    for local, plain in _PLAIN.items():
        text = text.replace(local, plain)
    return text


def _own_words(opening: str, ask: str, scene: Scene, channel: str) -> str:
    rng, common = scene.rng, load_common()
    if opening.startswith("咨询"):
        opening = rng.choice(["咨询一下", "想咨询下", "请问", "咨询", "想了解一下"]) + opening.removeprefix(
            "咨询"
        )
    hurried = channel in {"mini_program", "wechat"}
    asking = opening.startswith((*_VERBS, "想了解"))
    text = "" if asking and hurried else fill(rng.choice(common["leads"][channel]), scene)
    if (channel == "letter" and rng.random() < 0.7) or (
        channel in {"web", "transfer"} and rng.random() < 0.15
    ):
        intro = fill(rng.choice(common["self"]), scene)
        text += intro
        opening = re.sub(r"^(我|本人)(?=[在原买去打])", "", opening)
    text += opening
    text = _AGAIN.sub(r"\1", text)
    if ask:
        text += rng.choice(["。", "，", "，", "！" if channel != "letter" else "。"]) + ask
    if channel == "letter":
        text = (
            text.rstrip("。")
            + "。"
            + (fill(rng.choice(common["letter_tails"]), scene) if rng.random() < 0.7 else "")
        )
    elif rng.random() < 0.16:
        text += rng.choice(["，", "。", "！"]) + rng.choice(common["polite"])
    if channel != "letter" and rng.random() < 0.16:
        text = _in_dialect(text, rng)
    if hurried:
        return _hurried(_with_typo(text, rng, 0.09), rng)
    if text[-1] not in "。！？" and rng.random() < 0.8:
        text += "。"
    return _with_typo(text, rng, 0.06)


def _in_dialect(text: str, rng: random.Random) -> str:
    common = load_common()
    for plain, local in common["dialect"]:
        if rng.random() < 0.6:
            text = text.replace(plain, local, 1)
    if rng.random() < 0.55:
        text = text.rstrip("。，！") + rng.choice("，。") + rng.choice(common["dialect_tails"])
    return text


def _hurried(text: str, rng: random.Random) -> str:
    style = rng.random()
    if style < 0.14:
        text = re.sub(r"[，。；]", " ", text).strip()
    elif style < 0.26:
        text = text.rstrip("。") + rng.choice(["！！", "！！！", "？？", "..."])
    elif style < 0.5:
        text += "" if text[-1] in "。！" else "。"
    if rng.random() < 0.1:
        text += rng.choice(load_common()["mini_tails"])
    return text


def _with_typo(text: str, rng: random.Random, share: float) -> str:
    if rng.random() >= share:
        return text
    pairs = [pair for pair in load_common()["typos"] if pair[0] in text]
    if not pairs:
        return text
    right, wrong = rng.choice(pairs)
    at = rng.choice([found.start() for found in re.finditer(re.escape(right), text)])
    return text[:at] + wrong + text[at + len(right) :]
