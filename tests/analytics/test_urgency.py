"""紧急程度: danger told from what is denied, past or merely feared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.urgency import NAMES, URGENT_FROM, assess_urgency


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("楼道着火了，有人被困", "life"),
        ("闻到很浓的煤气味", "life"),
        ("电梯困人！快来", "life"),
        ("三岁孩子走失了", "life"),
        ("路边井盖不见了，晚上看不到", "life"),
        ("隔壁有人要跳楼", "life"),
        ("现在停水了，家里有八十多岁的老人", "utility"),
        ("从早上起停电，母亲在家吸氧", "utility"),
        ("主水管爆了，整个院子没水", "utility"),
    ],
)
def test_urgent(text: str, kind: str) -> None:
    found = assess_urgency(text)
    assert found.urgent
    assert found.score >= URGENT_FROM
    assert kind in found.kinds
    assert found.why
    assert all(word in text for word in found.why)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "我家没有停水，只是水费贵",
        "去年停水的时候你们来修过，想问水费",
        "请问停电怎么收费",
        "担心电动车在楼道起火",
        "防止火灾发生，建议装烟感",
        "小区昨天停水现在已经恢复",
        "老人想办老年卡",
        "被困扰多年的噪音问题",
        "几百名业主准备拉横幅，发到抖音",
    ],
)
def test_not_urgent(text: str) -> None:
    assert not assess_urgency(text).urgent


def test_people_at_risk_make_the_same_cut_heavier() -> None:
    alone = assess_urgency("今天停水了")
    with_baby = assess_urgency("今天停水了，家里有刚满月的婴儿")
    assert with_baby.score > alone.score
    assert with_baby.kinds == ("utility", "vulnerable")
    assert with_baby.named == ("停水停电停气", "老幼病残孕")


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    found = assess_urgency(text)
    assert found.score >= 0
    assert set(found.kinds) <= set(NAMES)
    assert found.urgent == (found.score >= URGENT_FROM)
