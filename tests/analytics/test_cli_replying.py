"""``flask analytics check-replies``: a table in, a table out, refusals by row."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from click.testing import CliRunner

from analytics.cli import analytics


def test_every_reply_gets_a_level_and_its_findings(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        "id,text,reply\n1,请问同德路什么时候通车？,您的留言已收悉，感谢您的关心与支持！\n"
        "2,请问同德路什么时候通车？,同德路由区住建局建设，预计2027年3月通车，按《道路建设规划》推进，电话028-81234567。\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(analytics, ["check-replies", str(source), "--out", str(out)])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["level"] for row in rows] == ["poor", "good"]
    assert "empty" in {found["code"] for found in json.loads(rows[0]["findings"])}
    assert {"code", "serious", "message", "start", "end", "evidence"} == set(
        json.loads(rows[0]["findings"])[0]
    )
    assert json.loads(rows[0]["unanswered"]) == ["请问同德路什么时候通车？"]
    assert json.loads(rows[1]["findings"]) == []


def test_a_row_without_id_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,text,reply\n,a,b\n", encoding="utf-8")
    result = CliRunner().invoke(analytics, ["check-replies", str(source), "--out", str(out)])
    assert result.exit_code == 1
    assert "第 2 行" in result.output
    assert not out.exists()
