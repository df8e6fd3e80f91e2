"""应用 Application: settings, extensions, blueprints, error translation and the command line, put together.

``gunicorn 'wsgi:create_app()'`` serves it; ``flask`` finds it unaided.
"""

from __future__ import annotations

import click
from apiflask import APIFlask
from flask import Flask, Response
from flask.cli import NoAppException
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from analytics.cli import analytics
from community import api as community_api
from core import access, commands, database, problems, readiness
from core.console import frame
from core.database import db
from core.errors import SettingsError
from core.privacy import Vault
from core.settings import ROOT, Settings, from_environment
from hotline import commands as hotline_commands
from hotline import console as hotline_console
from hotline import registration

# everything a page needs comes from this server: a government intranet reaches no other
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Raises core.errors.SettingsError when the settings do not allow a start."""
    on_command_line = click.get_current_context(silent=True) is not None
    try:
        settings = settings or from_environment(serving=not on_command_line)
    except SettingsError as error:
        if on_command_line:
            raise NoAppException(error.detail) from error  # a line instead of a traceback
        raise
    app = APIFlask(
        __name__,
        title="乐享同德 居民接口",
        version="1.0",
        docs_path=None,  # the library's pages load from other hosts; ours is community.api's
        spec_path="/api/openapi.json",
        static_folder="",
        instance_path=str(settings.instance_path),
    )
    _configure(app, settings)
    _extend(app, settings)
    community_api.install(app)
    frame.install(app)
    hotline_console.install(app)
    problems.install(app)
    access.install(app)
    app.after_request(_headers)
    for group in (analytics, *commands.GROUPS, *hotline_commands.GROUPS):
        app.cli.add_command(group)
    registration.install()
    readiness.install(app, settings, on_command_line=on_command_line)
    if not on_command_line and settings.environment != "testing":
        registration.warm_in_background(app)
    return app


def _configure(app: APIFlask, settings: Settings) -> None:
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    engine = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={} if settings.database_url.startswith("sqlite") else engine,
        TESTING=settings.environment == "testing",
        MAX_CONTENT_LENGTH=settings.import_limit_bytes + 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_NAME="__Host-lexiang" if settings.secure_cookies else "lexiang",
        PERMANENT_SESSION_LIFETIME=settings.session_hours * 3600,
        WTF_CSRF_TIME_LIMIT=settings.session_hours * 3600,
        BOOTSTRAP_SERVE_LOCAL=True,
        RATELIMIT_STORAGE_URI=settings.rate_limit_storage,
        RATELIMIT_ENABLED=settings.environment != "testing",
        JSON_AS_ASCII=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["settings"] = settings
    app.extensions["vault"] = Vault(list(settings.field_keys), settings.blind_index_key)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1)  # type: ignore[method-assign]


def _extend(app: APIFlask, settings: Settings) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    with app.app_context():
        database.prepare_engine(db.engine)
    Bootstrap5(app)
    app.extensions["csrf"] = CSRFProtect(app)
    app.extensions["limiter"] = Limiter(get_remote_address, app=app)


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "DENY"
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
