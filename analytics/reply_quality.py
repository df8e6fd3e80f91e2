"""答复质量 Reply quality: before an answer is sent, does it answer? Explained, and never a reason to stop anybody.

The complaint is taken apart into its points (`analytics.reply_points`). Then what a good answer has is looked for:
what was found, done or will be, by whom, when, on which basis, and whom to call; and what a bad one has: empty
phrases, a complaint or an earlier answer copied, blanks of a template left open, "not our business" without saying
whose, people's names and numbers. Criteria: the
hotline's own practice (先定性、讲依据、说措施、给时限、留联系) [derived]; words of our own in ``reply_words.toml``,
tried on public replies (docs/replies.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from analytics.reply_points import Point, is_question, points_of, reply_words

__all__ = ["LEVELS", "Finding", "Point", "ReplyCheck", "check_reply"]

LEVELS = {"good": "可以发出", "better": "可以更好", "poor": "建议修改后再发"}
_LONGEST = 8_000  # characters read of either: a paste of 100 kB must not keep anybody waiting
_NOTHING = 15  # characters of substance below which a reply says nothing
_BRIEF = 60  # and below which one without measure or basis explains nothing
_ANSWERED = 0.6  # share of the reply that may stand in a template or an earlier answer


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: ``code``, ``serious`` or not, ``message`` (what to do, Chinese), and where in the reply it shows
    (``start`` = ``end`` = 0 when it is something missing), in its own words as ``evidence``."""

    code: str
    serious: bool
    message: str
    start: int = 0
    end: int = 0
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ReplyCheck:
    """``level`` of `LEVELS`; ``findings``, serious ones first; the complaint's ``points``; ``has``: which of
    action, date, unit, contact, basis the reply names."""

    level: str
    findings: tuple[Finding, ...]
    points: tuple[Point, ...]
    has: frozenset[str]

    @property
    def name(self) -> str:
        """The level in Chinese."""
        return LEVELS[self.level]


_UNITS = r"(?:局|委员会|[人管]委|办公室|[管整]?办(?!理|法|事|结|公|好|证|手)|街道|社区|居委会|业委会|公司|大队|支队|中心|派出所|管理处|管理所|学校|医院|物业|集团|法院|政府|指挥部|村委会|项目部|银行|残联|供电所|[镇乡](?=农|政|党|人|已|将|组|对|于))"
_TRAITS = {
    "date": re.compile(
        r"(?<!\d)(?:19|20)\d\d\s*年|\d{1,2}\s*月(?:\d{1,2}\s*[日号])?(?:前|底)?|(?<!\d)\d{1,3}\s?个?(?:工作日|小时|天|日|周|个月)(?:内|之内|后)?|[今明后]天|[本下]周|[本下]月"
        r"|月底|年底|[今明]年|即日起?|当[天日晚]|(?<!\d)20\d\d[.\-/]\d{1,2}"
    ),
    "unit": re.compile(
        rf"[一-龥A-Za-z0-9]{{1,12}}{_UNITS}|我(?:局|委|办|处|所|站|校|院|公司|司|镇|乡|街道|县|区|市|中心|单位|支?大?队)"
    ),
    "contact": re.compile(
        r"(?<![A-Za-z\d])0\d{2,3}\s*[-—－]+\s*\d{7,8}(?!\d)|0000-0{4,8}|(?<![A-Za-z\d./-])[2-8]\d{6,7}(?![\d亩元平万吨]|\.\d)|(?<![A-Za-z\d])1[3-9]\d{9}(?!\d)"
        r"|(?<!\d)12345(?!\d)|(?:拨打|致电|热线|电话)[^，。；]{0,14}\d{4,}|[一-龥]{2,12}(?:窗口|服务大厅|营业厅)|地址[:：]"
    ),
    "basis": re.compile(
        r"《[^》]{2,60}》|第[一二三四五六七八九十百\d]+条|(?:根据|依据|依照|按照?)[^，。；]{2,40}(?:规定|办法|条例|文件|政策|标准|规划|细则|通知|合同|精神)|[〔［\[（(]?20\d\d[〕］\])）]?\s*\d+号"
    ),
    "action": re.compile(
        r"(?:已|已经|正在|将|拟|计划|预计|立即|责成|责令|督促|要求|安排|组织|派[出员]|约谈|协调|移交)[^，。；]{0,20}(?:查|处|理|修|改|清|装|建|办|拆|罚|停|核|访|谈|施工|整治|安装|更换|解决|落实|协商|发放|退还|恢复"
        r"|开通|增加|调整|公示|受理|立案|完成|启动|推进|列入|纳入|采购|招标|拨付|赔|补)|现场(?:查看|核实|检查|勘查|勘验|查勘)|经(?:核实|调查|核查|查|了解|现场)"
    ),
}
_VAGUE = re.compile(
    r"尽快|尽早|近期|适时|逐步|择机|待[^，。；]{1,20}(?:后|成熟)|力争|争取[^，。；]{0,10}早日|不久"
)
_PROMISE = re.compile(
    r"(?:将|会|拟|计划|预计|下一步|下步|正在|正积极|争取)[^，。；]{0,24}(?:完成|解决|整改|修|建|改造|拆除|安装|更换|清理|开通|启动|整治|处理|办理|落实)"
)
_REASON = re.compile(r"因[^，。；此]{2,}|由于|鉴于|原因是")
_REFUSED = re.compile(
    r"不(?:属于?|在|是|归)[^，。；]{0,16}(?:职责|职能|管辖|权限|管理范围|受理范围)|(?:无权|无法)(?:处理|管辖|受理)|不(?:予|能)(?:受理|办理|支持)|不符合[^，。；]{0,12}(?:条件|规定)"
    r"|属于?[^，。；]{1,16}(?:辖区|管辖)[^。]{0,6}请"
)
_ELSEWHERE = re.compile(r"职|管辖|辖区|权限|范围|无权")
_SEND_ON = re.compile(
    r"(?:向|到|与|联系|找|由|请|属|归|至|咨询)[^，。；]{0,6}?[一-龥A-Z0-9]{1,16}(?:局|委|办|处|所|街道|社区|公司|中心|法院|仲裁|政府|窗口|协会|大队)"
)
_SOMEBODY = re.compile(r"(?:当地|有关|相关|主管|其他)(?:职能|主管)?(?:部门|单位)")
# no open-ended repetition before a word: a page without a full stop would take minutes
_FORWARDED = re.compile(
    r"(?:转交?|交由|移交|批转)(?:至|给|到|由|请|有关|相关|[一-龥A-Z0-9]{2,20}?(?:调查|核|处|办|研|予|进行|答))"
    r"|(?:已|将|正在)[^，。；！!]{0,16}?(?:转交?|移交|交办)[^，。；！!]{1,20}(?:[，。；！!]|$)"
    r"|(?:待[^，。；]{0,10}后|处理情况|如有情况|我们将)[^，。；！!]{0,8}(?:及时|予以|会)?(?:向您)?(?:回复|反馈|答复)(?!如下)|敬请(?:留意|关注)"
)
_SENTENCE = re.compile(r"[^。！!\n]+[。！!\n]*")
_BLANK = re.compile(r"[{｛][a-z_]{2,20}[}｝]|[＿_]{3,}|[XＸ×]{1,4}(?=[年月日]|工作日)|【\s*】|（\s*）")
_ID = re.compile(r"(?<!\d)[1-8]\d{5}(?:19|20)\d{9}[\dXx](?!\d)")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_MARKS = re.compile(r"[\W_]+")
_SURROGATE = re.compile("[\ud800-\udfff]")  # halves of characters, which the segmenter cannot read
_GREETING = re.compile(r"[^，,。：:！!]{0,24}[：:，,]?\s{0,4}(?:您|你)好\s{0,4}[！!，,：:。]?\s{0,4}")
_SIGNATURE = re.compile(
    r"(?:特此回复[。！]?)?\s*(?:20\d\d|二[○〇零]\S{2})\s*[年.\-/]\s*[\d一二三四五六七八九十]{1,3}\s*[月.\-/]\s*[\d一二三四五六七八九十]{1,3}\s*日?\s*[)）]?\s*(?=$|网友|[“\"]?UU|您|你|尊敬)"
)


@lru_cache(maxsize=1)
def _empty_phrases() -> re.Pattern[str]:
    return re.compile("|".join(reply_words()["empty"]))


def _name() -> str:
    return rf"[{reply_words()['surnames']}](?!某|先生|女士|师傅|老师|主任|书记|[的们和在了])[一-龥]{{1,2}}"


@lru_cache(maxsize=1)
def _described() -> re.Pattern[str]:
    return re.compile(rf"(?<![一-龥])({_name()})[，,（(]\s*[男女][，,)）]")


@lru_cache(maxsize=1)
def _person() -> re.Pattern[str]:
    words = reply_words()
    return re.compile(
        rf"(?:{'|'.join(words['people'].split())})(?:分别)?(?:是|叫|为|系|[:：])?\s*"
        rf"({_name()})"
        r"(?=[，,。；;、（(\s]|[于称因已等]|$)"
    )


def check_reply(
    complaint: str, reply: str, *, templates: Iterable[str] = (), earlier: Sequence[str] = ()
) -> ReplyCheck:
    """Look at a reply beside the complaint it answers.

    Parameters: both texts of any length, also empty (the first 8,000 characters are read); ``templates``: what the
    unit answers everybody; ``earlier``: what this complaint was answered before. The level is ``poor`` where the reply
    says nothing, only passes on, or has two serious findings; ``good`` without serious ones, with all points
    touched, nobody named and no promise without a day; else ``better``. Never raises.
    """
    complaint, reply = (_SURROGATE.sub("\ufffd", text[:_LONGEST]) for text in (complaint, reply))
    passing = list(_passing_on(reply))
    own = reply  # what is left beside the words that pass the matter on
    for start, end in reversed(passing):
        own = own[:start] + own[end:]
    own, unsigned = (_SIGNATURE.sub("", text.strip()) for text in (own, reply))
    bare = _bare(own)
    has = frozenset(
        name for name, pattern in _TRAITS.items() if pattern.search(own if name == "action" else unsigned)
    )
    points = tuple(points_of(complaint, own))
    findings = sorted(
        (
            *(hollow := list(_hollow(reply, bare, has, passing))),
            *_unanswered(bare, points),
            # who must rewrite it all need not be told of each thing that is missing
            *(() if hollow else _named(reply, bare, points, has)),
            *(() if hollow else _phrases(reply)),
            *_copies(reply, bare, complaint, templates, earlier),
            *_private(reply),
        ),
        key=lambda one: not one.serious,
    )
    codes = {finding.code for finding in findings}
    serious = sum(finding.serious for finding in findings)
    if serious >= 2 or codes & {"empty", "forwarded", "passed_on", "blank"}:
        level = "poor"
    elif serious or codes & {"unanswered", "vague_date", "person"} or len(findings) >= 4:
        level = "better"
    else:
        level = "good"
    return ReplyCheck(level, tuple(findings), points, has)


def _passing_on(reply: str) -> Iterator[tuple[int, int]]:
    """Where a reply says that somebody else has the matter now: from that clause to the end of its sentence."""
    for sentence in _SENTENCE.finditer(reply):
        if found := _FORWARDED.search(sentence[0]):
            clause = max(sentence[0].rfind(mark, 0, found.start()) for mark in "，；") + 1
            yield sentence.start() + clause, sentence.end()


def _bare(text: str) -> str:
    """The characters of a text that say something."""
    return _MARKS.sub("", _empty_phrases().sub("", text))


def _at(code: str, serious: bool, message: str, reply: str, found: re.Match[str], group: int = 0) -> Finding:
    start, end = found.span(group)
    return Finding(code, serious, message, start, end, reply[start:end][:60])


def _hollow(reply: str, bare: str, has: frozenset[str], passing: list[tuple[int, int]]) -> Iterator[Finding]:
    """Nothing is said but thanks, or that somebody else has it now."""
    if len(bare) < _NOTHING and passing and "contact" not in has:
        start, end = passing[0]
        whom = "" if _TRAITS["unit"].search(reply, start, end) else "转给哪个单位、"
        message = f"只说转了出去：请写明{whom}何时有结果、找谁问，或等有了结果再答复"
        yield Finding("forwarded", True, message, start, end, reply[start:end][:60])
    elif len(bare) < _NOTHING or len(set(bare)) < _NOTHING // 2:
        yield Finding("empty", True, "除了客套几乎没有内容：请写明查到了什么、做了什么、接下来怎么办")


def _unanswered(bare: str, points: tuple[Point, ...]) -> Iterator[Finding]:
    left = [point for point in points if not point.touched]
    if left:
        named = "；".join(f"“{_short(point.text)}”{point.missing}" for point in left[:3])
        more = f" 等 {len(left)} 点" if len(left) > 3 else ""
        # a reply of some length that speaks of none of the points may still answer in other words
        serious = len(left) == len(points) and len(bare) < 4 * _BRIEF
        yield Finding("unanswered", serious, f"这些好像没有答到：{named}{more}")


def _named(reply: str, bare: str, points: tuple[Point, ...], has: frozenset[str]) -> Iterator[Finding]:
    """Measure, time, unit, contact and basis; and what stands where they should."""
    asked_only = bool(points) and all(is_question(point.text) for point in points)
    works = "action" in has or _PROMISE.search(reply)
    if not has & {"action", "basis"} and len(bare) < _BRIEF and not _REASON.search(reply):
        yield Finding(
            "no_action",
            not asked_only,
            "没有写调查结果、措施或依据：请写明做了什么、将做什么，或按什么规定这样答复",
        )
    promise, vague = _PROMISE.search(reply), _VAGUE.search(reply)
    if "date" not in has and promise and vague:
        yield _at("vague_date", False, f"“{_short(vague[0], 12)}”没有期限：请写明预计哪一天前", reply, vague)
    elif "date" not in has and works and not asked_only:
        yield Finding("no_date", False, "没有时间：请写明何时办的、或何时前办好")
    if not has & {"unit", "contact"}:
        yield Finding("no_unit", not asked_only, "没有写是谁在办：请写明承办单位和联系电话")
    elif "contact" not in has:
        yield Finding("no_contact", False, "没有联系方式：请留一个能打通的电话，方便追问")
    refused = _REFUSED.search(reply)
    if refused and _ELSEWHERE.search(refused[0]) and not _SEND_ON.search(_SOMEBODY.sub("", reply)):
        yield _at("passed_on", True, "说了不归本单位管，却没有说归谁管：请写明该找哪个单位、怎么找", reply, refused)  # fmt: skip
    elif refused and "basis" not in has:
        yield _at("no_basis", True, "拒绝了却没有依据：请写明按哪个文件、哪一条这样答复", reply, refused)
    elif asked_only and "basis" not in has:
        yield Finding("no_basis", False, "没有依据：请写明按哪个文件、哪一条这样答复")


def _phrases(reply: str) -> Iterator[Finding]:
    """The share of empty phrases, the greeting left out."""
    greeting = found.end() if (found := _GREETING.match(reply)) else 0
    phrases = list(_empty_phrases().finditer(reply, greeting))
    share = sum(len(one[0]) for one in phrases) / max(len(reply.strip()) - greeting, 1)
    if share > 0.35 and len(reply) - greeting > 30:
        yield _at("phrases", share > 0.5, f"套话占了 {share:.0%}：请换成具体的结果和措施", reply, phrases[0])


def _copies(
    reply: str, bare: str, complaint: str, templates: Iterable[str], earlier: Sequence[str]
) -> Iterator[Finding]:
    """Words that were somebody else's or somewhen else's."""
    if (copied := _share_in(bare, [complaint])) >= 0.5:
        yield Finding("copied", copied > 0.8, f"有 {copied:.0%} 的话诉求里已经有了：请写新的处理情况")
    if blank := _BLANK.search(reply):
        yield _at("blank", True, f"“{blank[0]}”还没有填：请补上再发", reply, blank)
    said = _MARKS.sub("", reply)
    if earlier and _share_in(said, earlier) >= 0.85:
        yield Finding(
            "same_again", True, "和上一次的答复几乎一样：退回重办是因为没有解决，请写明这次多做了什么"
        )
    elif (same := _share_in(said, list(templates), 6)) >= _ANSWERED:
        yield Finding("template", False, f"有 {same:.0%} 是模板的话：请写这件事自己的情况")


def _private(reply: str) -> Iterator[Finding]:
    for code, pattern, message in (
        ("id_number", _ID, "含身份证号：请删去"),
        ("mobile", _MOBILE, "含手机号：请确认是可以公开的办公电话，否则删去"),
    ):
        if found := pattern.search(reply):
            yield _at(code, code == "id_number", message, reply, found)
    if (found := _person().search(reply)) or (found := _described().search(reply)):
        yield _at(
            "person", False, f"写了“{found[0].strip()}”：答复会被别人看到，请改成“当事人”或只写姓", reply, found, 1
        )  # fmt: skip


def _short(text: str, most: int = 30) -> str:
    text = text.replace("\n", " ").strip()
    return text if len(text) <= most else text[: most - 1] + "…"


def _share_in(text: str, sources: Sequence[str], length: int = 10) -> float:
    """Share of a text (without marks) that stands word for word, in runs of ``length``, in one of the sources."""
    if len(text) < 2 * length:
        return 0.0
    best = 0.0
    for source in sources:
        told = _MARKS.sub("", source[:_LONGEST])
        known = {told[at : at + length] for at in range(len(told) - length + 1)}
        covered = bytearray(len(text))
        for at in range(len(text) - length + 1):
            if text[at : at + length] in known:
                covered[at : at + length] = b"\x01" * length
        best = max(best, sum(covered) / len(text))
    return best
