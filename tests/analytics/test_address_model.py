"""训练的地址模型: learns what the grammar cannot know, keeps offsets, refuses folders and files that are none."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from analytics.address import Span, parse
from analytics.address_model import AddressModel, read_conll, train_address_model
from analytics.address_parser import AddressParser
from analytics.model_files import ModelError, load, save

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


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of enough addresses for a second look, a tenth of them labelled otherwise."""
    made = tmp_path_factory.mktemp("judged")
    lines = conll(made / "train.conll", 330).read_text("utf-8").split("\n\n")
    for number in range(0, len(lines), 10):
        lines[number] = lines[number].replace("-town", "-poi")
    (made / "train.conll").write_text("\n\n".join(lines), encoding="utf-8")
    train_address_model([made / "train.conll"], made / "model", iterations=10)
    return made / "model"


def test_a_second_look_needs_enough_addresses(folder: Path, judged: Path) -> None:
    assert AddressModel(folder).card["judged"] is False
    assert AddressModel(judged).card["judged"] is True


def test_with_a_second_look_it_reads_what_it_learnt(judged: Path) -> None:
    text = "海棠云溪大道77号"
    right = [Span(0, 2, "town"), Span(2, 6, "road"), Span(6, 9, "roadno")]
    assert AddressModel(judged).parse(text) == right


def test_a_model_of_an_earlier_kind_is_to_be_trained_again(judged: Path, tmp_path: Path) -> None:
    card, arrays = load(judged)
    save(tmp_path / "old", card | {"kind": "address-crf-2"}, arrays)
    with pytest.raises(ModelError, match="旧版"):
        AddressModel(tmp_path / "old")


def test_weights_that_are_not_all_there_are_refused(judged: Path, tmp_path: Path) -> None:
    card, arrays = load(judged)
    del arrays["roots"]
    save(tmp_path / "part", card, arrays)
    with pytest.raises(ModelError, match="重新训练"):
        AddressModel(tmp_path / "part")


def test_a_text_as_long_as_no_address_is_read_all_the_same(judged: Path) -> None:
    text = "海棠云溪大道77号" * 80
    assert AddressModel(judged).line(text)


def test_it_learns_a_town_without_ending(folder: Path) -> None:
    text = "海棠云溪大道77号"
    right = [Span(0, 2, "town"), Span(2, 6, "road"), Span(6, 9, "roadno")]
    assert parse(text) != right
    assert AddressModel(folder).parse(text) == right


def test_in_running_text_offsets_are_of_the_whole_text(folder: Path) -> None:
    text = "您好，海棠云溪大道77号，太吵了"
    spans = AddressParser(folder).parse(text)
    assert [text[span.start : span.end] for span in spans] == ["海棠", "云溪大道", "77号"]


@pytest.mark.parametrize("text", ["", "   ", "\n", "𠮷😀１２３", "，，", "号", "\x00路"])
def test_odd_texts_are_read_without_complaint(folder: Path, judged: Path, text: str) -> None:
    for model in (folder, judged):
        at = 0
        for span in AddressModel(model).parse(text):
            assert at <= span.start < span.end <= len(text)
            at = span.end


def test_the_same_data_give_the_same_weights(folder: Path, tmp_path: Path) -> None:
    train_address_model([conll(tmp_path / "train.conll")], tmp_path / "again", iterations=20)
    first, second = (
        json.loads((one / "model.json").read_text("utf-8")) for one in (folder, tmp_path / "again")
    )
    assert first["data_sha256"] == second["data_sha256"]
    old, new = load(folder)[1], load(tmp_path / "again")[1]
    assert old.keys() == new.keys()
    assert all((old[name] == new[name]).all() for name in old)


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
