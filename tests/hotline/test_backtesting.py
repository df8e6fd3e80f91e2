"""回放: the page says what was replayed and how far to trust it; refuses short histories; one run at a time; the job."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core import clock
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, InvalidInput, NotFound
from core.jobs import run_once
from hotline import backtest_runs, hotspot_verdicts
from hotline.backtest_runs import BacktestRun
from hotline.hotspot_records import HotspotRecord
from hotline.insights import backtesting, scan_hotspots
from hotline.jobs import JOBS
from hotline.models import WorkOrder
from tests.console_forms import post
from tests.factories import Factory, sign_in

NOW = datetime(2026, 11, 22, 20, 10, tzinfo=UTC)  # 4:10 on a Monday in Shanghai
MATTERS = (
    ("0113", "路灯不亮，晚上很黑"), ("0110", "家里停水，水压太低"), ("0103", "电梯坏了，老人下不了楼"), ("0114", "垃圾没人清运"),
    ("0115", "绿化带杂草没人修剪"), ("0101", "物业费涨价没有公示"), ("0105", "房产证办不下来"),
)  # fmt: skip
BURST = (
    "健身房突然关门卡里的钱不退",
    "健身房跑路，年卡退不了钱",
    "办了健身房的卡，老板联系不上",
    "健身房倒闭，要求退费",
)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.set_to(NOW):
        yield


def history(make: Factory, days: int = 50, per_day: int = 5, burst: int = 8) -> None:
    """Everyday complaints over six communities, and a gym that closed three days ago; committed."""
    places = [
        make.area(name) for name in ("同德社区", "清波社区", "金凤社区", "草市街街道", "府南街道", "苏坡街道")
    ]
    rows: list[dict[str, Any]] = [
        {
            "at": NOW - timedelta(days=days - day, minutes=-97 * n - 13 * day),
            "text": f"{MATTERS[(3 * day + n) % 7][1]}，第{day}天第{n}件，希望处理",
            "category_code": MATTERS[(3 * day + n) % 7][0],
            "area": places[(day * day + 5 * n) % len(places)],
        }
        for day in range(days)
        for n in range(per_day)
    ]
    rows += [
        {
            "at": NOW - timedelta(days=3.5) + n * timedelta(hours=7),
            "text": f"{BURST[n % 4]}，我是第{n}位会员",
            "category_code": "0501",
            "area": places[0],
        }
        for n in range(burst)
    ]
    for number, row in enumerate(rows):
        db.session.add(
            WorkOrder(
                number=f"20260101-{number:07d}",
                reported_at=row["at"],
                registered_at=row["at"],
                title="",
                text=row["text"],
                category_code=row["category_code"],
                area=row["area"],
                complainant_key=f"caller-{number}",
                status="REGISTERED",
                channel="phone",
                request_type="complaint",
            )
        )
    db.session.commit()


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer replays, so that tests are quick."""
    monkeypatch.setattr(backtesting, "SHUFFLES", 1)


def finished(before: set[threading.Thread]) -> None:
    """Wait for the threads a request started."""
    for thread in set(threading.enumerate()) - before:
        thread.join()


def test_a_run_from_the_form_to_the_page(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch)
    with app.app_context():
        make = Factory(app)
        history(make)
        boss = make.staff("supervisor", name="督办张")
        sign_in(client, boss)
    first = client.get("/hotspots/backtest").get_data(as_text=True)
    assert "还没有回放过" in first
    assert 'max="3"' in first  # fifty days, less four weeks before the first scan
    before = set(threading.enumerate())
    form = {"weeks": "2", "budget": "1", "injected": "3"}
    answer = post(client, "/hotspots/backtest", form)
    assert answer.status_code == 302
    finished(before)
    token = answer.location.rpartition("/")[2]
    state = client.get(f"/hotspots/backtest/{token}/progress").get_json()
    assert state["state"] == "done"
    assert state["done"] == state["total"] > 0
    assert state["finished"] is True
    page = client.get(answer.location).get_data(as_text=True)
    assert "按“每周最多 1 次误报”重放 2 周：2026-11-10 至 2026-11-23" in page
    assert "藏入 3 个编造的事件" in page
    assert "健身房" in page
    assert "待判定" in page
    assert page.count("data-chart=") == 2
    assert "20260101-" in page  # every alert leads to its orders
    assert client.get("/hotspots/backtest").get_data(as_text=True).count("正在看") == 1
    with app.app_context():
        assert (
            db.session.scalar(select(AuditEntry).where(AuditEntry.action == "hotspot.backtest")) is not None
        )
        run = backtest_runs.get(db.session, token)
        assert run.asked_by == "督办张"
        assert run.report["injected"]["recall"]["of"] == 3
        hidden = db.session.scalar(select(func.count()).where(WorkOrder.text.contains("注入")))
        assert not hidden
        assert db.session.scalar(select(func.count(WorkOrder.id))) == 258


def test_who_may_look_only_sees_no_form(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        history(make)
        sign_in(client, make.staff("decision_maker"))
    page = client.get("/hotspots/backtest").get_data(as_text=True)
    assert "由督办员或管理员开始" in page
    assert 'name="weeks"' not in page


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"weeks": "x"}, 422, "“回放周数”应填数字"),
        ({"budget": "nan"}, 422, "每周容许的误报应大于 0"),
        ({"budget": "0"}, 422, "每周容许的误报应大于 0"),
        ({"injected": "999"}, 422, "藏入的事件应在 0 到 60"),
        ({"weeks": "9"}, 409, "历史太短：最多能回放 3 周"),
        ({"weeks": "0"}, 422, "回放周数应在 1 到"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    app: Flask, client: FlaskClient, form: dict[str, str], status: int, words: str
) -> None:
    with app.app_context():
        make = Factory(app)
        history(make)
        sign_in(client, make.staff("administrator"))
    answer = post(client, "/hotspots/backtest", {"weeks": "2", "budget": "1", "injected": "0", **form})
    assert answer.status_code == status
    page = answer.get_data(as_text=True)
    assert words in page
    with app.app_context():
        assert db.session.scalar(select(func.count(BacktestRun.id))) == 0


def test_without_history_the_page_says_what_is_missing(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        history(make, days=20, burst=0)
        sign_in(client, make.staff("supervisor"))
    page = client.get("/hotspots/backtest").get_data(as_text=True)
    assert "至少要有 28 天的诉求" in page
    assert 'name="weeks"' not in page


def test_a_run_that_breaks_says_so(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("disk")

    with app.app_context():
        make = Factory(app)
        history(make, per_day=4)
        sign_in(client, make.staff("supervisor"))
    monkeypatch.setattr(backtesting, "replayed", broken)
    before = set(threading.enumerate())
    answer = post(client, "/hotspots/backtest", {"weeks": "1", "budget": "1", "injected": "0"})
    finished(before)
    page = client.get(answer.location).get_data(as_text=True)
    assert "回放中断，没有结果" in page
    assert "disk" not in page


def test_a_history_with_too_few_orders_is_refused_by_the_run(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        make = Factory(app)
        history(make, per_day=1, burst=0)
        sign_in(client, make.staff("supervisor"))
    before = set(threading.enumerate())
    answer = post(client, "/hotspots/backtest", {"weeks": "1", "budget": "1", "injected": "0"})
    finished(before)
    assert "至少要有 100 件" in client.get(answer.location).get_data(as_text=True)


def test_a_history_too_large_for_the_web_is_sent_to_the_command_line(
    session: Any, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(make, per_day=2, burst=0)
    monkeypatch.setattr(backtesting, "MOST_ORDERS", 50)
    with pytest.raises(backtesting.TooLittle, match="flask analytics backtest"):
        backtesting.gather(session, NOW, 1, 1.0)


def test_one_run_at_a_time_and_a_dead_one_does_not_block(session: Any) -> None:
    numbers: dict[str, Any] = {"weeks": 2, "budget": 1.0, "injected": 5}
    first = backtest_runs.begin(session, "甲", **numbers)
    assert not backtest_runs.is_over(first)
    with pytest.raises(Conflict, match="甲 的回放正在进行"):
        backtest_runs.begin(session, "乙", **numbers)
    with clock.set_to(NOW + backtest_runs.STILL):
        assert backtest_runs.is_over(first)
        second = backtest_runs.begin(session, "乙", **numbers)
    assert first.state == "failed"
    assert second.state == "reading"
    with pytest.raises(NotFound):
        backtest_runs.get(session, "nothing-of-the-kind")
    with pytest.raises(InvalidInput):
        backtest_runs.begin(session, "丙", weeks=2, budget=1.0, injected=-1)


def test_old_runs_are_let_go(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest_runs, "KEPT", 2)
    for number in range(4):
        run = backtest_runs.begin(session, str(number), weeks=1, budget=1.0, injected=0)
        backtest_runs.finish(session, run, {})
    assert [run.asked_by for run in backtest_runs.latest(session)] == ["3", "2"]


def test_the_weekly_job_keeps_a_run_once(
    session: Any, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch)
    monkeypatch.setattr(backtest_runs, "USUAL_WEEKS", 1)
    monkeypatch.setattr(backtest_runs, "USUAL_INJECTED", 2)
    job = JOBS["backtest"]
    assert job.cron == {"day_of_week": "sun", "hour": 4, "minute": 10}
    assert "历史太短" in (run_once(db.session, job, force=True) or {})["refused"]
    assert session.scalar(select(func.count(BacktestRun.id))) == 0
    history(make)
    told = run_once(db.session, job)
    assert told is not None
    assert told["weeks"] == 1
    assert run_once(db.session, job) is None
    [run] = backtest_runs.latest(session)
    assert run.state == "done"
    assert run.asked_by == "每周自动"
    assert run.done == run.total
    assert run.report["period"]["scans"] == 7


def test_a_verdict_given_later_is_told(session: Any, make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    history(make)
    scan_hotspots(session, NOW)
    session.commit()
    record = next(one for one in session.scalars(select(HotspotRecord)) if "健身房" in one.name)
    material = backtesting.gather(session, NOW, 1, 1.0)
    assert material.times[-1] == clock.local(NOW).replace(hour=0, minute=0)
    report = backtesting.replayed(material, 0, 1)
    assert "injected" not in report
    mine = next(one for one in report["history"]["list"] if one["record"] == str(record.id))
    assert mine["verdict"] == ""
    assert any("还没有一条被判定过" in line for line in said(report))
    hotspot_verdicts.decide(
        session, record.id, "verdict", make.actor("supervisor"), {"verdict": "real", "note": "核实"}, expected_version=record.version
    )  # fmt: skip
    told = backtesting.judged_now(session, report)
    assert told["history"]["judged"]["real"] == 1
    assert told["history"]["precision"]["hits"] == told["history"]["precision"]["of"] == 1
    assert any("属实或已知 1 条" in line for line in said(told))
    again = backtesting.replayed(backtesting.gather(session, NOW, 1, 0.5), 0, 1)
    assert (again["recorded"]["recall"]["hits"], again["recorded"]["recall"]["of"]) == (1, 1)
    assert any("判为属实或已知的热点有 1 个，按这样的设定找得到 1 个" in line for line in said(again))


def said(report: dict[str, Any]) -> list[str]:
    return [one.text for one in backtesting.sentences(report)]


def told(**more: Any) -> dict[str, Any]:
    """A report of which only some figures matter."""
    share = {"hits": 17, "of": 20, "value": 0.85, "low": 0.64, "high": 0.95}
    spread = {"n": 17, "median": 5.0, "low": 4.0, "high": 7.0}
    return {
        "period": {"from": "2026-09-28T00:00:00+08:00", "to": "2026-11-22T00:00:00+08:00", "weeks": 8.0, "scans": 56, "orders": 1812},
        "settings": {"budget_per_week": 1.0},
        "history": {
            "alerts": 9, "per_week": {"value": 1.125}, "precision": {"hits": 5, "of": 6, "value": 5 / 6, "low": 0.44, "high": 0.97},
            "judged": {"event": 0, "real": 4, "known": 1, "false": 1}, "not_judged": 3,
        },
        "shuffled": {"rounds": 2, "kept": True, "per_week": {"count": 3, "weeks": 16.0, "value": 0.19, "low": 0.04, "high": 0.55}},
        "injected": {"recall": share, "by_size": {"5–6 人": {"hits": 3, "of": 5}}, "orders_at_first_flag": spread, "delay_days": spread,
                     "purity": {"median": 1.0}, "completeness": {"median": 0.9}},
    } | more  # fmt: skip


def test_sentences_carry_denominators_and_follow_the_intervals() -> None:
    lines = said(told())
    assert lines[0].startswith("按“每周最多 1 次误报”重放 8 周：2026-09-28 至 2026-11-22，")
    assert "共 56 次，期间 1,812 件诉求" in lines[0]
    assert (
        "已判定 6 条：属实或已知 5 条，误报 1 条，占 83%（95% 区间 44%–97%，个数少，只供参考）；另有 3 条未判定"
        in lines[1]
    )
    assert "16 周里出现 3 条，每周 0.2 条（95% 区间 0.0–0.6），在每周 1 次以内" in lines[2]
    assert "找出 17 个，占 85%（95% 区间 64%–95%）" in lines[3]
    assert "个数少" not in lines[3]
    assert "其中5–6 人的 5 个找出 3 个。" in lines[3]

    def promise(value: float, low: float) -> str:
        rate = {"count": 20, "weeks": 16.0, "value": value, "low": low, "high": 2.0}
        return said(told(shuffled={"rounds": 2, "kept": low <= 1, "per_week": rate}))[2]

    assert "还不能断定长期都在以内" in promise(0.8, 0.3)
    assert "还不能断定超出" in promise(1.3, 0.8)
    assert "超出每周 1 次，请管理员" in promise(1.6, 1.1)
    nothing = told(
        history={
            "alerts": 0,
            "per_week": {"value": 0.0},
            "precision": {"of": 0},
            "judged": {},
            "not_judged": 0,
        }
    )
    assert "一条预警也不会发出" in said(nothing)[1]
    assert not any(re.search(r"None|nan|\{", line) for line in (*lines, *said(nothing)))
