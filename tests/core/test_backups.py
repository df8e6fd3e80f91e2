"""A backup brings everything back, and one that does not hold changes nothing."""

from __future__ import annotations

import io
import json
import re
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import MetaData, select
from sqlalchemy.engine import make_url

from core import backups
from core.backups import MANIFEST, BackupError
from core.database import db
from core.files import sha256_of
from core.photos import PhotoStore, clean_photo
from core.settings import Settings
from hotline.models import WorkOrder
from tests.factories import Factory

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def settings(app: Flask) -> Settings:
    made: Settings = app.extensions["settings"]
    for path in made.photo_folder.rglob("*.jpg"):
        path.unlink()
    return made


def everything(settings: Settings) -> tuple[Rows, dict[str, str]]:
    """Every row of every table and the digest of every photo; no transaction is left open."""
    found: Rows = {}
    tables = MetaData()
    tables.reflect(db.engine)
    with db.engine.connect() as connection:
        for table in tables.sorted_tables:
            rows = connection.execute(select(table)).all()
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    photos = {str(path): sha256_of(path) for path in settings.photo_folder.rglob("*") if path.is_file()}
    return found, photos


def photo(colour: str) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def made(make: Factory, settings: Settings, tmp_path: Path) -> Path:
    """A backup of a few orders and a photo, after which all was changed."""
    store = PhotoStore(settings.photo_folder)
    for number in range(3):
        make.order_at("REPLIED", name="王小明", phone="13812345678", text=f"第 {number} 处路灯坏了三天")
    store.put(clean_photo(photo("red")))
    db.session.remove()
    path = tmp_path / "backup.tar.gz"
    done = backups.backup(db.engine, settings, path)
    assert (done.size, done.sha256) == (path.stat().st_size, sha256_of(path))
    return path


def change(make: Factory, settings: Settings) -> None:
    make.order(text="备份之后才来的诉求，不应该留下")
    db.session.query(WorkOrder).filter(WorkOrder.id == 1).one().title = "改过了"
    db.session.commit()
    db.session.remove()
    store = PhotoStore(settings.photo_folder)
    store.delete(clean_photo(photo("red")).sha256)
    store.put(clean_photo(photo("blue")))


def test_brings_back_the_same_rows_and_photos(
    make: Factory, settings: Settings, tmp_path: Path, made: Path
) -> None:
    before = everything(settings)
    assert len(before[1]) == 1
    change(make, settings)
    assert everything(settings) != before
    backups.restore(db.engine, settings, made)
    assert everything(settings) == before
    make.order(text="恢复之后照常受理新的诉求")  # the counters go on where they were
    db.session.remove()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [made.name]
    assert not list(settings.instance_path.glob(".restore-*"))


def _rewritten(
    source: Path, change_: Callable[[str, bytes], bytes | None], add: dict[str, bytes] | None = None
) -> Path:
    target = source.with_name("altered.tar.gz")
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        parts = {item.name: old.extractfile(item).read() for item in old if item.isfile()}  # type: ignore[union-attr]
        for name, data in {**parts, **(add or {})}.items():
            changed = change_(name, data)
            if changed is not None:
                info = tarfile.TarInfo(name)
                info.size = len(changed)
                new.addfile(info, io.BytesIO(changed))
    return target


def _other_dialect(name: str, data: bytes) -> bytes:
    if name != MANIFEST:
        return data
    told = json.loads(data)
    return json.dumps(told | {"dialect": "oracle"}).encode()


def _flipped(name: str, data: bytes) -> bytes:
    middle = len(data) // 2
    return data if name != "database" else data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def test_what_does_not_hold_changes_nothing(
    make: Factory, settings: Settings, tmp_path: Path, made: Path
) -> None:
    change(make, settings)
    before = everything(settings)
    data = made.read_bytes()
    bad: list[tuple[str, Path]] = []
    for name, content in {
        "empty": b"",
        "half": data[: len(data) // 2],
        "cut": data[: len(data) * 9 // 10],
        "text": "这不是备份".encode(),
        "middle": data[: len(data) // 2] + bytes(64) + data[len(data) // 2 + 64 :],
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        bad.append(("没有恢复任何内容", path))
    for words, changing, add in [
        ("database 与校验值不符", _flipped, {}),
        ("database 与校验值不符", lambda name, data: None if name == "database" else data, {}),
        ("没有恢复任何内容", lambda name, data: None if name == MANIFEST else data, {}),
        ("没有恢复任何内容", lambda name, data: b"{}" if name == MANIFEST else data, {}),
        ("没有恢复任何内容", lambda name, data: b"[1]" if name == MANIFEST else data, {}),
        ("photos/.*与校验值不符", lambda name, data: data + b"x" if name.startswith("photos/") else data, {}),
        ("photos/aa/x.jpg 与校验值不符", lambda name, data: data, {"photos/aa/x.jpg": b"smuggled in"}),
        ("没有恢复任何内容", lambda name, data: data, {"../outside": b"x"}),
        ("这是 oracle 的备份", _other_dialect, {}),
    ]:
        path = _rewritten(made, changing, add)
        bad.append((words, path.rename(tmp_path / f"altered{len(bad)}")))
    for words, path in bad:
        try:
            backups.restore(db.engine, settings, path)
        except BackupError as told:
            assert re.search(words, told.detail), path.name
        else:
            pytest.fail(f"{path.name} was restored")
        assert everything(settings) == before, path.name
    assert not (settings.instance_path / "outside").exists()
    assert not list(settings.instance_path.glob(".restore-*"))


def test_no_folder_to_write_to(context: Flask, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="没有文件夹"):
        backups.backup(db.engine, settings, tmp_path / "none" / "b.tar.gz")


def test_no_client_programs(
    context: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "postgresql":
        return
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="postgresql-client"):
        backups.backup(db.engine, settings, tmp_path / "b.tar.gz")
    assert list(tmp_path.iterdir()) == []


def test_the_password_is_on_no_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Engine:
        url = make_url("postgresql+psycopg://app:s3cret@db.example:5433/lexiang?sslmode=require")

    seen: list[tuple[list[str], dict[str, str]]] = []

    class Done:
        returncode = 0

    def run(command: list[str], *, env: dict[str, str], **_: object) -> Done:
        seen.append((command, env))
        return Done()

    monkeypatch.setattr(backups.subprocess, "run", run)
    monkeypatch.setattr(backups.shutil, "which", lambda name: name)
    backups._dump_postgresql(Engine(), tmp_path / "d")  # type: ignore[arg-type]
    ((command, env),) = seen
    assert "s3cret" not in " ".join(command)
    assert command[-1] == "postgresql://app@db.example:5433/lexiang?sslmode=require"
    assert env["PGPASSWORD"] == "s3cret"
