"""紧急程度: danger told from what is denied, past, feared, repeated or merely asked about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.urgency import NAMES, URGENT_FROM, assess_urgency
from analytics.urgency_cues import clauses, find_cues

LETTER = "尊敬的领导，您好。我们是锦绣花园的住户，想把这几年物业管理上的事情从头到尾说一说。" + "".join(
    f"第{n}件是保洁的事，{n}号楼的楼道常年没有人打扫，垃圾桶边上的地面也黏糊糊的。" for n in range(1, 8)
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("楼道着火了，有人被困", "life"),
        ("三楼冒黑烟，快来人", "life"),
        ("闻到很浓的煤气味", "life"),
        ("燃气管泄漏，整个单元都能闻到", "life"),
        ("电梯困人！快来", "life"),
        ("电梯刚才突然下坠，里面的人吓坏了", "life"),
        ("三岁孩子走失了", "life"),
        ("我妈今早出门到现在失联，人有老年痴呆", "life"),
        ("路边井盖不见了，晚上看不到", "life"),
        ("电线断了拖在地上，正对着菜市场门口", "life"),
        ("隔壁有人要跳楼", "life"),
        ("楼下有人持刀砍人", "life"),
        ("后坡垮塌了，土已经顶到厨房墙上", "life"),
        ("我弟被困在传销窝点，请解救", "life"),
        ("现在停水了，家里有八十多岁的老人", "utility"),
        ("从早上起停电，母亲在家吸氧", "utility"),
        ("主水管爆了，整个院子没水", "utility"),
        ("3栋停水三天了没人管", "utility"),
        ("物业强行断电，逼我们交车位费", "utility"),
        ("我们这儿水停了两天，娃儿都没得水喝", "utility"),
        ("屋头又停电了，到这阵还莫得电", "utility"),
        ("家里没气了，做不了饭，昨晚就断气了", "utility"),
        ("停水停電，冇人理", "utility"),
    ],
)
def test_urgent(text: str, kind: str) -> None:
    found = assess_urgency(text)
    assert found.urgent
    assert found.score >= URGENT_FROM
    assert kind in found.kinds
    assert found.why


@pytest.mark.parametrize(
    "text", ["楼道着火了，有人被困", "现在停水了，家里有八十多岁的老人", "电梯困人！快来"]
)
def test_the_words_that_told_stand_in_the_text(text: str) -> None:
    assert all(word in text for word in assess_urgency(text).why)


NOT_URGENT = {
    "nothing": "",
    "denied": "我家没有停水，只是水费贵",
    "denied at a distance": "我们小区从来没有发生过火灾",
    "forbidden": "飞线充电要管，避免发生火灾",
    "last year": "去年停水的时候你们来修过，想问水费",
    "a past accident": "前年我在路口被撞，当时昏迷，现在想问残疾证怎么办",
    "an earlier year of a story": "2016年8月家里着火了，2018年才拿到赔偿，对数额不服",
    "mended": "小区昨天停水现在已经恢复",
    "put out": "昨晚楼下起火，好在及时扑灭，请查查消防通道",
    "asked": "请问停电怎么收费",
    "asked for the notice": "停水通知在哪里看",
    "feared": "担心电动车在楼道起火",
    "if": "一旦发生火灾，消防车根本进不来，后果不堪设想",
    "if, further on": "要是哪天着火了，楼道里堆的东西，会把人都困住",
    "a rhetorical question": "难道非要等出了人命你们才管吗",
    "prevented": "防止火灾发生，建议装烟感",
    "threatened": "物业扬言不交钱就停水",
    "planned": "自来水公司通知下周三停水检修",
    "always": "小区经常停水，希望改造管网",
    "for years": "低楼层水压小，长期用水困难，已经三年了",
    "a thing's figure of speech": "被困扰多年的噪音问题",
    "debts": "被房贷困住的年轻人很多，希望公积金放宽",
    "an empty battery": "手机没电了所以没有接到你们的回访",
    "a switch": "新房交付，客厅有两个插座没电，请开发商整改",
    "no lift": "我们楼没电梯，老人上下楼不方便",
    "parking": "小区不让停电动车，停水泥车倒可以",
    "no tap water laid on": "村里没有自来水，希望早点装",
    "a sale": "超市门口喇叭整天喊跳楼价清仓，太吵",
    "a hurt soul": "胡同里油烟味令人窒息，窗户都不敢开",
    "elsewhere": "看到新闻里天津的爆炸，建议检查我市危化品仓库",
    "building works": "雨水管和落水管颜色不一样，物业不管",
    "land": "修路修到一半，路面塌陷已经半年，长期没人修，出行不方便",
    "an old card": "老人想办老年卡",
    "a crowd alone": "几百名业主准备拉横幅，发到抖音",
    "pupils": "学生放学没有公交车",
    "proposed": "建议加装电动车充电桩，减少起火隐患",
}


@pytest.mark.parametrize("text", NOT_URGENT.values(), ids=NOT_URGENT.keys())
def test_not_urgent(text: str) -> None:
    assert not assess_urgency(text).urgent


def test_people_at_risk_make_the_same_cut_heavier() -> None:
    alone = assess_urgency("今天停水了")
    with_baby = assess_urgency("今天停水了，家里有刚满月的婴儿")
    assert with_baby.score > alone.score
    assert with_baby.kinds == ("utility", "vulnerable")
    assert with_baby.named == ("停水停电停气", "老幼病残孕")


def test_people_merely_spoken_of_are_not_at_risk() -> None:
    assert "vulnerable" not in assess_urgency("小孩明年上学，请问学区怎么划").kinds
    assert "vulnerable" in assess_urgency("独居老人摔倒在家里起不来").kinds
    assert "vulnerable" not in assess_urgency("小区排水系统瘫痪，污水倒灌").kinds


def test_crowds_and_media_are_told_from_weak_groups_and_travel() -> None:
    assert "crowd" in assess_urgency("业主们商量好了周末去售楼部拉横幅").kinds
    assert "crowd" in assess_urgency("再不解决我们就集体上访，并向电视台曝光").kinds
    assert "crowd" not in assess_urgency("农民工是弱势群体，请帮忙讨薪").kinds
    assert "crowd" not in assess_urgency("旅游行业应该规范").kinds


def test_what_is_said_first_counts_more_than_what_is_said_in_passing() -> None:
    first = assess_urgency("小区停水\n" + LETTER)
    last = assess_urgency(LETTER + "上上次停水也没有公告。")
    assert first.urgent
    assert not last.urgent
    assert first.score > last.score


def test_what_goes_on_now_counts_even_late_in_a_letter() -> None:
    assert assess_urgency(LETTER + "另外今天我们楼停水了，到现在还没来水。").urgent


def test_saying_an_old_fear_often_does_not_make_it_urgent() -> None:
    assert not assess_urgency("一旦起火后果不堪设想。如果爆炸谁负责？万一着火了怎么办？" * 20).urgent


def test_dots_of_a_date_are_years_too() -> None:
    assert not assess_urgency("2015.6.3后坡垮塌，2019.4.1才来看，现在请求赔偿").urgent


@pytest.mark.parametrize(
    "text",
    [
        "停水" * 50_000,
        "如果担心着火小区停水老人投诉" * 7_000,
        "，" * 100_000,
        "电" * 100_000,
        "业主被困" * 25_000,
        "2019年" * 20_000,
        "😱" * 50_000,
        "(" * 100_000,
        "".join(f"第{n}天停水了，家里老人没水喝！" for n in range(6_000)),
    ],
    ids=["cut", "ifs", "commas", "one character", "trapped", "years", "emoji", "brackets", "sentences"],
)
def test_a_hundred_kilobytes_are_read_in_reasonable_pieces(text: str) -> None:
    """No pattern may take more than linear time: any that does keeps this test from ending."""
    assert assess_urgency(text).score >= 0
    assert all(len(clause) <= 81 for _, clause in clauses(text))


def test_the_end_of_a_very_long_text_is_read() -> None:
    filler = "".join(f"第{n}户的装修垃圾放在楼道。" for n in range(4_000))
    assert "utility" in assess_urgency(filler + "现在整栋楼停电了。").kinds


def test_emoji_and_marks_do_not_hide_the_words() -> None:
    assert assess_urgency("😱😱停水三天了‼️💧💧").urgent


def test_cues_come_in_order_of_place() -> None:
    text = "停水了，又停电了"
    words = [cue.word for cue in find_cues(text)]
    assert words == sorted(words, key=text.index)


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    found = assess_urgency(text)
    assert found.score >= 0
    assert set(found.kinds) <= set(NAMES)
    assert found.urgent == (found.score >= URGENT_FROM)
