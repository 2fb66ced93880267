"""Whether the process that took a training's folder still holds it, as other processes see it.

The lock itself is never tried: to take it, even for an instant, would turn away a training that
begins just then.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from bench.files.json_text import parse_json
from bench.training.lock import HOLDER, LOCK

KERNELS_LOCKS = Path("/proc/locks")


@dataclass(frozen=True)
class Holder:
    """The process that a folder's note names.

    Attributes:
        name: in words.
        lives: its process is there; None where that cannot be seen from this machine.
        locks: the kernel lists a lock of the folder; False, too, on another machine.
    """

    name: str
    lives: bool | None
    locks: bool


def holder_of(folder: Path) -> Holder | None:
    """The holder of a training's folder; None where there is neither a note nor a lock."""
    locks = _is_locked(folder / LOCK)
    try:
        note = parse_json((folder / HOLDER).read_text(encoding="utf-8"))
        host, process = str(note["host"]), int(note["process"])
        job = f"Slurm job {note['slurm_job']}, " if note["slurm_job"] else ""
    except FileNotFoundError:
        return Holder("a process", None, locks) if locks else None
    except (OSError, ValueError, KeyError, TypeError):
        return Holder("a process whose note is damaged", None, locks)
    lives = _lives(process) if host == socket.gethostname() else None
    return Holder(f"{job}process {process} on {host}", lives, locks)


def _lives(process):
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        # Another user's.
        return True
    return True


def _is_locked(path):
    """Tells if the kernel of this machine lists a lock of the file. Devices are not compared: of
    some file systems the list and the file name different ones."""
    try:
        inode = path.stat().st_ino
        lines = KERNELS_LOCKS.read_text().splitlines()
    except OSError:
        return False
    # 1: FLOCK ADVISORY WRITE PROCESS MAJOR:MINOR:INODE START END
    fields = [line.split() for line in lines if "FLOCK" in line]
    return any(len(words) > 5 and words[5].endswith(f":{inode}") for words in fields)
