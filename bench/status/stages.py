"""The jobs of a scale summed up by stage, with what they took and what remains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.status.reader import JobStatus

STATES = ("done", "running", "failed", "left")


@dataclass(frozen=True)
class Stage:
    """Jobs of one kind.

    Attributes:
        jobs: their numbers by state.
        images_per_second: of one job on its GPUs, over all that ended; None where none tells.
        hours_used: of GPUs, or of CPU cores on a scale without `hardware`; a job without a record
            counts as nothing.
        hours_left: an estimate; None before anything tells how long such a job takes.
        basis: what the estimate rests on.
    """

    stage: str
    jobs: dict[str, int]
    images_per_second: float | None
    hours_used: float
    hours_left: float | None
    basis: str

    @property
    def all_jobs(self) -> int:
        """Their number in any state."""
        return sum(self.jobs.values())


def sum_up(found: Iterable[JobStatus], has_hardware: bool) -> list[Stage]:
    """The stages in the order of their first jobs."""
    by_stage: dict[str, list[JobStatus]] = {}
    for status in found:
        by_stage.setdefault(status.job.stage, []).append(status)
    return [_stage(name, jobs, has_hardware) for name, jobs in by_stage.items()]


def holds_older_files(stages: Sequence[Stage]) -> bool:
    """Tells if an earlier run left files here: a report is there that needs every model, but not
    every model."""
    by_name = {stage.stage: stage for stage in stages}
    train = by_name.get("train")
    unfinished = train is not None and train.jobs["done"] < train.all_jobs
    return unfinished and by_name["report"].jobs["done"] > 0


def _stage(name, found: Sequence[JobStatus], has_hardware):
    counted = [status for status in found if status.seconds]
    images = sum(status.fraction * status.job.images for status in counted)
    seconds = sum(status.seconds for status in counted if status.job.images)
    left, basis = _remaining(found, has_hardware)
    return Stage(
        name,
        {state: sum(status.state == state for status in found) for state in STATES},
        images / seconds if images else None,
        sum(_hours(status, has_hardware) for status in counted),
        left,
        basis,
    )


def _hours(status, has_hardware):
    """GPU hours, or hours of the one core that a job has on a scale without `hardware`."""
    return status.seconds / 3600 * (status.job.gpus if has_hardware else 1)


def _remaining(found, has_hardware):
    """The hours that remain: in the proportion of what was expected of the work done and of the
    work left."""
    if all(status.state == "done" for status in found):
        return 0.0, ""
    if has_hardware and not any(status.job.expected for status in found):
        return 0.0, "minutes, which are not estimated"
    weights = [_weight(status.job, found, has_hardware) for status in found]
    left = sum((1 - status.fraction) * weight for status, weight in zip(found, weights))
    timed = [
        (_hours(status, has_hardware), status.fraction * weight)
        for status, weight in zip(found, weights)
        if status.seconds and status.fraction
    ]
    expected = sum(weight for _, weight in timed)
    if expected:
        return left * sum(hours for hours, _ in timed) / expected, "the time of what is done"
    if has_hardware:
        return left, "the rates of `hardware`"
    return None, "no job of it has told its time yet"


def _weight(job, found, has_hardware):
    """The expected work of a job; where a stage has no estimate, all of its jobs are equal."""
    if has_hardware or any(status.job.expected for status in found):
        return job.expected
    return 1.0
