"""A file appears whole or not at all."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from core.files import sha256_of, whole_file, write_whole


def test_writes_text_and_bytes(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b.txt", "诉求\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "诉求\n".encode()
    write_whole(str(tmp_path / "c.bin"), b"\x00\xff")
    assert (tmp_path / "c.bin").read_bytes() == b"\x00\xff"


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "report.docx"
    write_whole(target, b"old")
    with pytest.raises(RuntimeError), whole_file(target) as file:
        file.write(b"half of the n")
        raise RuntimeError
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.docx"]


def test_interrupt_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "new") as file:
        file.write(b"x")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_target_is_not_seen_before_the_end(tmp_path: Path) -> None:
    with whole_file(tmp_path / "new", "w", encoding="utf-8") as file:
        file.write("一半")
        file.flush()
        assert not (tmp_path / "new").exists()
    assert (tmp_path / "new").read_text(encoding="utf-8") == "一半"


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(OSError, match="out"):
        write_whole(tmp_path / "out", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, "诉求")
        assert os.read(reader, 100) == "诉求".encode()
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_others_may_read_what_the_umask_lets_them(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "shared", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o640


def test_sha256(tmp_path: Path) -> None:
    write_whole(tmp_path / "f", b"abc" * 100_000)
    assert sha256_of(tmp_path / "f") == hashlib.sha256(b"abc" * 100_000).hexdigest()
