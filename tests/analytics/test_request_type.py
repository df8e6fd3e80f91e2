"""诉求类型: guessed from cue words, the title's opening first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.request_type import NAMES, guess_request_type

BODY = "我们小区门口的路面长期被占用，多次反映没有人管，请问什么时候能解决？建议你们举报电话公开，谢谢。"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("请问公租房申请需要什么条件？谢谢", "inquiry"),
        ("想了解一下老年卡在哪里办理", "inquiry"),
        ("想问哈医保咋个办理", "inquiry"),
        ("咨询生育津贴的领取流程", "inquiry"),
        ("家里水管爆了，请派人来修一下", "help"),
        ("我孩子走丢了，求助", "help"),
        ("请求帮助尿毒症家庭", "help"),
        ("盼望修通到我们组的水泥路，下雨天娃儿出行困难", "help"),
        ("投诉物业乱收费，态度恶劣", "complaint"),
        ("楼下烧烤店太吵了，反映好几次没人管", "complaint"),
        ("开发商擅自改规划，凭什么", "complaint"),
        ("坚决反对在小区门口建垃圾站", "complaint"),
        ("举报小区里有传销窝点", "report"),
        ("村支书虚报冒领扶贫款", "report"),
        ("请查处无证经营的黑诊所", "report"),
        ("建议在学校门口增设红绿灯", "suggestion"),
        ("关于夜间公交线路的几点建议", "suggestion"),
        ("表扬同德社区的网格员，热心帮我找回钱包，十分感谢她", "praise"),
        ("我不是要投诉，只是想问一下退休年龄", "inquiry"),
        ("小区停电了请尽快恢复，非常感谢！", "help"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    guess, confidence, why = guess_request_type(text)
    assert guess == kind
    assert 1 / len(NAMES) < confidence <= 1
    assert why
    assert all(word in text.replace("？", "?") for word in why)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("投诉锦绣花园物业", "complaint"),
        ("青羊区府南街道锦绣花园业主投诉停车收费", "complaint"),
        ("咨询锦绣花园停车收费标准", "inquiry"),
        ("关于锦绣花园门口停车的建议", "suggestion"),
        ("实名举报锦绣花园门口的赌博窝点", "report"),
        ("恳请解决锦绣花园出行难", "help"),
    ],
)
def test_the_title_says_more_than_the_letter_below_it(title: str, kind: str) -> None:
    assert guess_request_type(f"{title}\n{BODY}")[0] == kind


def test_a_rhetorical_question_in_a_complaint_asks_nothing() -> None:
    text = "某某楼盘精装房到处开裂渗水\n开发商互相推诿，业主多次找物业没人管，这样的房子能住人吗？良心何在？难道没人管吗？"
    assert guess_request_type(text)[0] == "complaint"


def test_an_earlier_report_told_of_is_not_the_purpose() -> None:
    assert (
        guess_request_type("油烟扰民\n多次举报无果，物业踢皮球，油烟直排进卧室，苦不堪言")[0] == "complaint"
    )


def test_more_words_of_one_kind_make_surer() -> None:
    one = guess_request_type("投诉物业")[1]
    more = guess_request_type("投诉物业乱收费，态度恶劣，苦不堪言")[1]
    assert more > one


@pytest.mark.parametrize("text", ["", "😀", "12345", "hello"])
def test_nothing_told_is_said_so(text: str) -> None:
    kind, confidence, why = guess_request_type(text)
    assert (kind, why) == ("complaint", ())
    assert confidence == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    "text", ["请" * 100_000, "区" * 100_000, "关于" * 50_000, "业主投诉" * 25_000, "(" * 100_000]
)
def test_a_hundred_kilobytes_are_answered(text: str) -> None:
    """No pattern may take more than linear time: any that does keeps this test from ending."""
    assert guess_request_type(text)[0] in NAMES


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    kind, confidence, _ = guess_request_type(text)
    assert kind in NAMES
    assert 0 < confidence <= 1
