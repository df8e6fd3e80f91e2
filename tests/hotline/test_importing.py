"""Bulk intake: real exports with all their oddities, whole or not at all, twice without effect."""

from __future__ import annotations

import csv
import secrets
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from core.audit import Actor
from core.database import db
from core.tables import TableError
from hotline import importing, journal
from hotline.models import ImportBatch, OrderEvent, WorkOrder
from tests.shared_data import needs, shared

ACTOR = Actor(role="system", name="批量导入")
HEADER = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"]
ROWS = [
    ["188006", "A0001", "路灯不亮", "2019/2/28 11:25:05", "A3区米兰春天门口路灯坏了一个月", "0", "１２"],
    [
        "188007",
        "A0002",
        "垃圾没人收",
        "2019年2月14日 20:00",
        "小区垃圾三天没有清运，_x000D_\n臭味很大",
        "0",
        "1",
    ],
    ["", "", "", "", "", "", ""],
    ["188008", "A0003", "噪音", "2019-02-15 08:00:01", "工地半夜施工", "2", "0"],
]


def _xlsx(path: Path, rows: list[list[Any]], *, title: str = "", merge: bool = False) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    if title:
        sheet.append([title])
        if merge:
            sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(HEADER))
        sheet.append([])
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def _csv(path: Path, rows: list[list[Any]], encoding: str) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def _import(app: Flask, path: Path, **more: Any) -> importing.Outcome:
    outcome, fresh = importing.check_file(db.session, path, source="import", **more)
    if outcome.problems:
        raise TableError(outcome.problems)
    batch = importing.new_batch(
        db.session, token=secrets.token_hex(8), file_name=path.name, path=path, by_id=None, source="import"
    )
    importing.write(db.session, app.extensions["vault"], outcome, fresh, ACTOR, batch)
    db.session.commit()
    return outcome


def _orders() -> int:
    return db.session.scalar(select(func.count()).select_from(WorkOrder)) or 0


@pytest.mark.parametrize("kind", ["xlsx", "titled", "utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_same_rows_come_in_from_every_kind_of_file(context: Flask, tmp_path: Path, kind: str) -> None:
    rows = [HEADER, *ROWS]
    if kind == "xlsx":
        path = _xlsx(tmp_path / "a.xlsx", rows)
    elif kind == "titled":
        path = _xlsx(tmp_path / "a.xlsx", rows, title="2019年2月留言明细表", merge=True)
    else:
        path = _csv(tmp_path / "a.csv", rows, kind)
    outcome = _import(context, path)
    assert (outcome.rows, outcome.accepted, outcome.already) == (3, 3, 0)
    first = db.session.execute(select(WorkOrder).where(WorkOrder.external_number == "188006")).scalar_one()
    assert (first.title, first.support_count, first.channel) == ("路灯不亮", 12, "import")
    assert first.reported_at.isoformat() == "2019-02-28T03:25:05+00:00"
    assert first.registered_at.year >= 2026, "clocks run from when we took it in"
    second = db.session.execute(select(WorkOrder).where(WorkOrder.external_number == "188007")).scalar_one()
    assert "_x000D_" not in second.text
    assert journal.verify(db.session) == (3, None)


def test_importing_twice_changes_nothing(context: Flask, tmp_path: Path) -> None:
    path = _xlsx(tmp_path / "a.xlsx", [HEADER, *ROWS])
    _import(context, path)
    events = db.session.scalar(select(func.count()).select_from(OrderEvent))
    again = _import(context, path)
    assert (again.accepted, again.already, _orders()) == (0, 3, 3)
    assert db.session.scalar(select(func.count()).select_from(OrderEvent)) == events


def test_a_file_without_numbers_is_known_by_its_content(context: Flask, tmp_path: Path) -> None:
    rows = [["诉求内容", "时间"], ["路灯坏了", "2019-02-28"], ["井盖没了", "2019-02-28"]]
    path = _csv(tmp_path / "a.csv", rows, "utf-8")
    assert _import(context, path).accepted == 2
    assert _import(context, path).already == 2


def test_every_wrong_row_is_named_and_nothing_is_written(context: Flask, tmp_path: Path) -> None:
    bad = [
        ["1", "u", "好的一行", "2019-02-28 08:00", "内容完整", "0", "0"],
        ["2", "u", "时间不对", "二月三十", "内容", "0", "0"],
        ["3", "u", "没有内容", "2019-02-28 08:00", "", "0", "0"],
        ["1", "u", "编号重复", "2019-02-28 08:00", "与第二行不同的内容", "0", "0"],
        ["4", "u", "赞数不对", "2019-02-28 08:00", "内容", "0", "很多"],
    ]
    with pytest.raises(TableError) as refused:
        _import(context, _xlsx(tmp_path / "a.xlsx", [HEADER, *bad]))
    told = [str(problem) for problem in refused.value.problems]
    assert [problem.row for problem in refused.value.problems] == [3, 4, 5, 6]
    assert "二月三十" in told[0] and "留言时间" in told[0]
    assert "第 2 行重复" in told[2]
    db.session.rollback()
    assert _orders() == 0


def test_the_same_row_twice_in_a_file_counts_once(context: Flask, tmp_path: Path) -> None:
    outcome = _import(context, _xlsx(tmp_path / "a.xlsx", [HEADER, ROWS[0], ROWS[0]]))
    assert (outcome.accepted, outcome.already) == (1, 1)


def test_columns_can_be_named_by_hand_and_unknown_ones_are_refused(context: Flask, tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", [["号", "话"], ["1", "路灯坏了"]], "utf-8")
    with pytest.raises(TableError, match="认不出哪一列是诉求内容"):
        _import(context, path)
    assert _import(context, path, mapping={"话": "text", "号": "external_number"}).accepted == 1
    with pytest.raises(TableError, match="没有这一列"):
        _import(context, path, mapping={"无": "text"})


def test_a_failure_while_writing_leaves_nothing(
    context: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _xlsx(tmp_path / "a.xlsx", [HEADER, *ROWS])
    original = importing.intake.accept_many

    def fail_after(*args: Any, **more: Any) -> list[int]:
        original(*args, **more)
        raise OSError("disk full")

    monkeypatch.setattr(importing.intake, "accept_many", fail_after)
    with pytest.raises(OSError, match="disk"):
        _import(context, path)
    db.session.rollback()
    assert (_orders(), db.session.query(ImportBatch).count()) == (0, 0)


@needs("hotline_2019_messages.xlsx")
def test_the_real_export_comes_in_whole(context: Flask) -> None:
    outcome = _import(context, shared("hotline_2019_messages.xlsx"))
    assert (outcome.rows, outcome.accepted) == (4326, 4326)
    assert _orders() == 4326
    assert journal.verify(db.session) == (4326, None)
