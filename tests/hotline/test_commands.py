"""The hotline's command line as others script against it: what is printed, how it ends, what is and is not written."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, text

from core import clock
from core.audit import AuditEntry
from core.database import db
from core.jobs import JobRun
from core.settings import ROOT
from hotline import deadlines
from hotline.catalogue import CalendarYear
from hotline.jobs import JOBS
from hotline.models import Deadline, ImportBatch, OrderEvent, WorkOrder
from tests.factories import UNIT, Factory

HEADER = "留言编号,留言主题,留言时间,留言详情,联系电话"
ROWS = [
    "188006,路灯不亮,2026/11/18 11:25:05,小区门口的路灯坏了一个月,13812345678",
    "188007,垃圾没人收,2026年11月18日 20:00,小区垃圾三天没有清运，臭味很大,",
    "188008,噪音,2026-11-19 08:00:01,工地半夜施工影响休息,028-85551234",
]
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.set_to(NOW):
        yield


def run(app: Flask, *arguments: object) -> Result:
    """Run a flask command; only a deliberate exit is not a test failure."""
    result = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def written(app: Flask) -> dict[str, int]:
    """How much there is of what an import writes."""
    with app.app_context():
        return {
            model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0
            for model in (WorkOrder, OrderEvent, ImportBatch)
        }


NOTHING = {"work_order": 0, "order_event": 0, "import_batch": 0}


def file(folder: Path, *rows: str, header: str = HEADER, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


# --- import


def test_import_twice(app: Flask, tmp_path: Path) -> None:
    path = file(tmp_path, *ROWS)
    first = run(app, "hotline", "import", path)
    assert (first.exit_code, first.stdout) == (0, "导入 3，已有 0，拒绝 0\n")
    there = written(app)
    assert there["work_order"] == 3
    again = run(app, "hotline", "import", path)
    assert (again.exit_code, again.stdout) == (0, "导入 0，已有 3，拒绝 0\n")
    assert written(app) == there | {"import_batch": 2}
    with app.app_context():
        order = db.session.scalars(select(WorkOrder).where(WorkOrder.external_number == "188006")).one()
        assert clock.local(order.reported_at).isoformat() == "2026-11-18T11:25:05+08:00"
        assert order.complainant_phone
        assert "138" not in order.complainant_phone
        assert order.insight is not None  # classified, too
        assert db.session.scalars(select(ImportBatch.state)).all() == ["done", "done"]


def test_the_same_numbers_of_another_source_are_other_orders(app: Flask, tmp_path: Path) -> None:
    path = file(tmp_path, *ROWS[:1])
    run(app, "hotline", "import", path)
    assert run(app, "hotline", "import", path, "--source", "市平台").stdout == "导入 1，已有 0，拒绝 0\n"


BAD = ["188009,坏的,不是时间,内容也有,", "188010,空的,2026-11-18 10:00,,"]


def test_one_bad_row_and_nothing_is_written(app: Flask, tmp_path: Path) -> None:
    result = run(app, "hotline", "import", file(tmp_path, ROWS[0], *BAD, ROWS[1]))
    assert (result.exit_code, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert any(line.startswith("in.csv：第 3 行“留言时间”列：") and "不是时间" in line for line in lines)
    assert any(line.startswith("in.csv：第 4 行“留言详情”列：") for line in lines)
    assert lines[-1] == "共 4 行，其中 2 行有问题，一行也没有写入。"
    assert written(app) == NOTHING


def test_keep_going(app: Flask, tmp_path: Path) -> None:
    result = run(app, "hotline", "import", file(tmp_path, ROWS[0], *BAD, ROWS[1]), "--keep-going")
    assert (result.exit_code, result.stdout) == (0, "导入 2，已有 0，拒绝 2\n")
    assert "第 3 行" in result.stderr
    assert "第 4 行" in result.stderr
    assert written(app)["work_order"] == 2


def test_dry_run(app: Flask, tmp_path: Path) -> None:
    result = run(app, "hotline", "import", file(tmp_path, *ROWS), "--dry-run")
    assert (result.exit_code, result.stdout) == (0, "可导入 3，已有 0，拒绝 0（只核对，没有写入）\n")
    assert run(app, "hotline", "import", file(tmp_path, *BAD), "--dry-run").exit_code == 1
    assert written(app) == NOTHING


def test_map(app: Flask, tmp_path: Path) -> None:
    rows = ["7,路灯坏了三天没人修,2026-11-18 10:00,备注一"]
    path = file(tmp_path, *rows, header="序,说了什么,何时,旁注")
    assert "认不出哪一列是诉求内容" in run(app, "hotline", "import", path).stderr
    maps = ["--map", "序=external_number", "--map", "说了什么=text", "--map", "何时=reported_at"]
    result = run(app, "hotline", "import", path, *maps)
    assert (result.exit_code, result.stdout) == (0, "导入 1，已有 0，拒绝 0\n")
    with app.app_context():
        order = db.session.scalars(select(WorkOrder)).one()
        assert (order.external_number, order.text) == ("7", "路灯坏了三天没人修")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--map", "没有这列=text"], 1, "没有这一列"),
        (["--map", "留言详情"], 2, "列=字段"),
        (["--map", "留言详情=nothing"], 2, "列=字段"),
        (["--map", "=text"], 2, "列=字段"),
        (["--nonsense"], 2, "nonsense"),
    ],
)
def test_import_usage(app: Flask, tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    result = run(app, "hotline", "import", file(tmp_path, *ROWS), *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert written(app) == NOTHING


def test_import_of_what_is_no_table(app: Flask, tmp_path: Path) -> None:
    assert run(app, "hotline", "import", tmp_path / "none.csv").exit_code == 2
    for name, content in {"a.xlsx": b"no zip", "b.csv": b"", "c.csv": "甲乙丙\n".encode()}.items():
        (tmp_path / name).write_bytes(content)
        result = run(app, "hotline", "import", tmp_path / name)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"{name}：")
    assert written(app) == NOTHING


# --- export

PERSON = {"name": "王小明", "phone": "13812345678"}


@pytest.fixture
def orders(app: Flask) -> list[str]:
    """Numbers of an open order, a confidential one, and one whose text holds a formula and a phone."""
    with app.app_context():
        make = Factory(app)
        made = [
            make.order_at("DISPATCHED", text="锦绣家园3栋2单元501漏水，电话13812345678", **PERSON),
            make.order(text="举报某单位，请为我保密，电话13900001111", confidential=True, **PERSON),
            make.order(text="噪声扰民，夜里十二点还在施工", reported_at=datetime(2026, 10, 1, tzinfo=UTC)),
        ]
        make.staff("dispatcher", username="desk")
        make.staff("decision_maker", username="looker")
        make.staff("unit_clerk", username="clerk")
        return [order.number for order in made]


def exported(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def exports(app: Flask) -> list[AuditEntry]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export")))


def test_export_is_masked_unless_asked(app: Flask, orders: list[str]) -> None:
    result = run(app, "hotline", "export", "--out", "-")
    rows = {row["工单号"]: row for row in exported(result)}
    assert set(rows) == set(orders)
    assert list(rows) == [orders[2], orders[0], orders[1]]  # oldest first
    assert "13812345678" not in result.stdout
    assert "王小明" not in result.stdout
    assert rows[orders[0]]["电话"] == "138****5678"
    assert rows[orders[0]]["姓名"] == "王**"
    assert "3栋" not in rows[orders[0]]["诉求内容"]
    assert result.stderr == "导出 3 件\n"
    (entry,) = exports(app)
    assert (entry.actor_role, entry.detail["rows"], entry.detail["clear"]) == ("system", 3, False)


def test_clear_export_is_logged_and_keeps_the_confidential(app: Flask, orders: list[str]) -> None:
    result = run(app, "hotline", "export", "--out", "-", "--clear", "--as", "desk", "--reason", "市级核查")
    rows = {row["工单号"]: row for row in exported(result)}
    assert (rows[orders[0]]["姓名"], rows[orders[0]]["电话"]) == ("王小明", "13812345678")
    assert "3栋2单元501" in rows[orders[0]]["诉求内容"]
    assert rows[orders[1]]["电话"] == "138****5678"
    assert "13900001111" not in rows[orders[1]]["诉求内容"]
    (entry,) = exports(app)
    assert (entry.actor_role, entry.reason, entry.detail["clear"]) == ("dispatcher", "市级核查", True)
    assert entry.actor_id is not None


EXPORT_USAGE = (
    ["--clear"],
    ["--clear", "--reason", "想看看"],
    ["--clear", "--as", "desk"],
    ["--clear", "--as", "desk", "--reason", " 。 "],
    ["--clear", "--as", "looker", "--reason", "想看看"],
    ["--from", "昨天"],
    ["--to", "2026-13-01"],
    ["--format", "pdf"],
    ["--format", "xlsx"],  # the file is named .csv
)


def test_export_usage(app: Flask, orders: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    for arguments in EXPORT_USAGE:
        result = run(app, "hotline", "export", "--out", out, *arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
        assert result.stderr
        assert not out.exists()
    assert exports(app) == []


def test_export_by_unknown_account(app: Flask, orders: list[str], tmp_path: Path) -> None:
    result = run(app, "hotline", "export", "--out", tmp_path / "out.csv", "--as", "nobody")
    assert result.exit_code == 1
    assert "没有账号“nobody”" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_export_shows_what_the_account_may_see(app: Flask, orders: list[str]) -> None:
    mine = exported(run(app, "hotline", "export", "--out", "-", "--as", "clerk"))
    assert [row["工单号"] for row in mine] == [orders[0]]


def test_export_narrowed(app: Flask, orders: list[str]) -> None:
    def numbers(*arguments: str) -> set[str]:
        return {row["工单号"] for row in exported(run(app, "hotline", "export", "--out", "-", *arguments))}

    assert numbers("--to", "2026-10-31") == {orders[2]}
    assert numbers("--from", "2026-11-01") == set(orders[:2])
    assert numbers("--from", "2026-11-23", "--to", "2026年11月23日") == set(orders[:2])  # the day included
    assert numbers("--unit", UNIT) == {orders[0]}
    assert numbers("--to", "2020-01-01") == set()


def test_export_as_spreadsheet(app: Flask, orders: list[str], tmp_path: Path) -> None:
    with app.app_context():
        Factory(app).order(text='=HYPERLINK("http://evil.example","点我") 路灯坏了')
    out = tmp_path / "out.xlsx"
    assert run(app, "hotline", "export", "--format", "xlsx", "--out", out).exit_code == 0
    page = openpyxl.load_workbook(out).active
    assert page is not None
    lines = [list(line) for line in page.iter_rows()]
    assert len(lines) == 5
    texts = [str(line[6].value) for line in lines[1:]]
    assert any("HYPERLINK" in cell for cell in texts)
    assert "f" not in {cell.data_type for line in lines for cell in line}
    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]


def test_a_masked_phone_is_never_taken_in_as_one(app: Flask, orders: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    run(app, "hotline", "export", "--out", out)
    result = run(app, "hotline", "import", out, "--source", "回传", "--dry-run")
    assert result.exit_code == 1
    assert result.stderr.count("“电话”列") == 2
    kept = run(app, "hotline", "import", out, "--source", "回传", "--dry-run", "--keep-going")
    assert kept.stdout.startswith("可导入 1，已有 0，拒绝 2")


# --- journal


def test_journal(app: Flask, orders: list[str]) -> None:
    with app.app_context():
        count = db.session.scalar(select(func.count()).select_from(OrderEvent))
    assert run(app, "journal", "verify").stdout == f"{count} 条日志全部相符\n"
    with app.app_context():
        db.session.execute(text("UPDATE order_event SET reason = '改过' WHERE seq = 2"))
        db.session.commit()
    result = run(app, "journal", "verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "第 2 条日志" in result.stderr
    assert "与校验值不符" in result.stderr


# --- jobs


def test_jobs(app: Flask) -> None:
    listed = run(app, "jobs", "list").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == list(JOBS)
    assert all(line.endswith("还没有运行过") for line in listed)
    once = run(app, "jobs", "once", "tidy")
    assert json.loads(once.stdout) == {"photos": 0, "uploads": 0, "idempotency_keys": 0}
    with app.app_context():
        assert db.session.scalars(select(JobRun.job)).all() == ["tidy"]
    (line,) = [line for line in run(app, "jobs", "list").stdout.splitlines() if line.startswith("tidy")]
    assert '"photos": 0' in line
    wrong = run(app, "jobs", "once", "nothing")
    assert wrong.exit_code == 2
    assert "scan-hotspots" in wrong.stderr


# --- calendar

HOLIDAYS = [
    f"2027-{day},休" for day in ("01-01", "02-05", "02-08", "02-09", "02-10", "10-01", "10-04", "10-05")
]


def calendar(folder: Path, *rows: str, header: str = "日期,安排") -> Path:
    return file(folder, *rows, header=header, name="2027.csv")


def test_calendar_load_settles_what_waited(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), clock.set_to(datetime(2026, 12, 30, 3, tzinfo=UTC)):
        Factory(app).order_at("SIGNED_FOR")
        waits = select(func.count()).select_from(Deadline).where(Deadline.waits_for == 2027)
        waited = db.session.scalar(waits)
    assert waited
    path = calendar(tmp_path, *HOLIDAYS, "2027-02-06,班", "2027-10-09,上班")
    result = run(app, "calendar", "load", path, "--year", 2027)
    told = f"2027 年：放假 8 天，调休上班 2 天；推算了 {waited} 个等待的时限\n"
    assert (result.exit_code, result.stdout) == (0, told)
    with app.app_context():
        assert db.session.scalar(waits) == 0
        plan = deadlines.calendar(db.session)
        assert plan.is_working_day(date(2027, 2, 6))
        assert not plan.is_working_day(date(2027, 2, 8))
    # a corrected file takes the first one's place
    assert run(app, "calendar", "load", calendar(tmp_path, *HOLIDAYS), "--year", 2027).exit_code == 0
    with app.app_context():
        assert db.session.get_one(CalendarYear, 2027).make_up_workdays == []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2027-13-01,休", "第 10 行“日期”列：“2027-13-01”不是日期"),
        ("2026-10-01,休", "第 10 行“日期”列：2026-10-01 不在 2027 年"),
        ("2027-03-01,也许", "第 10 行“安排”列：“也许”看不懂"),
        ("2027-03-01,", "第 10 行“安排”列"),
    ],
)
def test_calendar_refusals(app: Flask, tmp_path: Path, row: str, told: str) -> None:
    result = run(app, "calendar", "load", calendar(tmp_path, *HOLIDAYS, row), "--year", 2027)
    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr
    _no_calendar(app)


def test_calendar_of_too_few_days_or_other_columns(app: Flask, tmp_path: Path) -> None:
    few = run(app, "calendar", "load", calendar(tmp_path, *HOLIDAYS[:3]), "--year", 2027)
    assert few.exit_code == 1
    assert "不像一整年" in few.stderr
    other = run(app, "calendar", "load", calendar(tmp_path, *HOLIDAYS, header="日子,安排"), "--year", 2027)
    assert other.exit_code == 1
    assert "缺少列：日期" in other.stderr
    assert run(app, "calendar", "load", calendar(tmp_path, *HOLIDAYS)).exit_code == 2
    _no_calendar(app)


def _no_calendar(app: Flask) -> None:
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(CalendarYear)) == 0


# --- weekly report


def test_weekly_report(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), clock.set_to(datetime(2026, 11, 18, 3, tzinfo=UTC)):
        make = Factory(app)
        for number in range(4):
            make.order(text=f"第 {number} 处小区门口的路灯坏了三天，电话13812345678", **PERSON)
        make.order_at("REPLIED", text="工地半夜施工影响休息")
    result = run(app, "report", "weekly", "--format", "docx,json", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    made = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in made] == ["weekly-2026-W47.docx", "weekly-2026-W47.json"]
    assert result.stdout.splitlines() == [str(path) for path in made]
    figures = made[1].read_text(encoding="utf-8")
    assert json.loads(figures)
    assert "13812345678" not in figures
    with zipfile.ZipFile(made[0]) as document:
        words = document.read("word/document.xml").decode()
    assert "13812345678" not in words
    assert "5" in words


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--format", "odt"], 2),
        (["--format", ","], 2),
        (["--week", "2026-47"], 1),
        (["--week", "2026-W60"], 1),
        (["--week", "2027-W10"], 1),
    ],
)
def test_weekly_report_refusals(app: Flask, tmp_path: Path, arguments: list[str], code: int) -> None:
    result = run(app, "report", "weekly", "--out", tmp_path / "out", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr
    assert not (tmp_path / "out").exists()


# --- pure analysis


def test_classify_needs_no_database(tmp_path: Path, model_folder: Path) -> None:
    (tmp_path / "models").symlink_to(model_folder)
    env = {name: value for name, value in os.environ.items() if name != "APP_ENV"}
    result = subprocess.run(
        [sys.executable, "-m", "flask", "analytics", "classify", "-", "--model", "builtin", "--out", "-"],
        cwd=ROOT,
        env=env | {"INSTANCE_PATH": str(tmp_path), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        input="id,text\n7,小区门口的路灯坏了三天\n3,工地半夜施工影响休息\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["id"] for row in rows] == ["7", "3"]
    assert list(rows[0]) == [
        "id", "label", "confidence", "label_2", "confidence_2", "label_3", "confidence_3", "model",
    ]  # fmt: skip
    assert all(0 <= float(row["confidence"]) <= 1 and row["label"] for row in rows)
    assert not (tmp_path / "lexiang.db").exists()


def test_an_exported_cell_is_never_a_formula(app: Flask) -> None:
    with app.app_context():
        Factory(app).order('=HYPERLINK("http://evil.example","点我")')
    for row in exported(run(app, "hotline", "export", "--out", "-")):
        assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())


def test_a_closed_account_cannot_export(app: Flask, orders: list[str], tmp_path: Path) -> None:
    assert run(app, "staff", "disable", "desk").exit_code == 0
    result = run(app, "hotline", "export", "--out", tmp_path / "out.csv", "--as", "desk")
    assert result.exit_code == 1 and "已停用" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_missing_secrets_are_told_in_one_line() -> None:
    env = {"PATH": os.environ["PATH"], "APP_ENV": "production"}
    told = subprocess.run(
        [sys.executable, "-m", "flask", "jobs", "list"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told.returncode != 0
    assert "缺少设置：SECRET_KEY" in told.stderr and "Traceback" not in told.stderr
