"""文件 Files: what is written appears whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def whole_file(path: str | Path, mode: str = "wb", **options: Any) -> Iterator[IO[Any]]:
    """A handle whose content takes the place of ``path`` when the block ends well, and vanishes when it does not."""
    target = Path(path)
    if target.exists() and not target.is_file() and not target.is_dir():
        # a device or a pipe is written to: replacing /dev/stdout by a file would harm the whole machine
        with target.open(mode, **options) as file:
            yield file
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    kept = False
    try:
        with os.fdopen(handle, mode, **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(target)
        kept = True
    finally:
        if not kept:
            Path(name).unlink(missing_ok=True)


def write_whole(path: str | Path, data: bytes | str) -> None:
    """Write a file in one step; text is UTF-8."""
    with whole_file(path) as file:
        file.write(data.encode() if isinstance(data, str) else data)


def sha256_of(path: str | Path) -> str:
    """Digest of a file's content, in hex."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
