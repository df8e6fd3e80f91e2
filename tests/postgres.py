"""A private PostgreSQL for the test run: the system's own server in a temporary folder, on a unix socket only."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = "找不到 PostgreSQL 服务器程序（initdb）。Debian/Ubuntu：sudo apt-get install postgresql"


def _program(name: str) -> str:
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True) + [shutil.which(name) or ""]
    if not found[0]:
        raise RuntimeError(MISSING)
    return found[0]


def _as_postgres(command: list[str]) -> list[str]:
    """The server refuses to run as root; the package's own user runs it then."""
    if os.getuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "env", "HOME=/tmp", *command]


@contextmanager
def server() -> Iterator[str]:
    """Start a server, hand out the URL of its maintenance database, and stop it."""
    folder = Path(tempfile.mkdtemp(prefix="lexiang-pg-", dir="/tmp"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        _run([_program("initdb"), "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-U", "postgres",
              "-D", str(data)])  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        _run([_program("pg_ctl"), "-w", "-D", str(data), "-l", str(folder / "log"), "-o", options, "start"])
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _run([_program("pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> None:
    done = subprocess.run(_as_postgres(command), capture_output=True, text=True, cwd="/tmp", check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
