"""A job of the workflow, with the files that tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.config.runs import Segment


@dataclass(frozen=True)
class Job:
    """A job of the workflow.

    Attributes:
        stage: the kind of job.
        name: of its log and of the record of its time, without their suffix.
        outputs: the files that it leaves.
        inputs: what a job of encoding, training, searching, sampling, extracting features, judging
            or scoring waits for: the files of other such jobs, the latents' index, and images of
            samples.
        images: those that it trains on, draws, encodes or extracts features of.
        gpus: those that it takes; none on a scale without `hardware`.
        expected: hours of one GPU by the rates of `hardware`, or a number that compares it with the
            other jobs of its stage; 0 for what takes seconds.
        segment: the steps of a training that it does.
        journal: the rows of a search that is not finished, and ``candidates`` their number in all.
    """

    stage: str
    name: str
    outputs: tuple[Path, ...]
    inputs: tuple[Path, ...] = ()
    images: int = 0
    gpus: int = 0
    expected: float = 0
    segment: Segment | None = None
    journal: Path | None = None
    candidates: int = 0
