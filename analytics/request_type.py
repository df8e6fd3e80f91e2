"""诉求类型 Request type: whether one asks, needs help, complains, informs, proposes or praises.

A guess from cue words, each with its weight, to preselect the field for the operator who decides. Words are those of
the hotline's own practice [derived]; the identifiers are those of the order's ``request_type``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from analytics.text import normalise

NAMES = {
    "inquiry": "咨询",
    "help": "求助",
    "complaint": "投诉",
    "report": "举报",
    "suggestion": "建议",
    "praise": "表扬",
}
_FALLBACK = "help"  # most calls that give no cue want something done
_TITLE = 30  # characters: what is said first says what kind of letter it is
_TITLE_FACTOR = 1.6
_SHARPNESS = 0.5  # a lone strong cue is sure to about four in five [derived]


@dataclass(frozen=True, slots=True)
class _Cue:
    kind: str
    weight: float
    pattern: re.Pattern[str]


def _cues(kind: str, weight: float, *patterns: str) -> list[_Cue]:
    return [_Cue(kind, weight, re.compile(pattern)) for pattern in patterns]


_CUES = [
    *_cues("inquiry", 2.5, r"咨询", r"想(问|了解|请教|知道)", r"问一[下哈]", r"打听"),
    *_cues("inquiry", 2.0, r"请问", r"(需要|要)(什么|哪些|啥子?)(条件|材料|手续|证件|资料)", r"(如何|怎么|咋个?|怎样)(办理|申请|申领|领取|报名|缴纳|查询|办)"),
    *_cues("inquiry", 1.5, r"(几点|哪天|几号|多少钱|多久|几岁|在哪里?|哪里可以|是否可以|能不能|可不可以|有没有)[^。，,]{0,15}[?？吗呢]", r"(政策|标准|流程|条件)是(什么|啥|多少|怎样)", r"什么时候(能|可以|开始|发放|开通|办)", r"吗[?？]", r"(何时|什么时候|啥子?时候|几时)[^。，,]{0,20}[?？]"),
    *_cues("help", 2.5, r"求助", r"救救", r"帮帮(我|忙)", r"走投无路", r"跪求"),
    *_cues("help", 1.5, r"(请|恳请|请求|希望|盼)[^。，,]{0,12}(解决|帮助|协调|处理|维修|修复|恢复|落实)", r"帮忙", r"困难", r"(停水|停电|停气|漏水|漏电|坏了|堵了|爆管|走失|被困)", r"急[盼需]", r"派人来?(看|修|处理|清理)"),
    *_cues("complaint", 3.0, r"投诉"),
    *_cues("complaint", 1.5, r"不满", r"态度(恶劣|差|不好|冷漠|嚣张|傲慢)", r"(推诿|扯皮|踢皮球)", r"(乱收费|拖欠|欠薪|克扣|扰民|霸王条款|欺骗|忽悠|欺诈|虚假宣传|拒不|拒绝退|不退|不给退)", r"(没有?人管|无人管|不作为|不处理|不解决|不负责任)", r"(太差|太吵|臭气|恶臭|脏乱差|苦不堪言|忍无可忍|黑心|坑人)"),
    *_cues("complaint", 0.8, r"(严重影响|多次反映|反映(了)?(多次|很多次)|反映)", r"(何时休|谁来管|凭什么|为什么|为何)"),
    *_cues("report", 3.0, r"举报", r"检举", r"揭发", r"线索"),
    *_cues("report", 2.0, r"传销", r"(无证|无照)(经营|行医|办学|生产|驾驶)", r"(黑诊所|黑作坊|黑网吧|地下赌场|赌博|涉黑|恶势力|卖淫|吸毒)", r"(贪污|受贿|行贿|挪用|侵吞|虚报冒领|套取|买官卖官|以权谋私)", r"(偷排|偷税|非法(采|占|集资|倾倒|生产|经营|行医)|假冒伪劣|制假售假|违法(占|用|建))"),
    *_cues("suggestion", 3.0, r"建议", r"建言", r"提(个|点|几点|一点)?(意见|想法|议)", r"献[计策]"),
    *_cues("suggestion", 1.3, r"(希望|盼|呼吁|能否|可否|能不能)[^。，,]{0,10}(增设|增加|开通|新建|建设|修建|加装|设立|推广|优化|完善|改进|取消|延长|规划)", r"(应该|应当|最好)[^。，,]{0,8}(增设|增加|完善|加强|改)"),
    *_cues("praise", 3.0, r"表扬", r"点赞", r"(送|赠)[^。，,]{0,6}锦旗", r"好人好事", r"拾金不昧"),
    *_cues("praise", 1.8, r"(特别|非常|十分|很|由衷|衷心|万分)(感谢|满意)[^。，,！!]{2,}", r"(服务|态度)(热情|周到|很好|非常好|耐心|细致)", r"(工作人员|师傅|民警|医生|护士|老师|网格员|社区)[^。，,]{0,10}(热心|耐心|负责|认真|帮我|辛苦)"),
]  # fmt: skip
# A thing proposed, complained or asked about in these words is not praised, reported … after all.
_UNSAID = re.compile(r"(不是|并非|没有|不想|不敢|不再|无意)(要|来|想)?$")
_CLOSING = re.compile(r"(谢谢|感谢|万分感谢|非常感谢)[!！。,，\s]*$")


def guess_request_type(text: str) -> tuple[str, float, tuple[str, ...]]:
    """The likeliest request type, how sure (0 … 1), and the words that told.

    Parameters: text of any length, also empty. Returns (identifier of `NAMES`, confidence, cues found in the text,
    heaviest first). Confidence is the softmax of half the summed cue weights: 1/6 when nothing told. A cue found again
    counts once more at half its weight, and one among the first words 1.6-fold. "谢谢" at the end is manners, not
    praise.
    """
    said = _CLOSING.sub("", normalise(text))
    scores = dict.fromkeys(NAMES, 0.0)
    told: list[tuple[float, str, str]] = []
    for cue in _CUES:
        weight = cue.weight
        for found in list(cue.pattern.finditer(said))[:3]:
            if _UNSAID.search(said[max(0, found.start() - 6) : found.start()]):
                continue
            gained = weight * (_TITLE_FACTOR if found.start() < _TITLE else 1.0)
            scores[cue.kind] += gained
            told.append((gained, cue.kind, found.group()))
            weight /= 2
    if not told:
        return _FALLBACK, 1 / len(NAMES), ()
    kind = max(scores, key=scores.__getitem__)
    powers = {name: math.exp(_SHARPNESS * score) for name, score in scores.items()}
    words = dict.fromkeys(word for _, of, word in sorted(told, key=lambda t: -t[0]) if of == kind)
    return kind, powers[kind] / sum(powers.values()), tuple(words)
