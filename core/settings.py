"""设置 Settings: read once from the environment, checked, and frozen.

``APP_ENV`` says what this installation is:

``production``  refuses to start unless every secret is given, and refuses a database that holds demo data;
``demo``        the demo community with published passwords, on loopback only, marked on every page;
``testing``     the test run;
unset           ``local``: the command line on an embedded database. Its secrets are random, made once and kept under
                the instance folder. A web server does not start in this mode: somebody has to say which it is.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import SettingsError
from core.privacy import Vault, VaultError, new_key

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("production", "demo", "testing", "local")
_SECRETS = ("SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation can set. ``field_keys`` are newest first, urlsafe base64, 32 bytes each."""

    environment: str
    database_url: str
    instance_path: Path
    secret_key: str
    field_keys: tuple[str, ...]
    blind_index_key: str
    secure_cookies: bool
    upload_limit_bytes: int
    import_limit_bytes: int
    rate_limit_storage: str
    session_hours: int
    trusted_proxies: int

    @property
    def is_demo(self) -> bool:
        return self.environment == "demo"

    @property
    def photo_folder(self) -> Path:
        return self.instance_path / "photos"

    @property
    def import_folder(self) -> Path:
        return self.instance_path / "imports"

    @property
    def model_folder(self) -> Path:
        return self.instance_path / "models"


def from_environment(env: Mapping[str, str] | None = None, *, serving: bool = False) -> Settings:
    """Read the settings.

    ``serving`` is true when a web server asks. Raises SettingsError naming everything that is missing or weak.
    """
    env = os.environ if env is None else env
    environment = env.get("APP_ENV", "local")
    if environment not in ENVIRONMENTS:
        raise SettingsError(f"APP_ENV 只能是 {'、'.join(ENVIRONMENTS[:3])}，现在是“{environment}”")
    if serving and environment == "local":
        raise SettingsError(
            "没有设置 APP_ENV：正式运行请设 APP_ENV=production 并给出密钥（见 docs/operations.md），试用请执行 make run"
        )
    instance = Path(env.get("INSTANCE_PATH") or ROOT / "instance").resolve()
    given = {name: env.get(name, "") for name in _SECRETS}
    if environment == "production":
        _refuse_weak(given, env)
    else:
        kept = _kept_secrets(instance)
        given = {name: given[name] or kept[name] for name in _SECRETS}
    return Settings(
        environment=environment,
        database_url=_database_url(env.get("DATABASE_URL", ""), instance),
        instance_path=instance,
        secret_key=given["SECRET_KEY"],
        field_keys=tuple(_keys(given["FIELD_KEYS"])),
        blind_index_key=given["BLIND_INDEX_KEY"],
        secure_cookies=environment == "production" and env.get("INSECURE_COOKIES") != "1",
        upload_limit_bytes=_whole(env, "UPLOAD_LIMIT_MB", 12) * 1024 * 1024,
        import_limit_bytes=_whole(env, "IMPORT_LIMIT_MB", 100) * 1024 * 1024,
        rate_limit_storage=env.get("RATE_LIMIT_STORAGE", "memory://"),
        session_hours=_whole(env, "SESSION_HOURS", 12),
        trusted_proxies=_whole(env, "TRUSTED_PROXIES", 0),
    )


def _keys(text: str) -> list[str]:
    return [key.strip() for key in text.split(",") if key.strip()]


def _whole(env: Mapping[str, str], name: str, otherwise: int) -> int:
    text = env.get(name) or str(otherwise)
    if not (text.isascii() and text.isdigit()):
        raise SettingsError(f"{name} 应是整数，现在是“{text}”")
    return int(text)


def _database_url(given: str, instance: Path) -> str:
    if not given:
        return f"sqlite:///{instance / 'lexiang.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given[len(prefix) :]
    return given


def _refuse_weak(given: Mapping[str, str], env: Mapping[str, str]) -> None:
    missing = [name for name, value in given.items() if not value]
    if not env.get("DATABASE_URL"):
        missing.append("DATABASE_URL")
    if missing:
        raise SettingsError(f"正式运行缺少设置：{'、'.join(missing)}。生成方法见 docs/operations.md")
    # each key of a list counts: an old one still opens what it closed
    weak = [
        name
        for name, value in given.items()
        for key in (_keys(value) if name == "FIELD_KEYS" else [value])
        if len(key) < 32 or len(set(key)) < 12
    ]
    if weak:
        raise SettingsError(f"密钥太短或太简单：{'、'.join(weak)}。请用 flask keys new 生成")
    try:
        Vault(_keys(given["FIELD_KEYS"]), given["BLIND_INDEX_KEY"])
    except VaultError as error:
        raise SettingsError(f"FIELD_KEYS 或 BLIND_INDEX_KEY 不能用：{error}") from error


def _kept_secrets(instance: Path) -> dict[str, str]:
    """Random secrets of a non-production installation, made once. They are never the same on two machines."""
    path = instance / "secrets.json"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_KEYS": new_key(),
            "BLIND_INDEX_KEY": new_key(),
        }
        handle, name = tempfile.mkstemp(
            dir=instance, prefix=".secrets."
        )  # for its owner's eyes from the start
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(made, file, indent=1)
            # fails where another process was first: all of them then read that one's
            with suppress(FileExistsError):
                os.link(name, path)
        finally:
            Path(name).unlink()
    return dict(json.loads(path.read_text(encoding="utf-8")))
