"""分类命令 ``flask analytics train | classify | evaluate | segment``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import click

from analytics.classifier import ComplaintClassifier, builtin_model, load_model
from analytics.cli.refusing import refusing
from analytics.evaluation import evaluate as all_figures
from analytics.features import Document
from analytics.taxonomy import SEPARATOR, top_of
from analytics.text import tokenise
from core.tables import Problem, Table, TableError, read_table, write_table

_BATCH = 1000  # rows in hand at once, however long the file
_TOKENS = "tokens"
_GUESSES = 3
_PATIENCE = 2.0  # seconds of silence before a terminal is told how far the work is

_Item = tuple[str, Document, str]  # id, text or words, label


def _watched(items: Iterable[Any], what: str, total: Callable[[], int] | None = None) -> Iterator[Any]:
    """The same items; after two seconds a terminal sees how many are done."""
    if not sys.stderr.isatty():
        yield from items
        return
    begun, shown, count = time.monotonic(), 0.0, -1
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - begun > _PATIENCE and now - shown > 0.2:
            if count < 0:
                count = total() if total else 0
            click.echo(f"\r{what} {done}{f'/{count}' if count else ''}", nl=False, err=True)
            shown = now
    if shown:
        click.echo(err=True)


def _text_column(table: Table, text: str) -> str:
    if text not in table.columns and _TOKENS in table.columns:
        return _TOKENS
    table.require(text)
    return text


def _items(table: Table, text: str, *, label: str = "", id_: str = "") -> Iterator[_Item]:
    """Rows as (id, document, label). Goes on after a bad row, so that all problems are told at once."""
    column = _text_column(table, text)
    table.require(*filter(None, (label, id_)))
    problems = []
    for row in table:
        value = row.values[column].strip()
        if label and not row.values[label].strip():
            problems.append(Problem(table.name, row.number, label, "没有标签", "请补上标签或删去这一行"))
        elif label and not value:
            problems.append(Problem(table.name, row.number, column, "没有内容", "请补上内容或删去这一行"))
        elif id_ and not row.values[id_].strip():
            problems.append(Problem(table.name, row.number, id_, "没有编号", "请补上编号"))
        else:
            document: Document = value.split() if column == _TOKENS else value
            yield row.values[id_] if id_ else "", document, row.values[label].strip() if label else ""
    if problems:
        raise TableError(problems)


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    run = iter(items)
    while batch := list(islice(run, _BATCH)):
        yield batch


def _model(place: str) -> ComplaintClassifier:
    return builtin_model() if place == "builtin" else load_model(place)


def _print(figures: dict[str, Any]) -> None:
    click.echo(json.dumps(figures, ensure_ascii=False, indent=2))


def _labelled_addresses(sources: tuple[str, ...]) -> bool:
    kinds = {Path(source).suffix == ".conll" for source in sources}
    if len(kinds) > 1:
        raise click.UsageError("地址标注（.conll）与工单表格不能一起训练，请分开")
    return kinds == {True}


_file = click.argument("source", metavar="IN", type=click.Path(path_type=str))
_text = click.option("--text", default="text", show_default=True, help="正文所在的列；没有它时用 tokens 列。")
_label = click.option("--label", default="label", show_default=True, help="标签所在的列。")
_id = click.option("--id", "id_", default="id", show_default=True, help="编号所在的列。")
_out = click.option("--out", required=True, help="写到这个文件（.csv 或 .xlsx），- 为标准输出。")
_which = click.option("--model", "place", required=True, help="模型文件夹，或 builtin（自带的冷启动模型）。")


@click.command()
@click.argument("sources", metavar="IN [IN …]", nargs=-1, required=True, type=click.Path(path_type=str))
@_text
@_label
@click.option("--model", "folder", required=True, type=click.Path(path_type=Path), help="写到这个文件夹。")
@refusing
def train(sources: tuple[str, ...], text: str, label: str, folder: Path) -> None:
    """用已分类的工单训练模型，打印交叉验证的成绩（JSON）。

    每行一件工单；正文在 --text 列，只有分词结果的文件用 tokens 列（空格分隔）；标签在 --label 列。
    近似重复的工单不会同时用来训练和检验。模型文件夹只含数字与 JSON，整体写成或完全不写。
    给 .conll（每行一个字和 BIO 标注）则训练地址模型，供 parse-address --model 使用。
    """
    if folder.name == "builtin":
        raise click.BadParameter("builtin 是自带模型的名字，请换一个", param_hint="--model")
    if _labelled_addresses(sources):
        from analytics.cli.addressing import train_addresses

        return _print(train_addresses(sources, folder))
    items: list[_Item] = []
    counts, problems = {}, []
    for source in sources:
        try:
            before = len(items)
            items.extend(_items(read_table(source), text, label=label))
            counts[Path(source).name] = len(items) - before
        except TableError as error:
            problems += error.problems
    if problems:
        raise TableError(problems)
    model = ComplaintClassifier(prefix=folder.name)
    labels = [label_ for _, _, label_ in items]
    try:
        model.fit(
            [document for _, document, _ in items],
            labels,
            progress=lambda folds: _watched(folds, "交叉验证", lambda: model.folds),
        )
    except ValueError as error:
        raise TableError([Problem("、".join(counts), None, label, str(error), "请补充数据")]) from error
    figures = all_figures(labels, model.unseen_ranked(_GUESSES))
    model.card_ |= {
        "sources": counts,
        "scores": {key: figures[key] for key in ("n", "accuracy", "macro_f1", "weighted_f1", "ece")},
        "versions": {name: version(name) for name in ("jieba", "rjieba", "numpy", "scipy", "scikit-learn")},
    }
    model.save(folder)
    return _print({"model": model.name, "folder": str(folder), "folds": model.folds, **figures})


@click.command()
@_file
@_which
@_out
@_id
@_text
@click.option("--level", type=click.Choice(["1", "2"]), help="1：只给一级分类；缺省为模型所学的分类。")
@refusing
def classify(source: str, place: str, out: str, id_: str, text: str, level: str | None) -> None:
    """给每件工单三个最可能的分类和把握，次序与输入相同。

    写出 id,label,confidence,label_2,confidence_2,label_3,confidence_3,model。
    """
    table = read_table(source)
    _text_column(table, text)
    table.require(id_)
    model = _model(place)

    def rows() -> Iterator[list[Any]]:
        for batch in _batches(_watched(_items(table, text, id_=id_), "分类", lambda: sum(1 for _ in table))):
            ranked = model.top(
                [document for _, document, _ in batch], _GUESSES, int(level) if level else None
            )
            for (order, _, _), guesses in zip(batch, ranked, strict=True):
                cells = [cell for name, sure in guesses for cell in (name, f"{sure:.4f}")]
                yield [order, *cells, *[""] * (2 * (_GUESSES - len(guesses))), model.name]

    numbered = ["label", "confidence", "label_2", "confidence_2", "label_3", "confidence_3"]
    write_table(out, ["id", *numbered, "model"], rows())


@click.command()
@_file
@_which
@_text
@_label
@click.option(
    "--coverage",
    type=click.FloatRange(0, 1, min_open=True),
    help="另给出：以这个准确率可以自动分类的工单占比，如 0.99。",
)
@refusing
def evaluate(source: str, place: str, text: str, label: str, coverage: float | None) -> None:
    """用已知分类的工单检验模型，打印成绩（JSON）。

    标签里没有“/”时按一级分类比较。给 .conll 则检验地址模型，打印逐类 F1。
    """
    if _labelled_addresses((source,)):
        from analytics.cli.addressing import evaluate_addresses

        return _print(evaluate_addresses(source, place))
    table = read_table(source)
    _text_column(table, text)
    table.require(label)
    model = _model(place)
    truth: list[str] = []
    ranked: list[list[tuple[str, float]]] = []
    flat = not any(SEPARATOR in name for name in model.classes_)
    items = list(_items(table, text, label=label))
    if not items:
        raise TableError([Problem(table.name, None, None, "没有可评估的行", "请检查文件内容")])
    truth = [name for _, _, name in items]
    level = 1 if flat or not any(SEPARATOR in name for name in truth) else 2
    if level == 1:
        truth = [top_of(name) for name in truth]
    for batch in _batches(_watched(items, "评估", lambda: len(items))):
        ranked += model.top([document for _, document, _ in batch], _GUESSES, level)
    return _print({"model": model.name, "level": level, **all_figures(truth, ranked, coverage)})


@click.command()
@_file
@_out
@_id
@_text
@refusing
def segment(source: str, out: str, id_: str, text: str) -> None:
    """分词：写出 id,tokens，词之间以空格分隔。"""
    table = read_table(source)
    table.require(id_, text)
    items = _watched(_items(table, text, id_=id_), "分词", lambda: sum(1 for _ in table))
    write_table(out, ["id", "tokens"], ([order, " ".join(tokenise(str(said)))] for order, said, _ in items))


commands = [train, classify, evaluate, segment]
