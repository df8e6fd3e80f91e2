"""The ground floor's command line: accounts, keys, doctor, backup and restore; what it prints and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from core import staff as accounts
from core.audit import AuditEntry
from core.database import db
from core.privacy import Vault, new_key
from core.settings import ROOT, Settings
from hotline.models import WorkOrder
from tests.factories import PASSWORD, UNIT, Factory


def run(app: Flask, *arguments: str, typed: str | None = None) -> Result:
    """Run a flask command; only a deliberate exit is not a test failure."""
    result = app.test_cli_runner().invoke(args=list(arguments), input=typed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def audited(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.action, row.subject, row.actor_role) for row in rows]


# --- staff


def test_staff_from_first_to_last(app: Flask) -> None:
    added = run(app, "staff", "add", "Wang.Wu", "--name", "王五", "--role", "unit_clerk", "--unit", UNIT)
    assert added.exit_code == 0
    first = re.fullmatch(r"wang\.wu\t承办单位经办\t初始密码 (\S+)\n", added.output)
    assert first
    with app.app_context():
        person = accounts.sign_in(db.session, "wang.wu", first[1])
        assert person.must_change_password
        assert person.unit is not None
        assert person.unit.code == UNIT
        db.session.commit()
    reset = run(app, "staff", "reset", "wang.wu")
    second = re.fullmatch(r"wang\.wu\t新密码 (\S+)\n", reset.output)
    assert second
    assert second[1] != first[1]
    assert run(app, "staff", "disable", "wang.wu").output == "wang.wu 已停用\n"
    (line,) = run(app, "staff", "list").output.splitlines()
    assert line.split("\t")[:3] == ["wang.wu", "王五", "承办单位经办"]
    assert "停用" in line
    assert audited(app) == [
        (f"staff.{what}", "staff:wang.wu", "system") for what in ("add", "reset", "disable")
    ]
    with app.app_context():  # no password is written down
        details = [str(row.detail) for row in db.session.scalars(select(AuditEntry))]
        assert not any(first[1] in detail or second[1] in detail for detail in details)


STAFF_REFUSALS = (
    (["add", "wang"], 2, "--name"),
    (["add", "wang", "--name", "王", "--role", "king"], 2, "king"),
    (["add", "w", "--name", "王", "--role", "auditor"], 1, "账号用"),
    (["add", "wang", "--name", "王", "--role", "unit_lead"], 1, "必须属于一个承办单位"),
    (["add", "wang", "--name", "王", "--role", "unit_lead", "--unit", "NONE"], 1, "没有代码为“NONE”的单位"),
    (["reset", "nobody"], 1, "没有账号“nobody”"),
    (["disable", "nobody"], 1, "没有账号“nobody”"),
)


def test_staff_refusals(app: Flask) -> None:
    for arguments, code, words in STAFF_REFUSALS:
        result = run(app, "staff", *arguments)
        assert (result.exit_code, result.stdout) == (code, ""), arguments
        assert words in result.stderr
    assert run(app, "staff", "list").output == ""
    assert audited(app) == []


# --- keys


def test_keys_new(app: Flask) -> None:
    one, two = (run(app, "keys", "new").output.strip() for _ in range(2))
    assert one != two
    Vault([one], two)


def test_keys_rotate(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        Factory(app).order(name="王小明", phone="13812345678")
    settings: Settings = app.extensions["settings"]
    fresh = new_key()
    with monkeypatch.context() as patch:
        both = Vault([fresh, *settings.field_keys], settings.blind_index_key)
        patch.setitem(app.extensions, "vault", both)
        result = run(app, "keys", "rotate")
        again = run(app, "keys", "rotate")
    assert (result.exit_code, result.output) == (0, "已重新加密 2 个字段\n")
    assert again.output == "已重新加密 0 个字段\n"
    with app.app_context():
        order = db.session.scalars(select(WorkOrder)).one()
        only = Vault([fresh], settings.blind_index_key)
        assert only.decrypt(order.complainant_phone or "", "phone") == "13812345678"
    assert audited(app)[0] == ("keys.rotate", "fields", "system")


# --- doctor


def test_doctor(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    well = run(app, "doctor")
    for title in ("数据库", "数据库版本", "密钥", "磁盘", "时钟"):
        assert f"✓ {title}\n" in well.output
    blocked = tmp_path / "a file where a folder should be"
    blocked.write_text("")
    ill = replace(
        app.extensions["settings"], instance_path=blocked, environment="production", secure_cookies=False
    )
    monkeypatch.setitem(app.extensions, "settings", ill)
    result = run(app, "doctor")
    assert result.exit_code == 1
    assert "✗ 磁盘\n" in result.output
    assert "INSTANCE_PATH" in result.output
    assert "✗ 密钥\n" in result.output
    assert "✓ 数据库\n" in result.output


# --- backup and restore


def test_backup_and_restore(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        number = Factory(app).order(text="备份之前的诉求，路灯坏了三天").number
    file = tmp_path / "b.tar.gz"
    made = run(app, "backup", str(file))
    assert made.exit_code == 0
    assert re.search(r"sha256 [0-9a-f]{64}\n", made.output)
    with app.app_context():
        Factory(app).order(text="备份之后的诉求，不应留下来")
    refused = run(app, "restore", str(file), typed="n\n")
    assert refused.exit_code == 1
    assert _numbers(app) != [number]
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    result = run(app, "restore", str(broken), "--yes")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "没有恢复任何内容" in result.stderr
    assert _numbers(app) != [number]
    assert run(app, "restore", str(file), "--yes").output == "已恢复\n"
    assert _numbers(app) == [number]
    assert run(app, "restore", str(tmp_path / "none")).exit_code == 2


def _numbers(app: Flask) -> list[str]:
    with app.app_context():
        numbers = list(db.session.scalars(select(WorkOrder.number)))
        db.session.remove()
        return numbers


# --- as an operator types it


def flask(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, in an instance folder of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in ("APP_ENV", "DATABASE_URL")}
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env=kept | {"INSTANCE_PATH": str(folder)} | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_fresh_installation_makes_its_own_database(tmp_path: Path) -> None:
    added = flask(tmp_path, "staff", "add", "boss", "--name", "管理员", "--role", "administrator")
    assert added.returncode == 0, added.stderr
    assert "初始密码" in added.stdout
    assert {"lexiang.db", "secrets.json"} <= {path.name for path in tmp_path.iterdir()}


def test_production_without_settings_says_what_is_missing(tmp_path: Path) -> None:
    result = flask(tmp_path, "staff", "list", APP_ENV="production")
    assert result.returncode != 0
    assert "SECRET_KEY" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_password_of_the_tests_is_no_weak_one() -> None:
    accounts.hash_password(PASSWORD)
