"""The hotspot's pages: what is shown to whom, decisions by role, nobody's decision overwritten."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock
from core.audit import Actor, AuditEntry
from core.database import db
from core.errors import Conflict, NotAllowed
from core.staff import ROLES
from hotline import hotspot_verdicts
from hotline.hotspot_records import HotspotEvent, HotspotLink, HotspotRecord, happened
from hotline.hotspot_verdicts import MAY
from hotline.insights import keep_hotspots
from tests.console_forms import post
from tests.factories import Factory, sign_in
from tests.hotline.test_hotspot_keeping import seen

FORMS = {
    "verdict": {"verdict": "real", "note": "现场核实"},
    "acknowledge": {},
    "suppress": {"note": "已公告的检修"},
    "lift": {},
    "assign": {"unit": "QY-ZF", "note": "今晚到场"},
}


@pytest.fixture
def hotspot(app: Flask) -> int:
    """A hotspot of four orders in 同德社区."""
    with app.app_context():
        make, now = Factory(app), clock.now()
        ids = [
            make.order(
                text=f"工地夜间打桩 {n}", area=make.area(), category_code="0501", phone=f"1380000000{n}",
                reported_at=now - timedelta(hours=n + 1),
            ).id
            for n in range(4)
        ]  # fmt: skip
        (record,) = keep_hotspots(db.session, [seen(ids, at=now)], now)
        db.session.commit()
        return record.id


def as_role(app: Flask, role: str) -> FlaskClient:
    with app.app_context():
        return sign_in(app.test_client(), Factory(app).staff(role))


def page_of(client: FlaskClient, hotspot: int) -> str:
    return client.get(f"/hotspots/{hotspot}").get_data(as_text=True)


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found.group(1)


def do(client: FlaskClient, hotspot: int, action: str, **typed: str) -> tuple[int, str]:
    address = f"/hotspots/{hotspot}"
    data = {"version": typed.pop("version", "") or version(page_of(client, hotspot)), **typed}
    answer = post(client, f"{address}/{action}", data, page=address)
    return answer.status_code, answer.get_data(as_text=True)


def row(hotspot: int) -> HotspotRecord:
    db.session.expire_all()
    return db.session.get_one(HotspotRecord, hotspot)


def test_the_page_says_why(app: Flask, hotspot: int) -> None:
    page = page_of(as_role(app, "supervisor"), hotspot)
    for words in (
        "与自身比", "95% 在 0–2", "每日件数", "通常范围", "新诉求人", "4 / 4 人", "打得最多的一位", "1 / 4 件",
        "平时每千件", "在哪里", "同德社区</dt>", "典型诉求（已遮盖）", "138****0000", "为什么用这个门槛", "首次发现",
        "青羊区综合行政执法局", "4 件还没派单", f"/orders?hotspot={hotspot}",
    ):  # fmt: skip
        assert words in page, words
    assert "13800000000" not in page
    assert '<svg class="hot-map"' in page
    assert 'aria-current="page">热点' in page, "the navigation stands on this page too"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_is_offered_what_is_who_may(app: Flask, hotspot: int, role: str) -> None:
    client = as_role(app, role)
    answer = client.get(f"/hotspots/{hotspot}")
    offered = set(re.findall(rf'action="/hotspots/{hotspot}/(\w+)"', answer.get_data(as_text=True)))
    expected = {action for action, roles in MAY.items() if role in roles} - {"lift"}
    assert offered == expected
    with app.app_context():
        actor = Factory(app).actor(role)
        until = (clock.today() + timedelta(days=3)).isoformat()
        for action, data in FORMS.items():
            if role in MAY[action]:
                continue
            with pytest.raises(NotAllowed):
                hotspot_verdicts.decide(
                    db.session, hotspot, action, actor, data | {"until": until}, expected_version=1
                )


def test_a_verdict_is_kept_told_and_audited(app: Flask, hotspot: int) -> None:
    client = as_role(app, "dispatcher")
    assert do(client, hotspot, "verdict", verdict="false", note="集中回访造成")[0] == 302
    page = page_of(client, hotspot)
    assert "已判：误报" in page and "集中回访造成" in page and "只观察" in page
    assert "诉求人达到判定时的 2 倍（8 位）才再次提醒" in page
    with app.app_context():
        kept = row(hotspot)
        assert (kept.verdict, kept.version, kept.announced) == ("false", 2, False)
        assert kept.verdict_by == "测试派单员" and kept.acknowledged_by == "测试派单员"
        event = db.session.scalars(select(HotspotEvent).order_by(HotspotEvent.id.desc())).first()
        assert event is not None and event.action == "verdict" and event.data == {"verdict": "false"}
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "hotspot.verdict")).one()
        assert entry.subject == f"hotspot:{hotspot}" and entry.reason == "集中回访造成"
    assert "没有需要提醒的热点" in client.get("/hotspots").get_data(as_text=True)
    listing = client.get("/hotspots?tab=watched").get_data(as_text=True)
    assert f"/hotspots/{hotspot}" in listing and "误报" in listing and "判定教会了什么" in listing


@pytest.mark.parametrize("verdict", ["false", "known"])
def test_a_verdict_that_teaches_needs_its_reason(app: Flask, hotspot: int, verdict: str) -> None:
    status, page = do(as_role(app, "supervisor"), hotspot, "verdict", verdict=verdict, note=" ")
    assert status == 422 and "请写明依据" in page and f'value="{verdict}" required checked' in page
    with app.app_context():
        assert row(hotspot).verdict is None


def test_of_two_people_at_once_the_second_is_told_and_loses_nothing(app: Flask, hotspot: int) -> None:
    first, second = as_role(app, "dispatcher"), as_role(app, "supervisor")
    stale = version(page_of(second, hotspot))
    assert do(first, hotspot, "verdict", verdict="real", note="核实")[0] == 302
    status, page = do(second, hotspot, "verdict", version=stale, verdict="known", note="我以为已有安排")
    assert status == 409 and "测试派单员刚刚做了“判定”" in page and "我以为已有安排" in page
    with app.app_context():
        assert row(hotspot).verdict == "real"
        # a scan in between is nobody's decision: it does not make a page stale
        keep_hotspots(db.session, [], clock.now())
        db.session.commit()
    assert do(second, hotspot, "verdict", version=version(page), verdict="known", note="有安排")[0] == 302


def test_two_decisions_in_the_same_moment_are_one_decision(app: Flask, hotspot: int) -> None:
    """With real transactions side by side: the second waits for the first and then finds it has changed."""
    with app.app_context():
        actors = [Factory(app).actor("supervisor"), Factory(app).actor("dispatcher")]
    together = threading.Barrier(2)

    def decide(actor: Actor) -> str:
        with app.app_context():
            together.wait()
            try:
                hotspot_verdicts.decide(
                    db.session, hotspot, "verdict", actor, FORMS["verdict"], expected_version=1
                )
                db.session.commit()
            except Conflict as error:
                return error.code
            finally:
                db.session.remove()
            return "kept"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, actors)) == ["kept", "stale"]
    with app.app_context():
        assert row(hotspot).version == 2


@pytest.mark.parametrize("bad", ["", "x", "-1"])
def test_a_page_without_its_version_is_refused(app: Flask, hotspot: int, bad: str) -> None:
    client = as_role(app, "supervisor")
    data = {"version": bad, **FORMS["verdict"]}
    answer = post(client, f"/hotspots/{hotspot}/verdict", data, page=f"/hotspots/{hotspot}")
    assert answer.status_code == 422
    assert post(client, "/hotspots/999/verdict", data, page="/hotspots").status_code == 404


def test_suppressed_until_a_day_hidden_and_back_by_itself_or_by_hand(app: Flask, hotspot: int) -> None:
    client = as_role(app, "supervisor")
    until = clock.today() + timedelta(days=3)
    assert do(client, hotspot, "suppress", until=until.isoformat(), note="已公告的检修")[0] == 302
    assert f"/hotspots/{hotspot}" not in client.get("/hotspots").get_data(as_text=True)
    listing = client.get("/hotspots?tab=suppressed").get_data(as_text=True)
    assert f"/hotspots/{hotspot}" in listing and "已公告的检修" in listing
    with app.app_context():
        kept = row(hotspot)
        assert kept.suppressed_until is not None
        assert clock.local(kept.suppressed_until).date() == until + timedelta(days=1)
        assert hotspot_verdicts.is_suppressed(kept)
        assert not hotspot_verdicts.is_suppressed(kept, kept.suppressed_until)
    with clock.advanced(timedelta(days=5)):
        back = as_role(app, "supervisor").get("/hotspots").get_data(as_text=True)
    assert f"/hotspots/{hotspot}" in back
    assert do(client, hotspot, "lift")[0] == 302
    assert f"/hotspots/{hotspot}" in client.get("/hotspots").get_data(as_text=True)
    assert do(client, hotspot, "lift")[0] == 409


@pytest.mark.parametrize(
    "typed",
    [
        {"until": "", "note": "x"},
        {"until": "明天", "note": "x"},
        {"until": "2020-01-01", "note": "x"},
        {"until": "2999-01-01", "note": "x"},
        {"note": " "},
    ],
)
def test_a_suppression_has_a_near_end_and_a_reason(app: Flask, hotspot: int, typed: dict[str, str]) -> None:
    typed = {"until": clock.today().isoformat()} | typed
    status, page = do(as_role(app, "administrator"), hotspot, "suppress", **typed)
    assert status == 422 and 'role="alert"' in page
    with app.app_context():
        assert row(hotspot).suppressed_until is None


def test_it_is_read_once_and_handed_to_a_unit(app: Flask, hotspot: int) -> None:
    client = as_role(app, "supervisor")
    assert "未阅" in client.get("/hotspots").get_data(as_text=True)
    before = version(page_of(client, hotspot))
    assert do(client, hotspot, "acknowledge")[0] == 302
    assert "未阅" not in client.get("/hotspots").get_data(as_text=True)
    assert do(client, hotspot, "acknowledge", version=before)[0] == 409
    assert do(client, hotspot, "acknowledge")[0] == 409
    assert do(client, hotspot, "assign", unit="nowhere")[0] == 422
    assert do(client, hotspot, "assign", unit="QY-ZF", note="今晚到场")[0] == 302
    page = page_of(client, hotspot)
    assert "已交办" in page and "今晚到场" in page
    assert do(client, hotspot, "assign", unit="QY-ZF", note="字" * 501)[0] == 422


def test_every_tab_opens_and_says_what_to_do_when_empty(app: Flask, hotspot: int) -> None:
    client = as_role(app, "supervisor")
    for tab in ("now", "emerging", "growing", "persisting", "fading", "watched", "suppressed", "resolved"):
        page = client.get(f"/hotspots?tab={tab}").get_data(as_text=True)
        assert (f"/hotspots/{hotspot}" in page) == (tab in ("now", "emerging")), tab
        assert ('class="empty"' in page) != (tab in ("now", "emerging"))
    assert client.get("/hotspots?tab=elsewhere").status_code == 422
    assert client.get("/hotspots/999").status_code == 404


def test_what_is_over_is_listed_apart_and_names_its_kin(app: Flask, hotspot: int) -> None:
    with app.app_context():
        with clock.advanced(timedelta(days=3)):
            keep_hotspots(db.session, [], clock.now())
        old = row(hotspot)
        assert old.status == "resolved"
        make = Factory(app)
        (new,) = keep_hotspots(db.session, [seen([make.order().id], place="青羊区/金沙街道")], clock.now())
        db.session.add(HotspotLink(from_id=old.id, to_id=new.id, kind="split", at=clock.now()))
        happened(db.session, new, "announce", make.actor("supervisor"), at=clock.now(), was=None)
        db.session.commit()
        new_id = new.id
    client = as_role(app, "decision_maker")
    listing = client.get("/hotspots?tab=resolved").get_data(as_text=True)
    assert f"/hotspots/{hotspot}" in listing and "平息于" in listing
    page = page_of(client, hotspot)
    assert "分出了" in page and f"/hotspots/{new_id}" in page and "最后一次看到突增" in page
    assert "从这个热点分出" in page_of(client, new_id)
