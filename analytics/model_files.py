"""模型文件 Model files: a classifier in a folder, as numbers and JSON only.

Loading executes nothing: arrays are read with ``allow_pickle=False``, the rest is JSON. The card carries the SHA-256
of the arrays and of itself, so that a folder half copied or meddled with is refused and not believed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
CARD = "model.json"
ARRAYS = "weights.npz"

Arrays = dict[str, NDArray[Any]]


class ModelError(Exception):
    """A model folder that cannot be used. The message is Chinese and says what to do."""


def _digest(card: dict[str, Any]) -> str:
    bare = {key: value for key, value in card.items() if key != "card_sha256"}
    return hashlib.sha256(json.dumps(bare, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _write(folder: Path, card: dict[str, Any], arrays: Arrays) -> None:
    with (folder / ARRAYS).open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    written = datetime.fromtimestamp(
        (folder / ARRAYS).stat().st_mtime, UTC
    )  # the file knows; we ask no clock
    whole = {
        "format": FORMAT,
        **card,
        "written_at": written.isoformat(timespec="seconds"),
        "weights_sha256": _sha256(folder / ARRAYS),
    }
    whole["card_sha256"] = _digest(whole)
    (folder / CARD).write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save(folder: Path, card: dict[str, Any], arrays: Arrays, *, replace: bool = True) -> None:
    """Write a model folder whole or not at all.

    It is built beside its place and then renamed. An earlier model folder there is replaced (or kept, with
    ``replace=False``: whoever came first has built the same). Raises ModelError when the place holds something that
    is no model, or cannot be written.
    """
    if folder.exists() and not (folder.is_dir() and (not any(folder.iterdir()) or (folder / CARD).is_file())):
        raise ModelError(f"“{folder}”已存在且不是模型文件夹，为免覆盖未写入；请换一个 --model 位置")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ModelError(
            f"无法写入模型文件夹“{folder}”（{error.strerror}）；请检查目录权限或换一个位置"
        ) from error
    try:
        _write(made, card, arrays)
        made.chmod(0o755)
        _put(made, folder, replace=replace)
    except OSError as error:
        raise ModelError(f"无法写入模型文件夹“{folder}”（{error.strerror}）；请检查磁盘空间与权限") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _put(made: Path, folder: Path, *, replace: bool) -> None:
    try:
        os.rename(made, folder)  # noqa: PTH104 - succeeds on an absent or empty folder only, in one step
    except OSError:
        if not replace:
            return
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        os.rename(folder, old)  # noqa: PTH104 - onto an empty folder, in one step
        try:
            os.rename(made, folder)  # noqa: PTH104
        except OSError:
            os.rename(old, folder)  # noqa: PTH104
            raise
        shutil.rmtree(old, ignore_errors=True)


def load(folder: Path) -> tuple[dict[str, Any], Arrays]:
    """Card and arrays of a model folder. Raises ModelError for anything but a whole, untouched model of our format."""
    again = "请重新运行 flask analytics train 生成"
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"“{folder}”不是模型文件夹（缺少 {CARD}）；请检查 --model 的位置") from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"模型说明“{folder / CARD}”读不出来；{again}") from error
    if not isinstance(card, dict) or "format" not in card:
        raise ModelError(f"“{folder / CARD}”不是模型说明；请检查 --model 的位置")
    if card["format"] != FORMAT:
        raise ModelError(f"模型“{folder}”的格式版本是 {card['format']}，本程序只读版本 {FORMAT}；{again}")
    if card.get("card_sha256") != _digest(card):
        raise ModelError(f"模型说明“{folder / CARD}”被改动过（校验值不符）；{again}")
    try:
        if card.get("weights_sha256") != _sha256(folder / ARRAYS):
            raise ModelError(f"模型权重“{folder / ARRAYS}”被改动或不完整（校验值不符）；{again}")
        with np.load(folder / ARRAYS, allow_pickle=False) as file:
            return card, {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"模型权重“{folder / ARRAYS}”读不出来；{again}") from error
