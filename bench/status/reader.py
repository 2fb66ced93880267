"""What became of each job of a scale."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.config.scale import Scale
from bench.results import Results
from bench.status.job import Job
from bench.status.logs import ago, last_line, last_written, tells_of_an_end
from bench.status.seconds import benchmark_seconds, read_journal, read_rows, wall_seconds
from bench.status.training import training_progress

State = Literal["done", "running", "failed", "left"]
# A log that is silent for longer, in seconds, is taken for a dead job's: what loops for long writes
# a line now and then, and the rest should take less.
SILENCE = 1800


@dataclass(frozen=True)
class JobStatus:
    """A job, and how far it is.

    Attributes:
        why: what shows that it is running, that it failed, or how far it is.
        fraction: the part of it that need not be done again.
        seconds: the time that it took so far; None where no file tells.
        images_per_second: the present speed of a training.
    """

    job: Job
    state: State
    why: str = ""
    fraction: float = 0.0
    seconds: float | None = None
    images_per_second: float | None = None


class Reader:
    """Reads the files of a scale's jobs; those that are missing or half-written tell nothing."""

    def __init__(self, scale: Scale, results: Results, logs: Path, now: float):
        self.scale, self.results, self.logs, self.now = scale, results, logs, now

    def read(self, job: Job) -> JobStatus:
        """The status of a job."""
        found = sum(path.exists() for path in job.outputs)
        done = found == len(job.outputs)
        if job.segment:
            return self._training(job, done)
        recorded = benchmark_seconds(self.results.benchmarks / f"{job.name}.tsv")
        if done:
            return JobStatus(job, "done", fraction=1.0, seconds=recorded or _told(job))
        if job.journal:
            return self._search(job)
        state, why = self._by_log(job)
        if state == "running" and found > 0:
            why = f"{found} of {len(job.outputs)} files; {why}"
        return JobStatus(job, state, why)

    def _training(self, job, done):
        segment = job.segment
        settings = self.scale.run(segment.training.run).training
        folder = self.results.checkpoints(segment.training)
        told = training_progress(folder, segment, settings, self.now)
        if done:
            recorded = benchmark_seconds(self.results.benchmarks / f"{job.name}.tsv")
            return JobStatus(job, "done", fraction=1.0, seconds=told.seconds or recorded)
        state, why = self._by_log(job)
        before = self.results.checkpoint(segment.training, segment.start)
        # Who holds the folder is at the segment that can go on.
        if told.held is not None and (segment.start == 0 or before.exists()):
            state, why = ("running" if told.held else "failed"), told.why
        if told.step > segment.start:
            speed = f", {told.images_per_second:.0f} images/s" if state == "running" else ""
            reached = f"step {told.step} of {segment.end}{speed}"
            why = f"{reached}; {why}" if why else reached
        fraction = (told.step - segment.start) / segment.steps
        rate = told.images_per_second if state == "running" else None
        return JobStatus(job, state, why, fraction, told.seconds, rate)

    def _search(self, job):
        rows = read_journal(job.journal)
        state, why = self._by_log(job, job.journal)
        if rows:
            reached = f"{len(rows)} of {job.candidates} candidates"
            why = f"{reached}; {why}" if why else reached
        return JobStatus(
            job, state, why, min(len(rows) / job.candidates, 1.0), seconds=wall_seconds(rows)
        )

    def _by_log(self, job, *others):
        """The state of a job without its output, by its log and by other files that it writes."""
        log = self.logs / f"{job.name}.log"
        line = last_line(log)
        if line is not None and tells_of_an_end(line):
            return "failed", line
        written = last_written([log, *others])
        if written is None:
            return "left", ""
        quiet = self.now - written
        said = f": {line}" if line else ""
        if quiet <= SILENCE:
            return "running", f"wrote {ago(quiet)} ago{said}"
        if line is None:
            return "left", f"last wrote {ago(quiet)} ago"
        return "failed", f"no output, and its log is silent for {ago(quiet)}{said}"


def _told(job):
    """The seconds that the rows of a job tell, where no record of its time is left."""
    tables = [path for path in job.outputs if path.suffix == ".csv"]
    return wall_seconds(read_rows(tables[-1])) if tables and job.images else None
