"""比对命令: what scripts rely on: columns, order, exit statuses, one line per problem, nothing half-written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner, Result

from analytics.address import LABELS
from analytics.address_model import train_address_model
from analytics.cli import analytics
from analytics.model_files import save

LEVEL_COLUMNS = [
    "province",
    "city",
    "district",
    "town",
    "community",
    "road",
    "number",
    "poi",
    "building",
    "unit",
    "floor",
    "room",
]


def run(*args: str, given: str | None = None) -> Result:
    return CliRunner().invoke(analytics, list(args), input=given)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_parse_address_writes_levels_and_spans(tmp_path: Path) -> None:
    source = written(tmp_path / "in.csv", "id,text\n7,成都市青羊区同德路12号同德花园3栋\n8,\n")
    out = tmp_path / "out.csv"
    assert run("parse-address", source, "--out", str(out)).exit_code == 0
    rows = table(out)
    assert list(rows[0]) == ["id", *LEVEL_COLUMNS, "span"]
    assert [row["id"] for row in rows] == ["7", "8"]
    assert (rows[0]["city"], rows[0]["road"], rows[0]["building"]) == ("成都市", "同德路", "3栋")
    assert rows[0]["room"] == ""
    spans = json.loads(rows[0]["span"])
    assert spans[0] == {"start": 0, "end": 3, "label": "city"}
    assert {span["label"] for span in spans} <= set(LABELS)
    assert rows[1]["span"] == "[]"


def test_parse_address_reads_standard_input_and_chinese_headers() -> None:
    result = run("parse-address", "-", "--out", "-", given="编号,地址\n1,青羊区同德路\n")
    assert result.exit_code == 0, result.output
    assert "青羊区" in result.stdout.splitlines()[1]


def test_parse_address_reads_xlsx(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (["id", "text"], ["1", "青羊区同德路"]):
        sheet.append(row)
    book.save(tmp_path / "in.xlsx")
    out = tmp_path / "out.csv"
    assert run("parse-address", str(tmp_path / "in.xlsx"), "--out", str(out)).exit_code == 0
    assert table(out)[0]["road"] == "同德路"


def test_parse_address_refuses_a_file_without_text(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = run("parse-address", written(tmp_path / "in.csv", "id,内文\n1,x\n"), "--out", str(out))
    assert result.exit_code == 1
    assert "缺少列：text" in result.output
    assert not out.exists()


def test_parse_address_tells_every_row_without_id_and_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    source = written(tmp_path / "in.csv", "id,text\n1,同德路\n,文庙街\n,清江路\n")
    result = run("parse-address", source, "--out", str(out))
    assert result.exit_code == 1
    lines = result.output.strip().splitlines()
    assert len(lines) == 2
    assert "第 3 行" in lines[0]
    assert not out.exists()


def test_parse_address_by_a_trained_model(tmp_path: Path) -> None:
    labelled = "\n\n".join(
        "\n".join(
            f"{c} {tag}"
            for c, tag in zip(f"白鹭{road}路", ["B-town", "I-town", "B-road", "I-road"], strict=True)
        )
        for road in "东西南北" * 5
    )
    train_address_model([Path(written(tmp_path / "a.conll", labelled))], tmp_path / "model", iterations=10)
    source, out = written(tmp_path / "in.csv", "id,text\n1,白鹭东路\n"), tmp_path / "out.csv"
    assert run("parse-address", source, "--model", str(tmp_path / "model"), "--out", str(out)).exit_code == 0
    assert (table(out)[0]["town"], table(out)[0]["road"]) == ("白鹭", "东路")
    assert run("parse-address", source, "--model", "builtin", "--out", str(out)).exit_code == 0
    assert table(out)[0]["town"] == ""


def test_parse_address_refuses_a_folder_that_is_no_address_model(tmp_path: Path) -> None:
    source, out = written(tmp_path / "in.csv", "id,text\n1,同德路\n"), tmp_path / "out.csv"
    save(tmp_path / "other", {"name": "a classifier"}, {"weights": np.zeros(3)})
    for folder, why in ((tmp_path / "none", "不是模型文件夹"), (tmp_path / "other", "不是地址模型")):
        result = run("parse-address", source, "--model", str(folder), "--out", str(out))
        assert result.exit_code == 1
        assert why in result.output
        assert len(result.output.strip().splitlines()) == 1
        assert not out.exists()


ORDERS = """id,time,text,place
1,2026-03-02 09:00,锦里新城搅拌站半夜噪音大,锦里新城
2,2026-03-02 10:00,白鹭家园电梯困人两次,白鹭家园
3,2026-03-03 09:00,锦里新城旁边的搅拌站噪音扰民,锦里新城
4,2026-03-20 09:00,锦里新城搅拌站半夜噪音还是大,锦里新城
"""


def test_duplicates_share_an_event_in_input_order(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = run("duplicates", written(tmp_path / "in.csv", ORDERS), "--out", str(out))
    assert result.exit_code == 0, result.output
    rows = table(out)
    assert list(rows[0]) == ["id", "event_id", "score"]
    assert [row["id"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["event_id"] for row in rows] == ["1", "2", "1", "1"]
    assert float(rows[0]["score"]) == 1
    assert 0 < float(rows[2]["score"]) <= 1


def test_duplicates_within_a_narrower_window(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    source = written(tmp_path / "in.csv", ORDERS)
    assert run("duplicates", source, "--out", str(out), "--window", "7d").exit_code == 0
    assert [row["event_id"] for row in table(out)] == ["1", "2", "1", "4"]


def test_duplicates_refuses_bad_times_and_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    source = written(tmp_path / "in.csv", "id,time,text\n1,前天,停水\n2,2026-03-02,停电\n")
    result = run("duplicates", source, "--out", str(out))
    assert result.exit_code == 1
    assert "前天" in result.output
    assert not out.exists()


@pytest.mark.parametrize(
    "args", [["duplicates", "x.csv"], ["duplicates", "x.csv", "--out", "-", "--window", "三天"]]
)
def test_wrong_usage_is_exit_2(args: list[str]) -> None:
    assert run(*args).exit_code == 2


def test_a_missing_file_is_exit_1(tmp_path: Path) -> None:
    for command in ("duplicates", "parse-address"):
        result = run(command, str(tmp_path / "no.csv"), "--out", "-")
        assert result.exit_code == 1
        assert "没有这个文件" in result.output


def test_an_output_that_cannot_be_written_is_exit_1(tmp_path: Path) -> None:
    source = written(tmp_path / "in.csv", ORDERS)
    result = run("duplicates", source, "--out", str(tmp_path / "in.csv" / "out.csv"))
    assert result.exit_code == 1
    assert "无法读写" in result.output


def test_labelled_addresses_train_and_are_evaluated_by_the_usual_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "\n\n".join(
        "白 B-town\n鹭 I-town\n" + "\n".join(f"{c} {t}-road" for c, t in zip(road, "BI", strict=True))
        for road in ("东路", "西路", "南路", "北路") * 5
    )
    source, own = written(tmp_path / "a.conll", lines), tmp_path / "instance" / "models" / "address"
    card = json.loads(run("train", source, "--model", str(own)).output)
    assert card["addresses"] == 20
    scores = json.loads(run("evaluate", source, "--model", str(own)).output)
    assert scores["f1"] == 1.0
    assert json.loads(run("evaluate", source, "--model", "builtin").output)["f1"] < 1.0
    monkeypatch.setenv(
        "INSTANCE_PATH", str(tmp_path / "instance")
    )  # the installation's own model is used unasked
    asked, out = written(tmp_path / "in.csv", "id,text\n1,白鹭东路\n"), tmp_path / "out.csv"
    assert run("parse-address", asked, "--out", str(out)).exit_code == 0
    assert table(out)[0]["town"] == "白鹭"


def test_a_file_that_holds_no_labelled_addresses_is_refused_by_line(tmp_path: Path) -> None:
    bad = written(tmp_path / "a.conll", "路\n")
    for command in (["train", bad, "--model", str(tmp_path / "m")], ["evaluate", bad, "--model", "builtin"]):
        result = run(*command)
        assert result.exit_code == 1
        assert "第 1 行" in result.output
    assert not (tmp_path / "m").exists()
