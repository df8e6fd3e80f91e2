"""改写 Paraphrases: complaints said again in other words, and look-alikes that are other matters, with the truth known.

Everything is made from the demo's history and the project's own corpus, from a seed. A neighbour's or a second call is
the first one with sentences dropped, moved and added, words replaced, misspelt, the place told in another way. A
look-alike is the same words about another place, or another matter at the same place.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from analytics.corpus import common_phrases, compose
from analytics.records import Complaint

# Each line: ways to say one thing. Ours, like the phrases of the demo.
SYNONYMS = [
    line.split()
    for line in """
噪音 噪声 响声 吵闹声
太吵 很吵 吵得很 声音太大
半夜 深夜 凌晨 夜里
晚上 夜间 夜里
物业公司 物管公司 物业 小区物业
保洁 清洁工 打扫的
没人管 无人管理 无人处理 没得人管
没有人 没人 无人
希望 请 盼望 恳请 要求
尽快 赶紧 早点 马上
解决 处理 整改
反映 反应 投诉 举报
多次 好几次 几次 反复
停水 没水 断水 不来水
停电 没电 断电
漏水 渗水 滴水
污水 脏水 臭水
臭味 异味 臭气 难闻的味道
垃圾 生活垃圾 渣滓
油烟 烟味 油烟味
施工 开工 干活 修建
工地 施工现场 建筑工地
扰民 影响休息 吵到大家
路灯 街灯 照明灯
坏了 不亮了 出故障了 损坏
电梯 升降梯
困人 关人 把人困住
占用 占了 占道
停车位 车位 停车的地方
乱停 违停 乱停放 随意停放
孩子 小孩 娃娃 小朋友
老人 老年人 老人家
学校 校方
退费 退钱 退款
不退 不肯退 拒绝退还
老板 负责人 商家
跑路 失联 联系不上 关门走人
拖欠 欠 不发
工资 工钱 薪水
加装 安装 装
公示 公开 张贴
业主 住户 居民
大家 大伙 邻居们
我家 我们家 家里
经常 总是 老是 天天
严重 厉害 很严重
影响 妨碍
生活 日常生活
安全隐患 危险 不安全
涨价 上涨 提高收费
收费 要钱 收取费用
消防通道 消防车道 救生通道
堵塞 堵了 堵住 不通
电动车 电瓶车 两轮电动车
咨询 想问 请问 询问
怎么办理 如何办理 咋个办
""".strip().splitlines()
]
_WAYS = {word: [other for other in ways if other != word] for ways in SYNONYMS for word in ways}
_WORD = re.compile("|".join(sorted(map(re.escape, _WAYS), key=len, reverse=True)))
_MISSPELT = str.maketrans("的在做账反再已象坐到", "得再作帐返在己像座道")
_CLAUSES = re.compile(r"[^，。！？；,!?;\n]+[，。！？；,!?;\n]*")
OPENERS = ["市民反映：", "来电人称，", "您好，", "领导好！", "再次反映，", "我也要反映，", "请问，", "诉求人来电，", "", "", "",
           "我是这里的住户，", "替邻居问一下，"]  # fmt: skip
ADDED = ["已经反映过多次没有结果。", "打了几次电话都没人接。", "邻居们意见很大。", "实在受不了了。", "家里有老人和小孩。", "不知道归哪个部门管。",
         "再不处理就找媒体。", "拍了照片可以提供。", "一直没有人来看过。", "上次说处理了，其实没有。", "希望给个明确答复。", "麻烦了，谢谢。"]  # fmt: skip
_SYLLABLES = (
    "青松白鹭红枫紫藤金桂银杏海棠玉兰锦绣和平安康福星明月清泉翠竹朝阳东湖南山西岭北苑云溪天河长宁永昌"
)
_ENDINGS = ("花园", "家园", "公寓", "佳苑", "名邸", "新村", "新城", "小学", "路", "大道", "广场", "农贸市场")
_SHORTENED = ("小区", "花园", "家园", "公寓", "佳苑", "名邸")


# Calls for a stream of any length.
MATTERS = [
    "路灯坏了{}天没人修，晚上出门什么都看不见",
    "物业费从每月{}元涨到两倍，没有公示，业主不同意",
    "电梯困人{}次，维保单位迟迟不来，老人不敢坐",
    "垃圾桶满了{}天没人清运，臭味很大",
    "广场舞音响太吵，{}号楼的孩子没法写作业",
    "临时停车一小时收{}元，收费标准不明",
    "下水道堵塞{}天，污水外溢到路面",
    "楼上装修{}个月，从早到晚敲墙没有休息",
    "门口搅拌站{}点还在作业，灰尘满天，噪音很大",
    "停水{}小时没有通知，家里老人没水喝",
]
LEADS = ["市民反映：", "来电人称，", "您好，", "", "请问一下，", "再次投诉："]
TAILS = ["请尽快处理。", "希望有关部门核实。", "已经反映过多次没有结果。", "要求给个说法。", ""]


@dataclass(frozen=True, slots=True)
class Made:
    """A complaint, the event it is about, and the matter at a place: pairs of one matter but two events are left open.

    ``how``: base, event, light, heavy, copy, neighbour (same place and matter, hardly a word of the first call);
    and what is no repeat: elsewhere (same words, other place), beside (same place, other matter).
    """

    complaint: Complaint
    event: str
    matter: tuple[str, str]
    place: str
    how: str


class Rewriter:
    """Says complaints again. Deterministic by ``seed``."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"rewrite/{seed}")

    def reword(self, text: str, place: str, heavy: bool) -> str:
        """The text as somebody else would put it, or (light) as the same person would the second time."""
        rng = self.random
        share = 0.75 if heavy else 0.3
        clauses = _CLAUSES.findall(text)
        if len(clauses) > 2:
            dropped = rng.randint(1, max(1, len(clauses) // 2)) if heavy else rng.randint(0, 1)
            for _ in range(dropped):
                if len(clauses) > 2:
                    clauses.pop(rng.randrange(len(clauses)))
            if rng.random() < share:
                at = rng.randrange(len(clauses))
                clauses.insert(rng.randrange(len(clauses)), clauses.pop(at))
        if rng.random() < share:
            clauses.insert(rng.randint(0, len(clauses)), rng.choice(ADDED))
        words = _WORD.sub(
            lambda w: rng.choice(_WAYS[w[0]]) if rng.random() < share else w[0], "".join(clauses)
        )
        words = "".join(self._typo(c) if rng.random() < 0.02 else c for c in words)
        if place and place in words and rng.random() < share:
            words = words.replace(place, self.shorter(place))
        elif place and place not in words and rng.random() < 0.6:
            words = place + words
        return rng.choice(OPENERS) + words if rng.random() < share else words

    def shorter(self, place: str) -> str:
        """The name as neighbours say it."""
        for ending in _SHORTENED:
            if place.endswith(ending) and len(place) - len(ending) >= 2:
                return self.random.choice(
                    [place.removesuffix(ending) + "那边", place + "小区", place.removesuffix(ending)]
                )
        return self.random.choice([place, place + "附近"])

    def _typo(self, character: str) -> str:
        return self.random.choice([character.translate(_MISSPELT), "", character * 2, character])


def estate(rng: random.Random) -> str:
    """A made-up name of a place."""
    return "".join(rng.sample(_SYLLABLES, 2)) + rng.choice(_ENDINGS)


def _letters(count: int, rng: random.Random, seed: int, as_of: datetime) -> Iterator[Made]:
    """Long letters: one to three of the corpus's on one category, about one place. No text is used twice."""
    by_label: dict[str, list[str]] = {}
    for example in compose(40, seed):
        if len(example.text) > 30:
            by_label.setdefault(example.label, []).append(example.text)
    names = re.compile("|".join(sorted(map(re.escape, common_phrases().places), key=len, reverse=True)))
    for number in range(count):
        label, place = rng.choice(sorted(by_label)), estate(rng)
        texts = by_label[label]
        used = [texts.pop() for _ in range(min(len(texts), rng.randint(1, 3)))]
        if not texts:
            del by_label[label]
        text = names.sub(place, "".join(used))
        when = as_of - timedelta(days=rng.uniform(0, 80))
        yield Made(
            Complaint(f"L{number}", when, text if place in text else place + text, place if rng.random() < 0.3 else "", label),
            f"L{number}", (label, place), place, "base",
        )  # fmt: skip


def history(orders: int, seed: int) -> list[Made]:
    """Demo orders and letters with reposts, paraphrases and look-alikes put in, in order of time.

    About twice ``orders`` complaints over twelve weeks.
    """
    from hotline.demo import generate

    rng, again = random.Random(f"pairs/{seed}"), Rewriter(seed)
    as_of = datetime(2026, 11, 23, tzinfo=UTC)
    made = []
    for order in generate(as_of=as_of, orders=orders, seed=seed).orders:
        place = order.estate or ""
        text = order.text if order.text.startswith(order.title) else f"{order.title}。{order.text}"
        complaint = Complaint(
            f"D{order.number}",
            order.reported_at,
            text,
            order.place_text if rng.random() < 0.6 else "",
            order.true_category,
        )
        event = order.event_id or complaint.id
        made.append(
            Made(complaint, event, (order.true_category, place), place, "event" if order.event_id else "base")
        )
    made += _letters(orders // 3, rng, seed, as_of)
    for base in list(made):
        made += _said_again(base, rng, again) if rng.random() < 0.3 else ()
        if base.how == "base" and base.place and base.place in base.complaint.text and rng.random() < 0.1:
            other = estate(rng)
            text = again.reword(base.complaint.text, base.place, heavy=False).replace(base.place, other)
            if base.place[:2] not in text:
                moved = replace(
                    base.complaint, id=f"{base.complaint.id}e", text=text,
                    time=base.complaint.time + timedelta(days=rng.uniform(0, 20)),
                    place=base.complaint.place.replace(base.place, other) if base.place in base.complaint.place else "",
                )  # fmt: skip
                made.append(Made(moved, moved.id, (base.matter[0], other), other, "elsewhere"))
    made += _neighbours([base for base in made if base.how == "base" and base.place], rng, again)
    places = [base for base in made if base.place and base.how == "base"]
    for number in range(orders // 10):
        there, matter = rng.sample(places, 2)
        if there.matter[0][:2] != matter.matter[0][:2] and matter.place in matter.complaint.text:
            beside = replace(
                matter.complaint, id=f"B{number}", text=matter.complaint.text.replace(matter.place, there.place),
                time=there.complaint.time + timedelta(days=rng.uniform(0, 20)),
                place=there.complaint.place,
            )  # fmt: skip
            made.append(Made(beside, beside.id, (matter.matter[0], there.place), there.place, "beside"))
    return sorted(made, key=lambda one: (one.complaint.time, one.complaint.id))


def _neighbours(bases: list[Made], rng: random.Random, again: Rewriter) -> Iterator[Made]:
    """Others' own words on a matter at a place: a call on the like elsewhere, moved here, with a phrase of the first."""
    alike: dict[str, list[Made]] = {}
    for base in bases:
        if base.place in base.complaint.text:
            alike.setdefault(_matter_of(base), []).append(base)
    for base in bases:
        others = [one for one in alike.get(_matter_of(base), ()) if one.place != base.place]
        if not others or rng.random() > 0.25:
            continue
        for number in range(rng.choice([1, 2, 3])):
            other = rng.choice(others)
            text = other.complaint.text.replace(other.place, base.place)
            if base.complaint.id[0] == "L" or rng.random() < 0.5:
                clauses = [one for one in _CLAUSES.findall(base.complaint.text) if base.place not in one]
                told = _CLAUSES.findall(text)
                for clause in rng.sample(clauses, min(len(clauses), rng.choice([1, 2]))):
                    told.insert(rng.randint(0, len(told)), clause)
                text = "".join(told)
            text = again.reword(text, base.place, heavy=True)
            said = replace(
                base.complaint, id=f"{base.complaint.id}n{number}", text=text, place=rng.choice([base.place, base.complaint.place, ""]),
                time=base.complaint.time + timedelta(days=min(rng.expovariate(1 / 20), 80)),
            )  # fmt: skip
            yield Made(said, base.event, base.matter, base.place, "neighbour")


def _matter_of(base: Made) -> str:
    """Orders of one title, letters of one category: what two neighbours may both call about."""
    if base.complaint.id[0] == "L":
        return base.matter[0]
    return base.matter[0] + base.complaint.text.split("。")[0].replace(base.place, "")


def _said_again(base: Made, rng: random.Random, again: Rewriter) -> Iterator[Made]:
    for number in range(rng.choice([1, 1, 2, 4])):
        how = rng.choice(["copy", "light", "light", "heavy", "heavy", "heavy"])
        complaint = base.complaint
        text = complaint.text if how == "copy" else again.reword(complaint.text, base.place, how == "heavy")
        field = rng.choice([complaint.place, base.place, "", ""])
        days = rng.uniform(0, 70) if how == "copy" else min(rng.expovariate(1 / 20), 80)
        said = replace(
            complaint,
            id=f"{complaint.id}r{number}",
            text=text,
            place=field,
            time=complaint.time + timedelta(days=days),
        )
        yield Made(said, base.event, base.matter, base.place, how)
