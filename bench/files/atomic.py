"""Writes files and folders that are whole or absent: beside their place first, then renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.errors import BadInput


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary path to write to; it becomes ``path`` when the block ends without an error.

    On any error, such as a full disk, the temporary file is removed and ``path`` stays as it was.
    A device or a pipe is written to directly.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        yield path
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays last, because matplotlib and others take the format from it.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield temporary
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder to write to; it becomes ``path`` when the block ends without an error. On
    any error it is removed.

    Raises:
        BadInput: ``path`` is there already.
    """
    if path.exists():
        raise BadInput(f"{path}: is there already; remove it, or name another folder")
    temporary = path.with_name(f"{path.name}.partial")
    # Of a process that was killed.
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: str | Path, text: str) -> None:
    """Writes ``text`` as the whole contents of ``path``, in UTF-8; of file names that are not, the
    bytes stay as they are."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="surrogateescape")
