"""What the log of a job says of how the job is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from bench.errors import one_line

# The last line of a verb that was refused, failed or was asked to stop.
END = re.compile(r"error: .*|[\w.]*(Error|Exception|Interrupt)\b.*|.*: stopped after step \d+;.*")
TAIL = 10_000


def last_line(log: Path) -> str | None:
    """The last line of a log, of a progress bar the last state; empty where nothing is written yet,
    and None without a log."""
    try:
        with open(log, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return one_line(lines[-1]) if lines else ""


def tells_of_an_end(line: str) -> bool:
    """Tells if a job whose log ends in this line has ended without its output."""
    return END.fullmatch(line) is not None


def last_written(paths: Iterable[Path]) -> float | None:
    """When the newest of these files was written, in seconds since the epoch; None where there is
    none of them."""
    times = []
    for path in paths:
        try:
            times.append(path.stat().st_mtime)
        except OSError:
            continue
    return max(times, default=None)


def ago(seconds: float) -> str:
    """A duration in words, in the largest unit that it fills."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
