"""分类命令: train, classify, evaluate, segment as others script against them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analytics.cli import analytics
from tests.analytics.test_classifier import _orders


def run(*args: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(analytics, [str(a) for a in args], input=stdin)


def write(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("训练")
    texts, labels = _orders()
    half = len(texts) // 2
    first = write(
        place / "a.csv",
        ["text", "label"],
        [[t, lab] for t, lab in zip(texts[:half], labels[:half], strict=True)],
    )
    second = write(
        place / "b.csv",
        ["tokens", "label"],
        [[" ".join(t), lab] for t, lab in zip(texts[half:], labels[half:], strict=True)],
    )
    done = run("train", first, second, "--text", "text", "--label", "label", "--model", place / "我的模型")
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert figures["n"] == len(texts)
    assert {"accuracy", "macro_f1", "per_class", "ece", "model"} <= set(figures)
    assert figures["accuracy"] > 0.8
    return place / "我的模型"


def test_the_card_says_what_the_model_is(folder: Path) -> None:
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    assert card["sources"] == {"a.csv": 45, "b.csv": 45}
    assert {"data_sha256", "written_at", "scores", "versions", "format", "weights_sha256"} <= set(card)
    assert card["name"].startswith("我的模型-")


def test_classify_keeps_order_and_columns(folder: Path, tmp_path: Path) -> None:
    source = write(
        tmp_path / "in.csv",
        ["id", "text", "别的"],
        [["9", "停水了", ""], ["1", "", ""], ["007", "公交司机不停车", ""]],
    )
    out = tmp_path / "out.csv"
    assert run("classify", source, "--model", folder, "--out", out).exit_code == 0
    rows = read(out)
    assert list(rows[0]) == [
        "id",
        "label",
        "confidence",
        "label_2",
        "confidence_2",
        "label_3",
        "confidence_3",
        "model",
    ]
    assert [row["id"] for row in rows] == ["9", "1", "007"]
    assert rows[0]["label"] == "城乡建设/供水"
    assert rows[2]["label"] == "交通运输/公交地铁"
    assert float(rows[0]["confidence"]) >= float(rows[0]["confidence_2"]) >= float(rows[0]["confidence_3"])
    assert rows[0]["model"].startswith("我的模型-")
    assert run("classify", source, "--model", folder, "--out", out, "--level", "1").exit_code == 0
    assert [row["label"] for row in read(out)][::2] == ["城乡建设", "交通运输"]
    assert read(out)[0]["label_3"] == ""


def test_classify_reads_and_writes_the_standard_streams(folder: Path) -> None:
    done = run("classify", "-", "--model", folder, "--out", "-", stdin="id,text\n1,停水了\n")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].startswith("1,城乡建设/供水,")


def test_evaluate_at_the_level_of_the_truth(folder: Path, tmp_path: Path) -> None:
    texts, labels = _orders(4)
    paths = write(tmp_path / "p.csv", ["text", "label"], [list(p) for p in zip(texts, labels, strict=True)])
    figures = json.loads(run("evaluate", paths, "--model", folder, "--coverage", "0.9").stdout)
    assert {
        "n",
        "accuracy",
        "macro_f1",
        "weighted_f1",
        "top3_accuracy",
        "ece",
        "per_class",
        "confusion",
    } <= set(figures)
    assert figures["level"] == 2
    assert set(figures["coverage"]) == {"precision", "share", "threshold"}
    flat = write(
        tmp_path / "f.csv",
        ["正文", "分类"],
        [[t, lab.split("/")[0]] for t, lab in zip(texts, labels, strict=True)],
    )
    figures = json.loads(run("evaluate", flat, "--model", folder, "--text", "正文", "--label", "分类").stdout)
    assert figures["level"] == 1
    assert figures["accuracy"] == 1.0
    assert "coverage" not in figures


def test_segment(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", ["id", "text"], [["2", "业委会换届，没人管！"], ["1", ""]])
    assert run("segment", source, "--out", tmp_path / "out.csv").exit_code == 0
    assert read(tmp_path / "out.csv") == [
        {"id": "2", "tokens": "业委会 换届 没人管"},
        {"id": "1", "tokens": ""},
    ]


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        (["text"], [["停水"]], ["缺少列：label"]),
        (["text", "label"], [["停水", "供水"], ["停电", ""], ["", "供电"]], ["第 3 行", "第 4 行"]),
        (["text", "label"], [["停水", "供水"]], ["至少需要两种"]),
        (["text", "label"], [], ["至少需要两种"]),
    ],
)
def test_train_refuses_line_by_line_and_writes_nothing(
    tmp_path: Path, header: list[str], rows: list[list[str]], said: list[str]
) -> None:
    source = write(tmp_path / "in.csv", header, rows)
    done = run("train", source, "--model", tmp_path / "m")
    assert done.exit_code == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == len(said)
    assert all(part in line for part, line in zip(said, lines, strict=True))
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_classify_and_segment_refuse_and_write_nothing(folder: Path, tmp_path: Path) -> None:
    no_id = write(tmp_path / "in.csv", ["id", "text"], [["1", "停水"], ["", "停电"]])
    for command in (["classify", no_id, "--model", folder], ["segment", no_id]):
        done = run(*command, "--out", tmp_path / "out.csv")
        assert done.exit_code == 1
        assert "第 3 行" in done.stderr
        assert "没有编号" in done.stderr
    done = run("classify", tmp_path / "无.csv", "--model", folder, "--out", tmp_path / "out.csv")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    done = run("classify", no_id, "--model", tmp_path / "无", "--out", tmp_path / "out.csv")
    assert done.exit_code == 1
    assert "不是模型文件夹" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_wrong_usage_is_two(tmp_path: Path) -> None:
    assert run("train", "--model", tmp_path / "m").exit_code == 2
    assert run("train", tmp_path / "in.csv", "--model", "builtin").exit_code == 2
    assert run("classify", tmp_path / "in.csv", "--out", "-").exit_code == 2
    assert run("classify", tmp_path / "in.csv", "--model", "m", "--out", "-", "--level", "3").exit_code == 2
    assert run("evaluate", tmp_path / "in.csv", "--model", "m", "--coverage", "7").exit_code == 2
    assert run("train", "--help").exit_code == 0
