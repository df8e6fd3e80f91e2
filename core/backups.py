"""备份 Backups: a tar of the database's own consistent dump, the photos, and a manifest with every part's digest.

SQLite is copied with its online backup; PostgreSQL with ``pg_dump`` (a custom-format archive made in one snapshot).
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from core import clock, readiness
from core.errors import RuleError
from core.files import sha256_of
from core.settings import Settings

MANIFEST = "manifest.json"


class BackupError(RuleError):
    """A backup could not be made or does not hold."""

    default_code = "backup"


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written: bytes and digest of the whole file."""

    size: int
    sha256: str


def backup(engine: Engine, settings: Settings, target: Path) -> Backup:
    """Write a backup; the file appears whole or not at all, for its owner's eyes. Raises BackupError."""
    if not target.resolve().parent.is_dir():
        raise BackupError(f"没有文件夹 {target.resolve().parent}，请先建好")
    with tempfile.TemporaryDirectory(dir=target.resolve().parent, prefix=".backup-") as folder:
        work = Path(folder)
        dump = work / "database"
        (_dump_sqlite if engine.dialect.name == "sqlite" else _dump_postgresql)(engine, dump)
        parts = {"database": dump}
        for photo in sorted(settings.photo_folder.rglob("*")) if settings.photo_folder.exists() else []:
            if photo.is_file():
                parts[f"photos/{photo.relative_to(settings.photo_folder)}"] = photo
        manifest = {
            "made_at": clock.now().isoformat(),
            "dialect": engine.dialect.name,
            "migration": readiness.current(engine),
            "parts": {name: sha256_of(path) for name, path in parts.items()},
        }
        (work / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        whole = work / "whole.tar.gz"
        with tarfile.open(whole, "w:gz") as tar:
            tar.add(work / MANIFEST, MANIFEST)
            for name, path in parts.items():
                tar.add(path, name)
        whole.chmod(0o600)
        whole.replace(target)
    return Backup(target.stat().st_size, sha256_of(target))


def restore(engine: Engine, settings: Settings, source: Path) -> None:
    """Replace the database and the photos. Raises BackupError, having changed nothing, when a part does not hold."""
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.instance_path, prefix=".restore-") as folder:
        work = Path(folder)
        try:
            with tarfile.open(source, "r:gz") as tar:
                _unpack(tar, work)
            manifest = json.loads((work / MANIFEST).read_text(encoding="utf-8"))
            dialect, parts = str(manifest["dialect"]), dict(manifest["parts"])
        except (tarfile.TarError, zlib.error, OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise BackupError(f"{source.name} 不是完整的备份文件，没有恢复任何内容") from error
        there = {str(path.relative_to(work)) for path in work.rglob("*") if path.is_file()}
        for name in sorted({"database"} | there | set(parts)):
            if name != MANIFEST and (name not in there or sha256_of(work / name) != parts.get(name)):
                raise BackupError(f"备份里的 {name} 与校验值不符，没有恢复任何内容")
        if dialect != engine.dialect.name:
            raise BackupError(f"这是 {dialect} 的备份，现在的数据库是 {engine.dialect.name}，不能恢复")
        # photos first: one more of them harms nothing should the database refuse
        if (work / "photos").exists():
            shutil.copytree(work / "photos", settings.photo_folder, dirs_exist_ok=True)
        (_load_sqlite if engine.dialect.name == "sqlite" else _load_postgresql)(engine, work / "database")
        _drop_other_photos(settings.photo_folder, parts)


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    """Plain files below ``folder`` and nothing else: a backup may have passed through other hands.

    Not by ``extractall(filter=…)``, which Python 3.11 has only since its fourth patch.
    """
    for member in tar:
        target = (folder / member.name).resolve()
        content = tar.extractfile(member) if member.isreg() else None
        if content is None or not target.is_relative_to(folder.resolve()):
            raise tarfile.TarError(f"unexpected member {member.name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _drop_other_photos(folder: Path, parts: Container[str]) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and f"photos/{path.relative_to(folder)}" not in parts:
            path.unlink()


def _dump_sqlite(engine: Engine, target: Path) -> None:
    source = sqlite3.connect(str(engine.url.database))
    copy = sqlite3.connect(target)
    with source, copy:
        source.backup(copy)
    source.close()
    copy.close()


def _load_sqlite(engine: Engine, dump: Path) -> None:
    engine.dispose()
    source = sqlite3.connect(dump)
    target = sqlite3.connect(str(engine.url.database))
    with source, target:
        source.backup(target)
    source.close()
    target.close()


def _dump_postgresql(engine: Engine, target: Path) -> None:
    _run(["pg_dump", "--format=custom", f"--file={target}", _plain_url(engine)], engine)


def _load_postgresql(engine: Engine, dump: Path) -> None:
    engine.dispose()
    # one transaction: either all of the backup is there afterwards or none of it
    _run(["pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction",
          f"--dbname={_plain_url(engine)}", str(dump)], engine)  # fmt: skip


def _plain_url(engine: Engine) -> str:
    """Without the password, which every user of the machine could read in the list of processes."""
    plain = engine.url.set(drivername="postgresql")._replace(password=None)
    return plain.render_as_string(hide_password=False)


def _run(command: list[str], engine: Engine) -> None:
    if shutil.which(command[0]) is None:
        raise BackupError(
            f"找不到 {command[0]}：请安装 PostgreSQL 客户端（Debian：apt-get install postgresql-client）"
        )
    password = {"PGPASSWORD": str(engine.url.password)} if engine.url.password else {}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | password)  # noqa: S603 - fixed program, no shell
    if done.returncode:
        raise BackupError(
            f"{command[0]} 失败：{done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode}"
        )
