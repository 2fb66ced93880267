"""The status of a scale, for a person and for a program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.status.reader import JobStatus
from bench.status.stages import STATES, Stage, holds_older_files

# Jobs that a person is shown of each state; a program gets all of them.
SHOWN = 20


def as_json(
    name: str, config: Path, unit: str, stages: Sequence[Stage], found: Sequence[JobStatus]
) -> dict:
    """What `to_text` says, as an object for JSON, with every job that is running or failed, or
    that has begun."""
    return {
        "scale": name,
        "config": str(config),
        "hours_of": unit,
        "stages": [
            {
                "stage": stage.stage,
                **stage.jobs,
                "images_per_second": stage.images_per_second,
                "hours_used": stage.hours_used,
                "hours_left": stage.hours_left,
                "hours_left_from": stage.basis,
            }
            for stage in stages
        ],
        "hours_used": sum(stage.hours_used for stage in stages),
        "hours_left": _known(stages),
        "hours_left_is_complete": all(stage.hours_left is not None for stage in stages),
        "holds_older_files": holds_older_files(stages),
        "jobs": [
            {
                "job": status.job.name,
                "state": status.state,
                "why": status.why,
                "fraction": status.fraction,
                "images_per_second": status.images_per_second,
            }
            for status in found
            if status.why
        ],
    }


def to_text(
    name: str, config: Path, unit: str, stages: Sequence[Stage], found: Sequence[JobStatus]
) -> str:
    """A table of the stages, and a line for each job that is running or failed, or that has begun
    and is to go on."""
    heads = [*STATES, "images/s", f"{unit} h", "to go"]
    lines = [f"{name}, by {config}", f"{'stage':10}" + "".join(f"{head:>9}" for head in heads)]
    lines += [_line(stage) for stage in stages]
    counts = "".join(f"{sum(stage.jobs[state] for stage in stages):9,}" for state in STATES)
    used, left = sum(stage.hours_used for stage in stages), _known(stages)
    lines.append(f"{'in all':10}{counts}{'':9}{_hours(used)}{_hours(left)}")
    unknown = [stage.stage for stage in stages if stage.hours_left is None]
    if unknown:
        lines.append(f"On top come {', '.join(unknown)}: no job of theirs has told its time yet.")
    rates = [stage.stage for stage in stages if stage.basis.startswith("the rates")]
    if rates:
        lines.append(f"To go by the rates of `hardware`, not yet measured: {', '.join(rates)}.")
    if holds_older_files(stages):
        lines.append(
            "Files of an earlier run are here and count as done; `snakemake -n` tells all."
        )
    for state, title in (("running", "running"), ("failed", "failed"), ("left", "to go on")):
        told = [status for status in found if status.state == state and status.why]
        lines += [f"{title}:"] if told else []
        lines += [f"  {status.job.name}: {status.why}" for status in told[:SHOWN]]
        if len(told) > SHOWN:
            lines.append(f"  and {len(told) - SHOWN} more; --json has all")
    return "\n".join(lines)


def _line(stage):
    counts = "".join(f"{stage.jobs[state]:9,}" for state in STATES)
    speed = "" if stage.images_per_second is None else f"{stage.images_per_second:.4g}"
    return f"{stage.stage:10}{counts}{speed:>9}{_hours(stage.hours_used)}{_hours(stage.hours_left)}"


def _hours(hours):
    return f"{'?':>9}" if hours is None else f"{hours:9.2f}" if hours < 100 else f"{hours:9,.0f}"


def _known(stages):
    return sum(stage.hours_left for stage in stages if stage.hours_left is not None)
