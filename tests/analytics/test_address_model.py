"""训练的地址模型: learns what the grammar cannot know, keeps offsets, refuses folders and files that are none."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from analytics.address import Span, parse
from analytics.address_model import AddressModel, read_conll, train_address_model
from analytics.address_parser import AddressParser
from analytics.model_files import ModelError

TOWNS = ["青竹", "白鹭", "红枫", "紫藤", "银杏", "海棠", "玉兰", "松雅"]
ROADS = ["长宁路", "永昌街", "云溪大道", "星湖路"]


def conll(path: Path, n: int = 80) -> Path:
    """Lines in which a town is named without its ending, which the grammar takes for a place of interest."""
    rng = random.Random(4)
    lines = []
    for _ in range(n):
        for said, label in (
            (rng.choice(TOWNS), "town"),
            (rng.choice(ROADS), "road"),
            (f"{rng.randint(1, 300)}号", "roadno"),
        ):
            lines += [f"{c} {'I' if at else 'B'}-{label}" for at, c in enumerate(said)]
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("address")
    train_address_model([conll(made / "train.conll")], made / "model", iterations=20)
    return made / "model"


def test_it_learns_a_town_without_ending(folder: Path) -> None:
    text = "海棠云溪大道77号"
    right = [Span(0, 2, "town"), Span(2, 6, "road"), Span(6, 9, "roadno")]
    assert parse(text) != right
    assert AddressModel(folder).parse(text) == right


def test_in_running_text_offsets_are_of_the_whole_text(folder: Path) -> None:
    text = "您好，海棠云溪大道77号，太吵了"
    spans = AddressParser(folder).parse(text)
    assert [text[span.start : span.end] for span in spans] == ["海棠", "云溪大道", "77号"]


@pytest.mark.parametrize("text", ["", "   ", "\n", "𠮷😀１２３", "，，"])
def test_odd_texts_are_read_without_complaint(folder: Path, text: str) -> None:
    for span in AddressModel(folder).parse(text):
        assert 0 <= span.start < span.end <= len(text)


def test_the_same_data_give_the_same_weights(folder: Path, tmp_path: Path) -> None:
    train_address_model([conll(tmp_path / "train.conll")], tmp_path / "again", iterations=20)
    first, second = (
        json.loads((one / "model.json").read_text("utf-8")) for one in (folder, tmp_path / "again")
    )
    assert first["data_sha256"] == second["data_sha256"]
    assert AddressModel(folder)._weights == AddressModel(tmp_path / "again")._weights


def test_a_folder_meddled_with_is_refused(tmp_path: Path) -> None:
    train_address_model([conll(tmp_path / "train.conll", 5)], tmp_path / "model", iterations=2)
    weights = tmp_path / "model" / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:-9] + b"\0" * 9)
    with pytest.raises(ModelError, match="校验值不符"):
        AddressModel(tmp_path / "model")


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="不是模型文件夹"):
        AddressModel(tmp_path)


def test_read_conll_folds_case_and_takes_tokens_of_several_characters(tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_text("东 B-subRoad\n路 I-subroad\n602 B-roadno\n号 I-roadno\n\n\n中 I-poi\n", encoding="utf-8")
    assert read_conll(file) == [
        ("东路602号", [Span(0, 2, "subroad"), Span(2, 6, "roadno")]),
        ("中", [Span(0, 1, "poi")]),
    ]


@pytest.mark.parametrize("line", ["路", "路 B-street", "路 X-road", "路 路 B-road"])
def test_read_conll_names_the_line_that_is_wrong(tmp_path: Path, line: str) -> None:
    file = tmp_path / "a.conll"
    file.write_text(f"东 B-road\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="第 2 行"):
        read_conll(file)


def test_an_empty_file_trains_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("\n", encoding="utf-8")
    with pytest.raises(ValueError, match="没有标注"):
        train_address_model([tmp_path / "a.conll"], tmp_path / "model")
    assert not (tmp_path / "model").exists()
