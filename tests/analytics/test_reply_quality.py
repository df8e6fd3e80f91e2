"""答复质量: what a good answer has is seen, what is missing is named, and nothing typed is too odd to look at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.reply_quality import LEVELS, ReplyCheck, check_reply

COMPLAINT = "锦绣家园电梯三天两头停运。我住锦绣家园3栋，电梯一周困人两次。请物业尽快更换电梯主板。维修资金什么时候能到位？"
GOOD = (
    "您好。经现场核实，锦绣家园3栋电梯主板老化。我局已于11月20日责成物业委托维保单位更换电梯主板，预计11月30日前完成。"
    "维修资金按照《住宅专项维修资金管理办法》第二十四条走应急使用程序，11月28日到位。如有疑问请联系区住建局物业科 028-81234567。"
)


def codes(check: ReplyCheck) -> set[str]:
    return {finding.code for finding in check.findings}


def test_a_full_answer_may_go() -> None:
    check = check_reply(COMPLAINT, GOOD)
    assert (check.level, check.findings) == ("good", ())
    assert [point.touched for point in check.points] == [True, True]
    assert check.name == "可以发出"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("您好！您的留言已收悉，我们高度重视。感谢您对我们工作的关心与支持！", "empty"),
        ("您好，您反映的问题已转有关部门处理。", "forwarded"),
        ("锦绣家园电梯停运一事，不属于我单位职责范围，无法处理，特此说明，望周知。", "passed_on"),
        ("锦绣家园的电梯主板将更换，维修资金将拨付到位，请您放心等待，不会再次困人。", "no_unit"),
        ("经查，锦绣家园3栋电梯主板已损坏，我局已责成物业更换主板，维修资金将使用应急程序。", "no_contact"),
        (GOOD + "投诉人身份证号510105198001011234。", "id_number"),
        (GOOD + "投诉人电话13800001111。", "mobile"),
        ("本镇小学今年秋季招生工作已于8月20日结束，校车线路由我镇教办安排，电话028-81234567。", "unanswered"),
    ],
)
def test_what_is_wrong_is_named(reply: str, code: str) -> None:
    check = check_reply(COMPLAINT, reply)
    assert code in codes(check)
    assert check.level != "good" or code in {"no_contact", "mobile"}
    for finding in check.findings:
        assert "：" in finding.message


def test_a_question_for_a_time_wants_a_time() -> None:
    check = check_reply(
        "请问锦绣路什么时候通车？", "锦绣路由区住建局组织建设，工程质量符合要求，电话028-81234567。"
    )
    assert not check.points[0].touched
    assert "没有时间" in next(f.message for f in check.findings if f.code == "unanswered")
    assert (
        check_reply("请问锦绣路什么时候通车？", "锦绣路预计明年6月通车，区住建局028-81234567。")
        .points[0]
        .touched
    )


def test_the_complaint_copied_back_is_no_answer() -> None:
    check = check_reply(COMPLAINT, COMPLAINT.replace("我住", "您住") + "已责成处理。")
    assert "copied" in codes(check)


def test_places_of_findings_and_points_are_in_the_texts() -> None:
    reply = "您好！不属于我单位职责，我们高度重视，感谢您的关心与支持，13800001111"
    check = check_reply(COMPLAINT, reply)
    assert [COMPLAINT[point.start : point.end] for point in check.points] == [
        point.text for point in check.points
    ]
    spots = {finding.code: reply[finding.start : finding.end] for finding in check.findings}
    assert spots["mobile"] == "13800001111"
    assert spots["passed_on"].startswith("不属于我单位职责")


@given(
    st.text(alphabet="请问何时解决？电梯停运，。\n已于11月责成物业138《》感谢😀a", max_size=120),
    st.text(max_size=200),
)
def test_nothing_is_too_odd_to_look_at(complaint: str, reply: str) -> None:
    for one, other in ((complaint, reply), (reply, complaint)):
        check = check_reply(one, other)
        assert check.level in LEVELS
        assert all(0 <= f.start <= f.end <= len(other) for f in check.findings)


def test_a_hundred_thousand_characters_are_looked_at() -> None:
    assert check_reply("请问何时解决？" * 15_000, "高度重视" * 25_000).level == "poor"
