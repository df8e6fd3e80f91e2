"""改写 Rewording: a complaint told again by somebody else: sentences left out and moved, words replaced, a greeting and
a complaint about the handling added. Words and phrases are this project's own; seeded by the given random source."""

from __future__ import annotations

import random
import re

from analytics.corpus import common_phrases
from analytics.text import normalise

# Each line: ways to say one thing.
_SAME = [
    line.split()
    for line in """
噪音 噪声 响声
太吵 吵得很 声音太大
半夜 深夜 凌晨 夜里
晚上 夜间
物业公司 物管公司 小区物业
保洁 打扫的
没人管 无人管理 没得人管
没有人 没人 无人
希望 请 恳请 要求
尽快 赶紧 马上
解决 处理
反映 投诉
多次 好几次 反复
停水 没水 断水
停电 没电 断电
漏水 渗水
污水 脏水 臭水
臭味 异味 臭气
垃圾 生活垃圾
油烟 油烟味
施工 开工 干活
工地 施工现场
扰民 影响休息
路灯 街灯 照明灯
坏了 出故障了 损坏
电梯 升降梯
停车位 车位
乱停 违停 乱停放
孩子 小孩 娃娃
老人 老年人 老人家
退费 退钱 退款
不退 不肯退 拒绝退还
跑路 失联 联系不上
拖欠 欠
工资 工钱 薪水
业主 住户 居民
大家 邻居们
经常 总是 老是
严重 厉害
影响 妨碍
安全隐患 危险
涨价 提高收费
堵塞 堵了 不通
电动车 电瓶车
咨询 想问 请问
怎么办理 如何办理
""".strip().splitlines()
]
_WAYS = {word: [other for other in ways if other != word] for ways in _SAME for word in ways}
_WORD = re.compile("|".join(sorted(map(re.escape, _WAYS), key=len, reverse=True)))
_SENTENCE = re.compile(r"[^，。！？；,!?;\n]+")
_REPLACED = 0.5  # of the words that can be said in another way
_LONGEST = 8  # sentences of a letter that somebody else would also tell


class Rewording:
    """Tells again, each time in another way. Not safe to share by threads."""

    def __init__(self, source: random.Random) -> None:
        self.random = source
        self.common = common_phrases()

    def reword(self, text: str) -> str:
        """The same with some words replaced by others of one meaning."""
        return _WORD.sub(self._other, text)

    def retell(self, text: str, keep: str = "") -> str:
        """A complaint told by another person: 40 to 90 % of its sentences, reworded, with phrases of that person's
        own. A sentence that holds ``keep`` (the place) stays; the text always says something of the original."""
        said = [part.strip() for part in _SENTENCE.findall(normalise(text)) if part.strip()][:_LONGEST]
        kept = self.random.uniform(0.4, 0.9)
        part = [one for one in said if (keep and keep in one) or self.random.random() < kept]
        part = part or [self.random.choice(said)] if said else [text]
        if len(part) > 1 and self.random.random() < 0.5:
            a, b = self.random.sample(range(len(part)), 2)
            part[a], part[b] = part[b], part[a]
        return self.framed([self.reword(one) for one in part])

    def framed(self, sentences: list[str]) -> str:
        """Sentences with a greeting before, moods after, and an ending, some of them or none."""
        pick, chance = self.random.choice, self.random.random
        out = list(sentences)
        if chance() < 0.4:
            out.insert(0, pick(self.common.greetings))
        out += [self._filled(pick(self.common.moods)) for _ in range(pick((0, 0, 1, 1, 2)))]
        if chance() < 0.25:
            out.append(self._filled(pick(self.common.times)))
        if chance() < 0.5:
            out.append(pick(self.common.endings))
        return "".join(one if one[-1] in "！，。：？" else one + pick("，，。") for one in out if one)

    def _other(self, found: re.Match[str]) -> str:
        word = found.group()
        return self.random.choice(_WAYS[word]) if self.random.random() < _REPLACED else word

    def _filled(self, phrase: str) -> str:
        # a place that is not the event's would be misleading: whoever tells says "here"
        return phrase.replace("{地}", "这里").replace("{数}", str(self.random.randint(2, 30)))
