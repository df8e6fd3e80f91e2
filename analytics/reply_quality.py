"""答复质量 Reply quality: before an answer is sent, does it answer? Explained, and never a reason to stop anybody.

The complaint is taken apart into its points (what it asks, what it demands); a point counts as touched when the reply
speaks of its matter, and a question for a time, an amount or a contact when the reply names one. Then what a good
answer has is looked for: what was done or will be, by whom, when, on which basis; and what a bad one has: empty
phrases, a complaint copied back, "not our business" without saying whose. Criteria: the hotline's own practice
(先定性、讲依据、说措施、给时限、留联系) [derived]; words of our own, tried on public replies (docs/replies.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analytics.text import known_words

LEVELS = {"good": "可以发出", "better": "可以更好", "poor": "建议修改后再发"}
_LONGEST = 20_000  # characters read of either: a paste of 100 kB must not keep anybody waiting
_MOST_POINTS = 12
_BRIEF = 80  # characters of substance below which a reply explains nothing


@dataclass(frozen=True, slots=True)
class Point:
    """Something the complaint asks or demands: its words at ``start``..``end`` of the complaint, whether the reply
    touches it, and if not, what is missing (Chinese)."""

    start: int
    end: int
    text: str
    touched: bool
    missing: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: ``code``, ``serious`` or not, ``message`` (what to do, Chinese), and where in the reply it shows
    (``start`` = ``end`` = 0 when it is something missing)."""

    code: str
    serious: bool
    message: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class ReplyCheck:
    """``level`` of `LEVELS`; ``findings``, serious ones first; the complaint's ``points``."""

    level: str
    findings: tuple[Finding, ...]
    points: tuple[Point, ...]

    @property
    def name(self) -> str:
        """The level in Chinese."""
        return LEVELS[self.level]


_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_QUESTION = re.compile(
    r"[?？]|请问|咨询|(?:吗|呢)[。！!]?$|何时|什么时候|几时|多久|如何|怎么(?!都|也)|怎样|多少|是否|能否|可否|能不能|可不可以|有没有|哪[里些个儿]"
)
_DEMAND = re.compile(
    r"(?:恳请|请求|要求|希望|盼望?|强烈要求|建议|呼吁|望(?=[^远])|请(?!问|假|客|来|教))[^，,。；;]{2,}"
)
_COURTESY = re.compile(
    r"^(?:尊敬的|敬爱的|您好|你好|各位|此致|敬礼|谢谢|感谢|盼复|望回复|请回复|希望.{0,8}(?:回复|答复|重视)|恳请.{0,8}(?:回复|答复|重视))[^，,]{0,12}$"
)
_ASKS = (
    # what the point asks for, what a reply to it names, what to say when it does not
    (
        re.compile(r"何时|什么时候|几时|几号|哪天|多久|多长时间|什么时间|时间表"),
        re.compile(r"\d+\s*(?:年|月|日|号|天|个?工作日|周|小时)|[今明本下]年|年底|月底|近期|尚未|暂未|暂无|没有?出台|另行通知"),
        "问的是时间，答复里没有时间",
    ),
    (
        re.compile(r"多少钱|收费标准|标准是|多少元|补[贴助偿].{0,6}多少|费用(?:是|要|为)?多少"),
        re.compile(r"\d[\d.,]*\s*(?:元|万|%|％|倍|折)|免费|不收|标准"),
        "问的是金额或标准，答复里没有数字",
    ),
    (
        re.compile(r"联系(?:方式|电话)|电话是|找谁|哪个部门|什么部门|哪里办|在哪"),
        re.compile(r"\d{3,4}-?\d{4}|12345|窗口|地址|[局委办所处院]|街道|社区|中心"),
        "问的是找谁、在哪，答复里没有单位或电话",
    ),
)  # fmt: skip
_EMPTY = re.compile(
    r"(?:领导)?高度重视|非常重视|十分重视|第一时间|立即(?:组织|召开)[^，。]{0,12}会议|认真(?:研究|对待|核实|调查)(?:了解)?|积极(?:协调|配合|推进|努力)|进一步(?:加强|加大|做好|完善)[^，。；]{0,16}"
    r"|加[强大][^，。；]{0,6}(?:监管|管理|宣传|巡查|力度)|感谢您?(?:你|们)?(?:对我[^，。！!]{0,16})?(?:的)?(?:关心|支持|理解|监督|来信|留言)[^，。！!]{0,16}|(?:敬请|请您?)(?:谅解|理解)|切实[^，。；]{0,12}|(?:留言|来信|诉求|您?反映的(?:问题|情况))(?:已|我[们局]已)?(?:收悉|收到|阅悉|知悉)"
    r"|现(?:将)?(?:有关)?(?:情况)?(?:答复|回复|说明)如下|祝您?[^，。！!]{0,12}|不断(?:提高|改进|提升)[^，。；]{0,12}|全力以赴|为民[^，。；]{0,8}|举一反三|常抓不懈|(?:您|你)好[!！，,]?|网友[“\"][^”\"]{0,20}[”\"]"
)
_TIME = re.compile(
    r"\d{1,4}\s*年(?:\d{1,2}\s*月)?|\d{1,2}\s*月(?:\d{1,2}\s*[日号])?(?:前|底)?|\d+\s*(?:个)?(?:工作日|小时|天|日|周|个月)(?:内|之内|后)?|[今明后]天|[本下]周|[本下]月|月底|年底|[今明]年|即日起?|当[天日晚]|目前已|现已|已于"
)
_WHO = re.compile(
    r"[一-龥A-Za-z0-9]{1,12}(?:局|委员会|[人管]委|办公室|[管整]?办(?!理|法|事|结)|街道|社区|居委会|公司|大队|支队|中心|派出所|管理处|管理所|学校|医院|物业|集团|法院|政府|指挥部|[分支]局|村委会|项目部)|我(?:局|委|办|处|所|站|校|院|公司|镇|乡|街道|县|区|市|中心|单位)"
)
_CONTACT = re.compile(
    r"(?:\d{3,4}-)?\d{7,8}(?!\d)|1[3-9]\d{9}(?!\d)|12345|1[0-9]{4}(?!\d)|0000-0{8}|联系电话|咨询电话|微信公众号|窗口"
)
_BASIS = re.compile(
    r"《[^》]{2,60}》|第[一二三四五六七八九十百\d]+条|(?:根据|依据|依照|按照?)[^，。；]{2,40}(?:规定|办法|条例|文件|政策|标准|规划|细则|通知|合同|要求|精神)|〔?\[?20\d\d\]?〕?\d+号"
)
_ACTION = re.compile(
    r"(?:已|已经|正在|将|拟|计划|预计|立即|责成|责令|督促|要求|安排|组织|派[出员]|约谈|协调|移交|转交?)[^，。；]{0,20}(?:查|处|理|修|改|清|装|建|办|拆|罚|停|核|访|谈|施工|整治|安装|更换|解决|落实|协商|发放|退还|恢复|开通|增加|调整|公示|受理|立案|完成|启动|推进|列入|采购|招标|拨付|赔|补)|现场(?:查看|核实|检查|勘查|勘验)|经(?:核实|调查|查|了解|现场)|已(?:完成|办结|解决|修复|恢复|整改|退|清理|拆除|发放|立案|处罚)"
)
_REFUSED = re.compile(
    r"不(?:属于?|在)[^，。；]{0,16}(?:职责|职能|管辖|范围|权限)|(?:无权|无法)(?:处理|管辖|受理)|不(?:予|能)(?:受理|办理|支持)|不符合[^，。；]{0,12}(?:条件|规定)|建议您?(?:向|到|与|联系)"
)
_SEND_ON = re.compile(
    r"(?:向|到|与|联系|找|由|请)[^，。；]{0,6}[一-龥A-Z0-9]{1,16}(?:局|委|办|处|所|街道|社区|公司|中心|法院|仲裁委|派出所|政府|部门|单位|窗口)"
)
_FORWARDED = re.compile(
    r"(?:已|将)[^，。；]{0,20}(?:转|交)(?:至|给|到|交|办|由|有关|相关|[^，。；]{0,8}(?:部门|单位|局|委))|已转[^，。；]{1,16}(?:调查|核处|核查|办复|处理|办理)"
)
_RHETORICAL = re.compile(
    r"难道|岂|何在|天理|凭什么|何以|情何以堪|如何让我们|叫我们如何|怎么对得起|(?:^|，)何时是个?头"
)
_ID = re.compile(r"(?<!\d)[1-8]\d{5}(?:19|20)\d{9}[\dXx](?!\d)")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_FUNCTION_WORDS = frozenset(
    """我们 你们 他们 自己 这个 那个 什么 怎么 如何 是否 能否 可以 希望 请问 恳请 请求 要求 建议 政府 领导 部门 有关 相关 问题
    情况 现在 目前 没有 就是 还是 因为 所以 如果 但是 而且 已经 一直 一个 这样 时候 什么时候 何时 多少 多久 进行 给予 得到 解决 处理
    回复 答复 谢谢 尊敬 书记 市长 县长 区长 局长 厅长 您好 你好 为什么 为何 哪里 知道 一下 尽快 关注 重视 严重 影响 居民 业主 市民
    百姓 群众 不能 不是 应该 需要 咨询 投诉 举报 反映 本人 请示""".split()  # noqa: SIM905 - a list of words reads as one
)


def check_reply(complaint: str, reply: str) -> ReplyCheck:
    """Look at a reply beside the complaint it answers.

    Parameters: both texts of any length, also empty. The level is ``poor`` with two serious findings or a reply
    without substance, ``good`` with none at all or only light ones fewer than three. Never raises.
    """
    complaint, reply = complaint[:_LONGEST], reply[:_LONGEST]
    substance = _EMPTY.sub("", reply)
    bare = re.sub(r"[\s，。；：、！!？?,.;:“”\"（）()]", "", substance)
    points = tuple(_points(complaint, reply))
    findings = sorted(_findings(complaint, reply, bare, points), key=lambda one: not one.serious)
    serious = sum(one.serious for one in findings)
    if serious >= 2 or len(bare) < 15:
        level = "poor"
    elif serious or len(findings) >= 3:
        level = "better"
    else:
        level = "good"
    return ReplyCheck(level, tuple(findings), points)


def _findings(complaint: str, reply: str, bare: str, points: tuple[Point, ...]) -> Iterator[Finding]:
    if len(bare) < 15:
        yield Finding("empty", True, "除了客套几乎没有内容：请写明查到了什么、做了什么、接下来怎么办")
    yield from _unanswered(points, complaint, reply)
    asked_only = bool(points) and all(_QUESTION.search(point.text) for point in points)
    if len(bare) < _BRIEF and _FORWARDED.search(reply):
        yield Finding("forwarded", True, "只说转了出去：请写明转给哪个单位、何时有结果，或等有了结果再答复")
    elif not _ACTION.search(reply) and not _BASIS.search(reply):
        serious = len(bare) < _BRIEF and not asked_only
        yield Finding(
            "no_action", serious, "没有写调查结果、措施或依据：请写明做了什么、将做什么，或按什么规定这样答复"
        )
    if not _TIME.search(_without_signature(reply)) and not asked_only:
        yield Finding("no_date", False, "没有时间：请写明何时办的、或何时前办好")
    if not _WHO.search(reply) and not _CONTACT.search(reply):
        yield Finding("no_unit", not asked_only, "没有写是谁在办：请写明承办单位和联系电话")
    elif not _CONTACT.search(reply):
        yield Finding("no_contact", False, "没有联系方式：请留一个能打通的电话，方便追问")
    refused = _REFUSED.search(reply)
    if (refused or asked_only) and not _BASIS.search(reply):
        yield Finding(
            "no_basis", bool(refused), "没有依据：请写明按哪个文件、哪一条这样答复",
            *(refused.span() if refused else (0, 0)),
        )  # fmt: skip
    if refused and "职" in refused[0] and not _SEND_ON.search(reply):
        yield Finding(
            "passed_on", True, "说了不归本单位管，却没有说归谁管：请写明该找哪个单位、怎么找", *refused.span()
        )
    phrases = list(_EMPTY.finditer(reply))
    share = sum(len(one[0]) for one in phrases) / max(len(reply.strip()), 1)
    if share > 0.35 and len(reply) > 30:
        yield Finding(
            "phrases", share > 0.5, f"套话占了 {share:.0%}：请换成具体的结果和措施", *phrases[0].span()
        )
    if copied := _copied(complaint, bare):
        yield Finding("copied", copied > 0.8, f"有 {copied:.0%} 是把诉求原文抄了一遍：请写处理情况")
    for code, pattern, message in (
        ("id_number", _ID, "含身份证号：请删去"),
        ("mobile", _MOBILE, "含手机号：请确认是可以公开的办公电话，否则删去"),
    ):
        if found := pattern.search(reply):
            yield Finding(code, code == "id_number", message, *found.span())


def _unanswered(points: tuple[Point, ...], complaint: str, reply: str) -> Iterator[Finding]:
    left = [point for point in points if not point.touched]
    if not left:
        return
    matter, said = _matter(complaint), set(_matter(reply))
    beside_it = 5 * sum(word in said for word in matter) < len(
        matter
    )  # speaks of less than a fifth of the matter
    named = "；".join(f"“{_short(point.text)}”{point.missing}" for point in left[:3])
    more = f" 等 {len(left)} 点" if len(left) > 3 else ""
    yield Finding("unanswered", beside_it and len(left) == len(points), f"这些没有答到：{named}{more}")


def _short(text: str, most: int = 24) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _without_signature(reply: str) -> str:
    """The reply without the date it is signed with."""
    return re.sub(r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*$", "", reply.strip())


def _points(complaint: str, reply: str) -> Iterator[Point]:
    said = set(_matter(reply)) | {word[:2] for word in _matter(reply) if len(word) > 2}
    count = 0
    for sentence in _SENTENCE.finditer(complaint):
        text = sentence[0].strip(" \u3000\r\t")
        found = _DEMAND.search(text)
        if _COURTESY.match(text) or _RHETORICAL.search(text) or not (_QUESTION.search(text) or found):
            continue
        matter = _matter(text)
        if not matter:
            continue
        touched, missing = _touched(text, matter, said, reply)
        begin = sentence.start() + sentence[0].index(text)
        yield Point(begin, begin + len(text), text, touched, missing)
        count += 1
        if count == _MOST_POINTS:
            return


def _touched(text: str, matter: list[str], said: set[str], reply: str) -> tuple[bool, str]:
    for asks, names, missing in _ASKS:
        if asks.search(text) and not names.search(reply):
            return False, f"（{missing}）"
    common = sum(word in said or word[:2] in said for word in matter)
    return (common >= 2 or 3 * common >= len(matter)), ""


def _matter(text: str) -> list[str]:
    """The words that say what a text is about: of two characters or more, no function words, each once."""
    words = dict.fromkeys(
        word
        for word in known_words(text)
        if len(word) > 1 and "一" <= word[0] <= "龥" and word not in _FUNCTION_WORDS
    )
    return list(words)


def _copied(complaint: str, bare: str, length: int = 10) -> float:
    """Share of the reply's substance that stands word for word in the complaint; 0 below a half."""
    told = re.sub(r"[\s，。；：、！!？?,.;:“”\"（）()]", "", complaint)
    if len(bare) < 2 * length or len(told) < length:
        return 0.0
    known = {told[at : at + length] for at in range(len(told) - length + 1)}
    covered = [False] * len(bare)
    for at in range(len(bare) - length + 1):
        if bare[at : at + length] in known:
            covered[at : at + length] = [True] * length
    share = sum(covered) / len(bare)
    return share if share >= 0.5 else 0.0
