"""A training's folder belongs to one training at a time, on this machine or another."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from bench.errors import BadInput
from bench.files.atomic import write_text
from bench.files.json_text import parse_json

if TYPE_CHECKING:
    # Not imported: those who ask whether a folder is held need no torch.
    from bench.training.distributed import World

LOCK = ".lock"
HOLDER = ".holder.json"


@contextmanager
def held(folder: Path, world: World) -> Iterator[None]:
    """Holds ``folder`` for the block, so that a second training there leaves before it touches
    anything: after a kill of the workflow alone, its job may go on while the next one starts.

    The lock is the operating system's (flock), which shared file systems pass on; it ends with the
    process that holds it, however that ends. Where a file system knows no locks, a file takes its
    place.

    Raises:
        BadInput: another process holds it; the message says which one, and on which machine.
    """
    lock = FileLock(folder / LOCK)
    with world.agreement():
        if world.is_first:
            folder.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise BadInput(
                    f"{folder}: {_holder(folder)} trains here; let it end, or stop it first"
                ) from None
            write_text(folder / HOLDER, json.dumps(_me()))
    try:
        yield
    finally:
        if world.is_first:
            _leave(folder)
            lock.release()


def _leave(folder):
    """Removes the note on the holder; and the folder, too, where a refused training leaves nothing
    else in it."""
    (folder / HOLDER).unlink(missing_ok=True)
    if all(path.name == LOCK for path in folder.iterdir()):
        shutil.rmtree(folder)


def _me():
    job = os.environ.get("SLURM_JOB_ID")
    return {"host": socket.gethostname(), "process": os.getpid(), "slurm_job": job}


def _holder(folder):
    """The holder in words."""
    try:
        found = parse_json((folder / HOLDER).read_text(encoding="utf-8"))
        job = f"Slurm job {found['slurm_job']}, " if found["slurm_job"] else ""
        return f"{job}process {found['process']} on {found['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
