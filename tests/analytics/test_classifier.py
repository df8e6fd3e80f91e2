"""分类器: training, answering, explaining, keeping; the built-in model."""

from __future__ import annotations

import csv
import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from analytics import builtin, model_files
from analytics.calibration import coverage_at, expected_calibration_error, fit_sharpness, softmax
from analytics.classifier import ComplaintClassifier, ModelError, builtin_model, load_model, near_duplicates
from analytics.corpus import compose
from analytics.evaluation import evaluate
from analytics.taxonomy import categories, level1_names

_SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
PETITIONS = _SHARED / "petitions_labelled.csv"
TOPICS = {
    "城乡建设/供水": ("停水", "水压低", "自来水浑浊", "水管爆了"),
    "城乡建设/物业管理": ("物业费涨价", "保安不管", "保洁不扫", "物业态度差"),
    "交通运输/公交地铁": ("公交班次少", "司机不停车", "地铁几时开", "末班车太早"),
}


def _orders(each: int = 30) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(0)
    texts, labels = [], []
    for label, said in TOPICS.items():
        for n in range(each):
            a, b = rng.choice(said, 2)
            texts.append(f"{n}号来电：{a}，{b}，请处理")
            labels.append(label)
    return texts, labels


@pytest.fixture(scope="module")
def model() -> ComplaintClassifier:
    return ComplaintClassifier(prefix="试").fit(*_orders(), version="2026.11")


def test_probabilities_are_probabilities(model: ComplaintClassifier) -> None:
    texts = ["小区停水了", "", "😀", "13800000000", "bus stop", "停水" * 50_000]
    probabilities = model.predict_proba(texts)
    assert probabilities.shape == (6, 3)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert model.predict(["今天停水了"]) == ["城乡建设/供水"]
    assert model.predict_proba([]).shape == (0, 3)


def test_top_orders_and_level_one_sums(model: ComplaintClassifier) -> None:
    (second,) = model.top(["公交司机不停车"], k=3, level=2)
    assert second[0][0] == "交通运输/公交地铁"
    assert [p for _, p in second] == sorted((p for _, p in second), reverse=True)
    (first,) = model.top(["公交司机不停车"], k=3, level=1)
    assert {label for label, _ in first} == {"交通运输", "城乡建设"}
    both = dict(second)
    assert dict(first)["城乡建设"] == pytest.approx(both["城乡建设/供水"] + both["城乡建设/物业管理"])
    assert model.top([], k=3) == []


def test_words_in_place_of_text_answer_alike(model: ComplaintClassifier) -> None:
    (by_text,), (by_words,) = model.top(["停水水压低"], k=1), model.top([["停水", "水压", "低"]], k=1)
    assert by_text[0][0] == by_words[0][0]


def test_explaining_names_the_telling_words(model: ComplaintClassifier) -> None:
    words = model.explain("我家今天停水，请处理", "城乡建设/供水", k=2)
    assert words[0][0] == "停水"
    assert len(words) <= 2
    assert all(weight > 0 for _, weight in words)
    assert model.explain("我家今天停水", "城乡建设")[0][0] == "停水"
    assert model.explain("", "城乡建设/供水") == []
    with pytest.raises(KeyError, match="不认识"):
        model.explain("停水", "没有这个分类")


def test_training_is_repeatable_and_named_after_its_data(model: ComplaintClassifier) -> None:
    again = ComplaintClassifier(prefix="试").fit(*_orders(), version="2026.11")
    assert again.name == model.name
    assert model.name.startswith("试-2026.11-")
    assert np.array_equal(again.weights_, model.weights_)
    assert ComplaintClassifier(prefix="试").fit(*_orders(29), version="2026.11").name != model.name


@pytest.mark.parametrize(
    ("texts", "labels"), [(["停水"], []), (["停水", "停电"], ["供水", "供水"]), ([], [])]
)
def test_too_little_to_learn_from(texts: list[str], labels: list[str]) -> None:
    with pytest.raises(ValueError, match="标签"):
        ComplaintClassifier().fit(texts, labels)


@pytest.mark.parametrize("method", ["margin", "bayes"])
def test_two_labels_and_rare_ones(method: str) -> None:
    texts, labels = _orders(8)
    two = ComplaintClassifier(method=method, min_documents=1).fit(texts[:16], labels[:16])  # type: ignore[arg-type]
    assert two.predict(["停水", "物业保安不管"]) == ["城乡建设/供水", "城乡建设/物业管理"]
    rare = ComplaintClassifier(method=method, min_documents=1)  # type: ignore[arg-type]
    rare.fit([*texts, "快递丢了"], [*labels, "交通运输/快递邮政"])
    assert rare.predict(["快递丢了"]) == ["交通运输/快递邮政"]


def test_a_fold_that_sees_one_label_only_does_not_spoil_the_mixture() -> None:
    texts = [
        f"{n}号楼{what}" for n in range(12) for what in ("停水三天", "公交车太少")
    ]  # two groups of twins
    model = ComplaintClassifier(folds=2).fit(texts, ["供水", "公交"] * 12)
    assert model.weights_.shape[1] == 2  # nothing can be known from such folds, and nothing breaks
    assert np.allclose(model.predict_proba(["三天停水", "公交太少"]).sum(axis=1), 1)


def test_near_duplicates_stay_on_one_side_of_a_fold() -> None:
    letter = "尊敬的领导我们小区物业公司长期不管电梯故障频发请求查处严肃处理这家公司"
    groups = near_duplicates(
        [[letter[i : i + 2] for i in range(0, 36, 2)] + [tail] for tail in ("谢谢", "盼复")]
    )
    assert groups[0] == groups[1]
    assert len(set(near_duplicates([["停水"], ["停电"], [], []]).tolist())) == 4


def test_saving_and_loading_gives_the_same_answers(model: ComplaintClassifier, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    texts, _ = _orders(5)
    assert np.allclose(loaded.predict_proba(texts), model.predict_proba(texts))
    assert loaded.name == model.name
    assert loaded.explain(texts[0], "城乡建设/供水") == model.explain(texts[0], "城乡建设/供水")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m"]


def test_saving_replaces_a_model_but_nothing_else(model: ComplaintClassifier, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    model.save(tmp_path / "m")
    load_model(tmp_path / "m")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ModelError, match="不是模型文件夹"):
        model.save(tmp_path / "letters")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["letters", "m"]
    assert [p.name for p in (tmp_path / "letters").iterdir()] == ["mine.txt"]


def _edit_card(folder: Path, **changes: object) -> None:
    card = json.loads((folder / model_files.CARD).read_text(encoding="utf-8"))
    (folder / model_files.CARD).write_text(json.dumps(card | changes), encoding="utf-8")


def test_other_formats_and_meddled_folders_are_refused(model: ComplaintClassifier, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="不是模型文件夹"):
        load_model(tmp_path)
    good = tmp_path / "good"
    model.save(good)

    def broken(name: str) -> Path:
        return Path(shutil.copytree(good, tmp_path / name))

    _edit_card(broken("format"), format=99)
    with pytest.raises(ModelError, match=r"格式版本是 99.*重新运行"):
        load_model(tmp_path / "format")
    _edit_card(broken("card"), name="另一个")
    with pytest.raises(ModelError, match="改动"):
        load_model(tmp_path / "card")
    (broken("json") / model_files.CARD).write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="读不出来"):
        load_model(tmp_path / "json")
    weights = broken("weights") / model_files.ARRAYS
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(bytes(data))
    with pytest.raises(ModelError, match="校验值"):
        load_model(tmp_path / "weights")
    (broken("gone") / model_files.ARRAYS).unlink()
    with pytest.raises(ModelError, match="读不出来"):
        load_model(tmp_path / "gone")


def test_no_pickle_is_ever_read(model: ComplaintClassifier, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    model.save(folder)
    card = json.loads((folder / model_files.CARD).read_text(encoding="utf-8"))
    with (folder / model_files.ARRAYS).open("wb") as file:
        np.savez(file, weights=np.array([{"a": 1}], dtype=object))
    card["weights_sha256"] = model_files._sha256(folder / model_files.ARRAYS)
    card["card_sha256"] = model_files._digest(card)
    (folder / model_files.CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ModelError):
        load_model(folder)


def test_alone_only_where_enough_unseen_orders_bear_it_out(tmp_path: Path) -> None:
    many = ComplaintClassifier(prefix="多").fit(*_orders(60), groups=range(180))
    unseen, labels = many.unseen_, _orders(60)[1]
    answered = unseen.max(axis=1) >= many.alone_from
    right = np.array(many.classes_)[unseen.argmax(axis=1)] == np.array(labels)
    assert answered.sum() >= 100
    assert right[answered].mean() >= 0.99
    many.save(tmp_path / "m")
    assert load_model(tmp_path / "m").alone_from == many.alone_from
    assert ComplaintClassifier().fit(*_orders(20)).alone_from == float("inf")


# Calibration and figures


def test_sharpness_is_found_again() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(4000, 4))
    probabilities = softmax(scores, 2.5)
    truth = np.array([rng.choice(4, p=p) for p in probabilities])
    assert fit_sharpness(scores, truth) == pytest.approx(2.5, rel=0.1)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    assert expected_calibration_error(confidence, right) < 0.03
    assert expected_calibration_error(np.ones(4), np.zeros(4, dtype=bool)) == 1.0
    assert expected_calibration_error(np.empty(0), np.empty(0, dtype=bool)) == 0.0


def test_coverage_takes_equal_confidences_together() -> None:
    confidence = np.array([0.9, 0.8, 0.8, 0.5])
    assert coverage_at(confidence, np.array([True, True, False, True]), 1.0) == (0.25, 0.9)
    assert coverage_at(confidence, np.array([True, True, False, True]), 0.75) == (1.0, 0.5)
    assert coverage_at(confidence, np.zeros(4, dtype=bool), 0.5) == (0.0, 1.0)


def test_figures_against_a_table_worked_by_hand() -> None:
    ranked = [
        [("甲", 0.9), ("乙", 0.1)],
        [("乙", 0.8), ("甲", 0.2)],
        [("丙", 0.6), ("乙", 0.4)],
        [("甲", 0.7)],
    ]
    figures = evaluate(["甲", "乙", "乙", "乙"], ranked, coverage=1.0)
    assert figures["accuracy"] == 0.5
    assert figures["per_class"]["甲"] == {
        "precision": 0.5,
        "recall": 1.0,
        "f1": pytest.approx(2 / 3),
        "support": 1,
    }
    assert figures["per_class"]["乙"]["f1"] == pytest.approx(0.5)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 0.5) / 2)
    assert figures["weighted_f1"] == pytest.approx((2 / 3 + 3 * 0.5) / 4)
    assert figures["top3_accuracy"] == 0.75
    assert figures["confusion"] == {"乙": {"乙": 1, "丙": 1, "甲": 1}, "甲": {"甲": 1}}
    assert figures["coverage"] == {"precision": 1.0, "share": 0.5, "threshold": 0.8}
    with pytest.raises(ValueError, match="没有可评估"):
        evaluate([], [])


# The built-in model, from a corpus kept small


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(builtin, "PER_CATEGORY", 10)
    monkeypatch.setattr(builtin, "FEATURES", 20_000)
    builtin._builtin.cache_clear()
    yield
    builtin._builtin.cache_clear()


@pytest.mark.usefixtures("small")
def test_builtin_is_trained_once_and_knows_every_category(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = builtin_model(tmp_path)
    assert first.classes_ == sorted(c.path for c in categories())
    assert first.name.startswith("builtin-2026.11-")
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("builtin-")
    builtin._builtin.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(builtin, "train_builtin", lambda: pytest.fail("trained again"))
        again = builtin_model(tmp_path)
    assert again.name == first.name
    (tops,) = again.top(["家里停水三天了，自来水公司没人管"], k=20, level=1)
    assert {label for label, _ in tops} == set(level1_names())
    assert again.top(["家里停水三天了，自来水公司没人管"])[0][0][0] == "城乡建设/供水"
    builtin._builtin.cache_clear()
    (folder / model_files.ARRAYS).write_bytes(b"half")  # a crash, or somebody's hand
    assert builtin_model(tmp_path).name == first.name
    load_model(folder)


@pytest.mark.usefixtures("small")
def test_two_builders_at_once_leave_one_whole_model(tmp_path: Path) -> None:
    built: list[str] = []
    threads = [
        threading.Thread(target=lambda: built.append(builtin._builtin.__wrapped__(tmp_path).name))
        for _ in "12"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 2
    (folder,) = tmp_path.iterdir()
    assert load_model(folder).name == built[0] == built[1]


@pytest.mark.usefixtures("small")
def test_builtin_answers_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(private))
    model = builtin_model(tmp_path / "a file" / "models")
    assert model.predict(["公交车等了一个小时不来"]) == ["交通运输/公交地铁"]
    (kept,) = private.glob("tongde-models-*/builtin-*")
    assert load_model(kept).name == model.name


def test_corpus_halves_tell_how_well_unseen_phrases_are_read() -> None:
    examples = [e for e in compose(40) if e.label.startswith(("教育文体", "交通运输"))]
    model = ComplaintClassifier(method="bayes", folds=2, min_documents=1)
    model.fit([e.text for e in examples], [e.label for e in examples], [e.half for e in examples])
    first = [ranked[0][0].split("/")[0] for ranked in model.unseen_ranked(level=1)]
    right = np.mean([guess == e.label.split("/")[0] for guess, e in zip(first, examples, strict=True)])
    assert right > 0.85


@pytest.mark.skipif(not PETITIONS.is_file(), reason="SHARED_DATA 中没有真实信访数据")
def test_the_cold_start_model_reads_real_petitions() -> None:
    with PETITIONS.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))[::4]
    figures = evaluate(
        [row["label"] for row in rows], builtin.train_builtin().top([r["text"] for r in rows], level=1)
    )
    assert figures["macro_f1"] > 0.75
    assert figures["top3_accuracy"] > 0.93
    assert figures["ece"] < 0.2
