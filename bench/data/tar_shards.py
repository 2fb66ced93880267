"""WebDataset's tar shards: the files of a sample have one name, up to its first dot."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from bench.data.class_folders import is_visible

# A tar ends in zeros.
END_OF_TAR = 2 * tarfile.BLOCKSIZE


@contextmanager
def open_shard(path: Path) -> Iterator[tarfile.TarFile]:
    """An uncompressed tar.

    Raises:
        tarfile.TarError, OSError: it is none, or was cut short, which tarfile itself takes for a
            shorter one.
    """
    if any(_last_bytes(path, END_OF_TAR)):
        raise tarfile.ReadError("its end is missing")
    with tarfile.open(path, "r:") as tar:
        yield tar


def visible_files(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The files of a tar that people made: what a folder passes over (bench/data/class_folders.py)
    is passed over here."""
    for member in tar:
        # A name that leads out of the folder hides nothing.
        parts = (part for part in PurePosixPath(member.name).parts if part != "..")
        if member.isfile() and all(map(is_visible, parts)):
            yield member


def _last_bytes(path, count):
    with open(path, "rb") as file:
        file.seek(max(path.stat().st_size - count, 0))
        return file.read()
