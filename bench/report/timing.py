"""Where the time of a run went, from the record that the workflow keeps of every job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.files.csv_rows import read_rows


class Job(NamedTuple):
    """The start and the end of a job, in seconds since the epoch."""

    start: float
    end: float


@dataclass(frozen=True)
class Occupation:
    """How jobs filled the time.

    Attributes:
        jobs: their number.
        at_once: the most that ran at the same time.
        elapsed: seconds in which at least one ran; pauses between runs do not count.
        busy: seconds of all jobs together, of at_once x elapsed that there were.
    """

    jobs: int
    at_once: int
    elapsed: float
    busy: float

    @property
    def available(self) -> float:
        """The seconds that as many jobs could have used as ever ran at once."""
        return self.at_once * self.elapsed


def read_jobs(folder: Path) -> list[Job]:
    """The jobs that Snakemake's benchmark files in ``folder`` tell of: each is written when its job
    ends, and holds how long that took."""
    jobs = []
    for path in folder.rglob("*.tsv"):
        end = path.stat().st_mtime
        jobs.append(Job(end - float(read_rows(path, "s", sep="\t")["s"].iloc[0]), end))
    return jobs


def occupation(jobs: Sequence[Job]) -> Occupation:
    """How ``jobs`` filled the time."""
    # At equal times ends come first.
    changes = sorted([(job.start, 1) for job in jobs] + [(job.end, -1) for job in jobs])
    running = at_once = 0
    elapsed = before = 0.0
    for time, change in changes:
        if running:
            elapsed += time - before
        running, before = running + change, time
        at_once = max(at_once, running)
    return Occupation(len(jobs), at_once, elapsed, sum(job.end - job.start for job in jobs))
