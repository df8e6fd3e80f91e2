"""An installation starts only when it is set up so that it may."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core import installation
from core.errors import SettingsError
from core.privacy import Vault, new_key
from core.settings import Settings, from_environment

GOOD = {
    "APP_ENV": "production",
    "SECRET_KEY": "kQ3v9-Zr7Lw2Xn5Tb8Yc1Md4Pf6Gh0Js-aUeIoRtVwXy",
    "FIELD_KEYS": "h1Yt8bYcPz2Rk0mWq5uVdN3sXe7gLfJ9aTiOoCvB4wE=",
    "BLIND_INDEX_KEY": "zX9cV4bN7mQ2wE5rT8yU1iO3pA6sD0fG-hJkLqWeRtY=",
    "DATABASE_URL": "postgresql://app@db/lexiang",
}


def settings(tmp_path: Path, **changes: str | None) -> Settings:
    """Production settings with changes; None leaves a variable out."""
    env = {**GOOD, "INSTANCE_PATH": str(tmp_path), **changes}
    return from_environment({name: value for name, value in env.items() if value is not None}, serving=True)


def test_production_starts_when_all_is_given(tmp_path: Path) -> None:
    made = settings(tmp_path)
    assert made.environment == "production"
    assert made.secure_cookies
    assert not made.is_demo
    assert made.secret_key == GOOD["SECRET_KEY"]
    assert list(tmp_path.iterdir()) == []  # no secret is made up beside those given


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY", "DATABASE_URL"])
@pytest.mark.parametrize("value", [None, ""])
def test_production_names_what_is_missing(tmp_path: Path, name: str, value: str | None) -> None:
    with pytest.raises(SettingsError, match=f"缺少设置：{name}。"):
        settings(tmp_path, **{name: value})


def test_production_names_everything_missing_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        from_environment({"APP_ENV": "production", "INSTANCE_PATH": str(tmp_path)})
    assert all(name in refused.value.detail for name in GOOD if name != "APP_ENV")


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY"])
@pytest.mark.parametrize(
    "value", ["secret", "changeme" * 8, "a" * 64, "0123456789" * 5, GOOD["SECRET_KEY"][:31]]
)
def test_production_refuses_weak_secrets(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"太短或太简单：{name}。.*keys new"):
        settings(tmp_path, **{name: value})


@pytest.mark.parametrize("second", ["short", "a" * 44, GOOD["SECRET_KEY"]])
def test_every_field_key_is_looked_at(tmp_path: Path, second: str) -> None:
    with pytest.raises(SettingsError, match="FIELD_KEYS"):
        settings(tmp_path, FIELD_KEYS=f"{GOOD['FIELD_KEYS']},{second}")


def test_field_keys_are_a_list(tmp_path: Path) -> None:
    keys = [new_key(), new_key()]
    made = settings(tmp_path, FIELD_KEYS=f" {keys[0]} , {keys[1]},")
    assert list(made.field_keys) == keys


def test_serving_without_saying_what_it_is(tmp_path: Path) -> None:
    env = {"INSTANCE_PATH": str(tmp_path)}
    with pytest.raises(SettingsError, match="没有设置 APP_ENV"):
        from_environment(env, serving=True)
    assert from_environment(env, serving=False).environment == "local"


@pytest.mark.parametrize("name", ["prod", "Production", "development", ""])
def test_unknown_environment(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="APP_ENV 只能是"):
        from_environment({"APP_ENV": name, "INSTANCE_PATH": str(tmp_path)}, serving=True)


@pytest.mark.parametrize("name", ["UPLOAD_LIMIT_MB", "IMPORT_LIMIT_MB", "SESSION_HOURS", "TRUSTED_PROXIES"])
@pytest.mark.parametrize("value", ["ten", "1.5", "-1"])
def test_numbers_are_numbers(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}.*{value}"):
        settings(tmp_path, **{name: value})


def test_insecure_cookies_only_when_asked(tmp_path: Path) -> None:
    assert not settings(tmp_path, INSECURE_COOKIES="1").secure_cookies
    assert settings(tmp_path, INSECURE_COOKIES="0").secure_cookies


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://u:p%40@h/d", "postgresql+psycopg://u:p%40@h/d"),
        ("postgresql://u@h/d?sslmode=require", "postgresql+psycopg://u@h/d?sslmode=require"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////srv/a.db", "sqlite:////srv/a.db"),
    ],
)
def test_database_urls(tmp_path: Path, given: str, read: str) -> None:
    assert settings(tmp_path, DATABASE_URL=given).database_url == read


def local(folder: Path) -> Settings:
    return from_environment({"INSTANCE_PATH": str(folder)})


def test_local_database_lies_in_the_instance_folder(tmp_path: Path) -> None:
    assert local(tmp_path).database_url == f"sqlite:///{tmp_path / 'lexiang.db'}"


def test_local_secrets_are_random_kept_and_private(tmp_path: Path) -> None:
    one, again, other = local(tmp_path / "a"), local(tmp_path / "a"), local(tmp_path / "b")
    assert one == again
    assert one.secret_key != other.secret_key
    assert one.field_keys != other.field_keys
    assert one.blind_index_key != other.blind_index_key
    Vault(list(one.field_keys), one.blind_index_key)  # they are usable keys
    kept = tmp_path / "a" / "secrets.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert one.secret_key == json.loads(kept.read_text())["SECRET_KEY"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["secrets.json"]


def test_processes_that_start_together_share_one_set_of_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: local(tmp_path / "new"), range(16)))
    assert len({one.field_keys for one in made}) == 1


def test_a_given_secret_goes_before_the_kept_one(tmp_path: Path) -> None:
    made = from_environment({"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": "given"})
    assert made.secret_key == "given"
    assert made.field_keys == local(tmp_path).field_keys


def test_production_refuses_demo_data(session: Session, tmp_path: Path) -> None:
    installation.set_fact(session, "demo", "1")
    key = installation.fact(session, "blind_index_key")
    with pytest.raises(SettingsError, match="演示数据"):
        installation.check(session, settings(tmp_path))
    session.rollback()
    assert installation.fact(session, "demo") is None
    assert installation.fact(session, "blind_index_key") == key


def test_another_blind_index_key_is_noticed(session: Session, tmp_path: Path) -> None:
    made = settings(tmp_path)
    installation.set_fact(session, "blind_index_key", installation.fingerprint(made.blind_index_key))
    installation.check(session, made)
    with pytest.raises(SettingsError, match="BLIND_INDEX_KEY 与建库时的不同"):
        installation.check(session, settings(tmp_path, BLIND_INDEX_KEY=new_key()))


def test_the_fingerprint_gives_the_key_away_in_no_part() -> None:
    key = new_key()
    told = installation.fingerprint(key)
    assert len(told) == 16
    assert told not in key
    assert told != installation.fingerprint(new_key())


@pytest.mark.parametrize("value", [",", " , "])
def test_a_list_without_a_key_is_none(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match="FIELD_KEYS"):
        settings(tmp_path, FIELD_KEYS=value)
