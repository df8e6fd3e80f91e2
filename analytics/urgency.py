"""紧急程度 Urgency: whether an order cannot wait for its turn, and why.

Cue words by kind of danger, read clause by clause: what is denied (没有停水), long past (去年停水), hypothetical (万一着火) or
merely asked about (停水怎么收费) does not count in full. Urgent orders get a first response in two hours, round the clock
(Beijing 接诉即办); who decides is the operator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analytics.text import normalise

NAMES = {
    "life": "危及生命",
    "utility": "停水停电停气",
    "vulnerable": "老幼病残孕",
    "crowd": "群体或舆情风险",
}
URGENT_FROM = 1.0  # score from which an order is urgent


@dataclass(frozen=True, slots=True)
class Urgency:
    """``urgent``: first response in two hours; ``kinds`` of `NAMES`, heaviest first; ``score`` ≥ 0, urgent from 1.0;
    ``why``: the words that told, as they stand in the text."""

    urgent: bool
    kinds: tuple[str, ...]
    score: float
    why: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The kinds in Chinese."""
        return tuple(NAMES[kind] for kind in self.kinds)


# (kind, weight, pattern). A weight of 1 is urgent by itself; others must meet.
_CUES = [
    (kind, weight, re.compile(pattern))
    for kind, weight, pattern in (
        ("life", 1.5, r"(着火|起火|失火|火灾|爆炸|(?<!烟囱)冒烟)(了|啦)?"),
        ("life", 1.5, r"(燃气|煤气|天然气|液化气)[^，。,]{0,6}(泄[漏露]|漏气|味)|闻到[^，。,]{0,8}(煤气|燃气|天然气)"),
        ("life", 1.5, r"(跳楼|轻生|自杀|不想活|喝农药|割腕|自残)"),
        ("life", 1.5, r"(被困(?!扰)|困在|困人|困住|溺水|落水|触电|漏电|中毒|昏迷|晕倒|休克|大出血|生命危险|有生命|人命|窒息)"),
        ("life", 1.2, r"(持刀|砍人|行凶|正在(打人|打架|斗殴)|家暴|拿刀|绑架|非法拘禁|限制人身自由)"),
        ("life", 1.2, r"(塌方|坍塌|垮塌|倒塌|塌陷|滑坡|泥石流|山洪|溃堤|决口|摇摇欲坠|马上要(倒|垮|塌))"),
        ("life", 1.0, r"(掉进|跌入|摔进)[^，。,]{0,8}(井|坑|沟|河)|井盖[^，。,]{0,6}(缺失|不见|没了|丢了|被偷)|电线[^，。,]{0,6}(掉|断|垂|裸露)"),
        ("life", 1.0, r"(高空坠物|外墙[^，。,]{0,6}(脱落|掉)|玻璃[^，。,]{0,4}(掉|坠落)|冲顶|急速下坠|掉了?[一两二三四五六几\d]+层)"),
        ("utility", 1.0, r"(停水|断水|停电|断电|停气|断气|停暖|跳闸|没水|没电|没气|无水|水管[^，。,]{0,4}爆|爆管|管道[^，。,]{0,3}破裂|停(了|掉)?[水电气]了)"),
        ("vulnerable", 0.6, r"(老人|老年人|[七八九]十多?岁|[6-9]\d岁|奶奶|爷爷|外婆|独居|空巢|瘫痪|残疾|轮椅|孕妇|怀孕|临产|婴儿|新生儿|月子|吸氧|呼吸机|透析|重病|癌症|走失|自闭症|孤儿|小孩|孩子|幼儿|学生)"),
        ("life", 1.2, r"(走失|走丢|失踪|被拐)(?!的|人员)"),
        ("crowd", 0.8, r"(集体|聚集|拉横幅|堵路|堵门|围堵|上街|游行|罢工|罢课|罢运|停运抗议|群体性|越级|进京|上访|[几数]百[名户多]|上千|\d{3,}[多余]?[户人名])"),
        ("crowd", 0.6, r"(曝光|抖音|微博|热搜|媒体|记者|电视台|发到网上|网上疯传|舆论)"),
    )
]  # fmt: skip
_CLAUSE = re.compile(r"[^，。！？；,.!?;\n]+[，。！？；,.!?;\n]*")
_DENIED = re.compile(
    r"(没有?|未|并未|不再|不会|不是|不存在|无须|从来没|从未|防止|避免|预防|以免|杜绝|排除)(再|发生|出现|过|有)?[^，。,]{0,3}$"
)
_PAST = re.compile(
    r"(去年|前年|大前年|上个?月|以前|曾经|早年|当年|那年|之前|\d+年前|[一二三四五六七八九十两几]+年前|19\d\d年|20[01]\d年|已经?(恢复|修好|解决|来水|来电|扑灭|救出))"
)
_SUPPOSED = re.compile(r"(万一|如果|要是|假如|担心|生怕|害怕|怕|容易|可能|隐患|一旦|会不会|谨防)")
_NOW = re.compile(
    r"(现在|正在|目前|今天|今早|今晚|昨天|昨晚|刚才|刚刚|马上|立即|紧急|十万火急|快来|至今|到现在|还没|仍|又)"
)
_ASKED = re.compile(r"(怎么收费|费用|收费标准|多少钱|政策|规定|[补赔]偿标准|如何申请|怎么申请|通知|计划|证)")
_MULTI = 0.5  # a second word of one kind adds half, a third a quarter …


def _factor(clause: str, start: int, end: int) -> float:
    """How much of a cue's weight counts, from what surrounds it in its clause."""
    before, after = clause[:start], clause[end:]
    if _DENIED.search(before):
        return 0.0
    factor = 1.0
    if _PAST.search(clause):
        factor *= 0.2
    if _SUPPOSED.search(before):
        factor *= 0.5
    if _ASKED.search(after):
        factor *= 0.4
    if factor == 1.0 and _NOW.search(clause):
        factor = 1.3
    return factor


def assess_urgency(text: str) -> Urgency:
    """Danger to life, a cut of water, gas or power, vulnerable people, and the risk of crowds or media in a text.

    Parameters: text of any length, also empty. The score sums, per kind, the heaviest cue and a falling share of the
    others; people at risk and crowds (weight below 1) make an order urgent only together with something else.
    """
    found: dict[str, dict[str, float]] = {}
    for clause in _CLAUSE.findall(normalise(text)):
        for kind, weight, pattern in _CUES:
            for cue in pattern.finditer(clause):
                counted = weight * _factor(clause, cue.start(), cue.end())
                if counted > 0:
                    of_kind = found.setdefault(kind, {})
                    of_kind[cue.group()] = max(of_kind.get(cue.group(), 0.0), counted)
    totals = {
        kind: min(sum(w * _MULTI**n for n, w in enumerate(sorted(words.values(), reverse=True))), 3.0)
        for kind, words in found.items()
    }
    # That a child or the press is spoken of is no emergency of its own: it weighs on what else is.
    danger = totals.get("life", 0.0) + totals.get("utility", 0.0)
    aside = totals.get("vulnerable", 0.0) + totals.get("crowd", 0.0)
    score = danger + min(aside, 0.5 * danger if danger else 0.9)
    kinds = sorted(totals, key=lambda kind: -totals[kind])
    words = [pair for kind in kinds for pair in sorted(found[kind].items(), key=lambda pair: -pair[1])]
    return Urgency(
        score >= URGENT_FROM, tuple(kinds), round(score, 3), tuple(dict.fromkeys(w for w, _ in words))[:8]
    )
