"""诉求类型: guessed from cue words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.request_type import NAMES, guess_request_type


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("请问公租房申请需要什么条件？谢谢", "inquiry"),
        ("想了解一下老年卡在哪里办理", "inquiry"),
        ("家里水管爆了，请派人来修一下", "help"),
        ("我孩子走丢了，求助", "help"),
        ("投诉物业乱收费，态度恶劣", "complaint"),
        ("楼下烧烤店太吵了，反映好几次没人管", "complaint"),
        ("举报小区里有传销窝点", "report"),
        ("村支书虚报冒领扶贫款", "report"),
        ("建议在学校门口增设红绿灯", "suggestion"),
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


@pytest.mark.parametrize("text", ["", "😀", "12345", "hello"])
def test_nothing_told_is_said_so(text: str) -> None:
    kind, confidence, why = guess_request_type(text)
    assert (kind, why) == ("help", ())
    assert confidence == pytest.approx(1 / 6)


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    kind, confidence, _ = guess_request_type(text)
    assert kind in NAMES
    assert 0 < confidence <= 1
