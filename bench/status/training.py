"""How far a job of a training is, from its log, its state and the note of who holds its folder."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.config.runs import Segment
from bench.config.training import TrainingConfig
from bench.status.holder import holder_of
from bench.status.logs import ago, last_written
from bench.status.seconds import number, read_rows
from bench.training.lock import HOLDER
from bench.training.output import LOG, STATE, UNFINISHED

# A holder that cannot be seen is taken for dead when it is so late; and the least lateness.
LATE, LEAST = 2, 120
# Before the log tells the speed, in seconds: reading the data and compiling come first.
FIRST = 900


@dataclass(frozen=True)
class TrainingProgress:
    """What a training's folder tells of a segment.

    Attributes:
        step: the last one of the segment in the log; its start where there is none.
        seconds: those of all its steps in the log, of earlier calls, too.
        images_per_second: at the end of the log; None where that holds nothing.
        held: a living process holds the folder; None where nothing says who does.
        why: what shows that.
    """

    step: int
    seconds: float | None
    images_per_second: float | None
    held: bool | None
    why: str


def training_progress(
    folder: Path, segment: Segment, settings: TrainingConfig, now: float
) -> TrainingProgress:
    """The progress of a segment of a training into ``folder``, unfinished or finished.

    A holder on this machine is alive when its process is there and the kernel lists its lock; any
    other one when the folder's files are newer than the time between two states allows.
    """
    unfinished = folder / UNFINISHED
    log = next((path for path in (unfinished / LOG, folder / LOG) if path.exists()), None)
    rows = _rows(log) if log else []
    of_segment = [
        (before, after, rate)
        for (before, _), (after, rate) in pairwise([(0, None), *rows])
        if max(before, segment.start) < after <= segment.end
    ]
    spent = [(after - before) * settings.batch_size / rate for before, after, rate in of_segment]
    rate = rows[-1][1] if rows else None
    written = last_written([folder / HOLDER, unfinished / LOG, unfinished / STATE])
    held, why = _held(folder, settings, rate, written, now)
    step = of_segment[-1][1] if of_segment else segment.start
    return TrainingProgress(step, sum(spent) if spent else None, rate, held, why)


def _held(folder, settings, rate, written, now):
    holder = holder_of(folder)
    if holder is None:
        return None, ""
    if holder.lives is False:
        return False, f"{holder.name} is gone"
    if holder.locks:
        return True, f"{holder.name} holds its lock"
    if written is None:
        return None, ""
    between = settings.checkpoint_every * settings.batch_size / rate if rate else FIRST
    quiet = now - written
    if quiet <= max(LATE * between, LEAST):
        return True, f"{holder.name} wrote {ago(quiet)} ago, with a state due every {ago(between)}"
    return False, f"{holder.name} last wrote {ago(quiet)} ago; a state is due every {ago(between)}"


def _rows(log):
    """The step and the speed of each whole row."""
    found = [
        (number(row.get("step")), number(row.get("images_per_second"))) for row in read_rows(log)
    ]
    return [(int(step), rate) for step, rate in found if step is not None and rate]
