"""A real server for the browser: a process of its own on a free loopback port, with the demo's accounts."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.settings import ROOT

_MAKE_ACCOUNTS = """
from core.database import db
from core.installation import set_fact
from core.readiness import make_ready
from core.settings import from_environment
from hotline.demo_history import _staff
from wsgi import create_app
settings = from_environment()
app = create_app(settings)
make_ready(app, settings)
with app.app_context():
    set_fact(db.session, "demo", "browser test")
    _staff(db.session)
    db.session.commit()
"""


def chromium() -> str | None:
    """Where Chromium is, or None."""
    names = (
        os.environ.get("CHROMIUM"),
        "/usr/bin/chromium",
        shutil.which("chromium"),
        shutil.which("google-chrome"),
    )
    return next((name for name in names if name and Path(name).exists()), None)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Serve an empty demo installation from ``folder``; hands out its address."""
    (folder / "models").symlink_to(ROOT / "instance" / "models")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "APP_ENV": "demo", "INSTANCE_PATH": str(folder), "PYTHONPATH": str(ROOT)}
    env.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "-c", _MAKE_ACCOUNTS], env=env, cwd=ROOT, check=True)
    log = (folder / "server.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "wsgi:create_app()", "--bind", f"127.0.0.1:{port}",
         "--worker-class", "gthread", "--threads", "4", "--timeout", "120"],
        env=env, cwd=ROOT, stdout=log, stderr=log,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, folder / "server.log")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(120):
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"no answer from {address}\n{log.read_text()}")
