"""监测命令: what scripts rely on: columns, exit statuses, one line per problem, nothing half-written."""

from __future__ import annotations

import csv
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from click.testing import CliRunner, Result

from analytics.cli import analytics
from tests.analytics.test_hotspots import background, burst

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
AS_OF = "2026-04-01 08:00"


def run(*args: str) -> Result:
    return CliRunner().invoke(analytics, list(args))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A stream with one event, under Chinese headers, without place and category."""
    path = tmp_path / "导出.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["留言编号", "留言用户", "留言主题", "留言时间", "留言详情"])
        for c in background(place=False, category=False, days=80) + burst(8, 3.0, with_place=False):
            time = f"{c.time.astimezone(SHANGHAI):%Y/%m/%d %H:%M:%S}"
            writer.writerow([c.id, c.complainant, c.text[:12], time, c.text])
    return path


def test_hotspots_from_an_export(export, tmp_path):
    out = tmp_path / "热点.json"
    result = run("hotspots", str(export), "--as-of", AS_OF, "--out", str(out))
    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [h["rank"] for h in found] == list(range(1, len(found) + 1))
    mine = [h for h in found if sum(i.startswith("E") for i in h["order_ids"]) >= 4]
    assert len(mine) == 1
    assert "锦里雅筑" in mine[0]["name"]
    assert "搅拌站" in mine[0]["name"]


def test_hotspots_to_standard_output(export):
    result = run(
        "hotspots", str(export), "--as-of", "2026-02-01", "--out", "-", "--max-false-alarms", "2/month"
    )
    assert result.exit_code == 0
    assert isinstance(json.loads(result.stdout), list)


def test_backtest_writes_a_row_per_alert(export, tmp_path):
    out = tmp_path / "回放.csv"
    result = run(
        "backtest", str(export), "--from", "2026-03-27", "--to", "2026-04-01 08:00", "--out", str(out)
    )
    assert result.exit_code == 0, result.output
    alerts = [row for row in rows(out) if "锦里雅筑" in row["name"]]
    assert len(alerts) == 1
    columns = "raised_at,key,name,place,category,status,first_order,orders_at_alert,observed,expected,p_value,q_value"
    assert list(alerts[0]) == columns.split(",")
    assert datetime.fromisoformat(alerts[0]["first_order"]) < datetime.fromisoformat(alerts[0]["raised_at"])


def test_surveil_weeks_fills_gaps_and_raises_the_alarm(tmp_path):
    source, out = tmp_path / "周.csv", tmp_path / "结果.csv"
    rng = np.random.default_rng(4)
    lines = ["series,period,count"]
    for week in range(1, 53):
        if week != 20:  # a missing week is a zero
            lines.append(f"甲,2025-W{week:02d},{int(rng.poisson(3))}")
    lines += ["甲,2026-W01,19", "乙,2025-W40,1", "乙,2025-W44,2"]
    source.write_text("\n".join(lines), encoding="utf-8")
    result = run("surveil", str(source), "--out", str(out))
    assert result.exit_code == 0, result.output
    written = rows(out)
    assert list(written[0]) == [
        "series",
        "period",
        "expected",
        "upper",
        "score",
        "p_value",
        "q_value",
        "alarm",
    ]
    first = [row for row in written if row["series"] == "甲"]
    assert len(first) == 53
    assert first[19]["period"] == "2025-W20"
    assert first[-1]["period"] == "2026-W01"
    assert first[-1]["alarm"] == "1"
    assert float(first[-1]["p_value"]) < 0.001
    assert [row["period"] for row in written if row["series"] == "乙"] == [
        f"2025-W{w}" for w in range(40, 45)
    ]


def test_surveil_days(tmp_path):
    source, out = tmp_path / "日.csv", tmp_path / "结果.csv"
    start = datetime(2026, 1, 1, tzinfo=SHANGHAI)
    counts = [*np.random.default_rng(1).poisson(2, 60).tolist(), 15]
    lines = [f"甲,{start + timedelta(days=i):%Y-%m-%d},{n}" for i, n in enumerate(counts)]
    source.write_text("series,period,count\n" + "\n".join(lines), encoding="utf-8")
    assert run("surveil", str(source), "--out", str(out), "--period", "day").exit_code == 0
    assert rows(out)[-1]["alarm"] == "1"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "series,period,count\n甲,2026-W07,x\n甲,2026-W99,1\n",
            ["第 2 行", "第 3 行", "非负整数", "不是时段"],
        ),
        ("series,period,count\n甲,2026-W07,1\n甲,2026-W07,2\n", ["重复"]),
        ("series,period,count\n甲,2026-W07,1\n甲,2026-02-11,2\n", ["周与日混"]),
        ("series,period\n甲,2026-W07\n", ["count"]),
        ("series,period,count\n", ["没有数据行"]),
        ("series,period,count\n甲,2026-W07,-3\n", ["非负整数"]),
    ],
)
def test_bad_counts_are_refused_by_row(tmp_path, content, words):
    source, out = tmp_path / "坏.csv", tmp_path / "结果.csv"
    source.write_text(content, encoding="utf-8")
    result = run("surveil", str(source), "--out", str(out))
    assert result.exit_code == 1
    assert all(word in result.stderr for word in words), result.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,time,text\n1,昨天,停水\n2,2026-02-11,\n", ["第 2 行", "time", "第 3 行", "text"]),
        ("id,time,text\n1,2026-02-11,停水\n1,2026-02-12,停电\n", ["第 3 行", "已出现过"]),
        ("id,text\n1,停水\n", ["time", "受理时间"]),
    ],
)
def test_bad_complaints_are_refused_by_row(tmp_path, content, words):
    source, out = tmp_path / "坏.csv", tmp_path / "热点.json"
    source.write_text(content, encoding="utf-8")
    for command in (
        ("hotspots", "--as-of", AS_OF),
        ("backtest", "--from", "2026-01-01", "--to", "2026-01-03"),
    ):
        result = run(command[0], str(source), *command[1:], "--out", str(out))
        assert result.exit_code == 1
        assert all(word in result.stderr for word in words), result.stderr
        assert not out.exists()


def test_a_row_repeated_whole_is_read_once(tmp_path):
    source = tmp_path / "重.csv"
    source.write_text("id,time,text\n1,2026-02-11,停水\n1,2026-02-11,停水\n", encoding="utf-8")
    assert run("hotspots", str(source), "--as-of", AS_OF, "--out", "-").stdout.strip() == "[]"


@pytest.mark.parametrize(
    "args",
    [
        ("--as-of", "某天"),
        ("--as-of", AS_OF, "--window", "短"),
        ("--as-of", AS_OF, "--max-false-alarms", "0/week"),
        ("--as-of", AS_OF, "--baseline", "3d"),
        (),
    ],
)
def test_wrong_usage(tmp_path, args):
    source = tmp_path / "空.csv"
    source.write_text("id,time,text\n", encoding="utf-8")
    assert run("hotspots", str(source), *args, "--out", str(tmp_path / "x.json")).exit_code == 2


def test_wrong_usage_of_backtest(export):
    assert (
        run("backtest", str(export), "--from", "2026-03-02", "--to", "2026-03-01", "--out", "-").exit_code
        == 2
    )


@pytest.mark.parametrize("command", ["surveil", "hotspots", "backtest"])
def test_help_is_complete(command):
    text = run(command, "--help").output
    assert "--out" in text
    assert "IN" in text


@pytest.mark.skipif(
    not (SHARED / "hotline_2019_messages.xlsx").exists(), reason="needs the shared hotline export"
)
def test_the_mixing_plant_of_2019_is_seen_in_its_first_days(tmp_path):
    out = tmp_path / "热点.json"
    source = str(SHARED / "hotline_2019_messages.xlsx")
    result = run("hotspots", source, "--as-of", "2019-11-17", "--out", str(out))
    assert result.exit_code == 0, result.output
    first = json.loads(out.read_text(encoding="utf-8"))[0]
    assert "丽发新城" in first["name"]
    assert "搅拌站" in first["name"]
    assert first["status"] == "emerging"
