"""A scale on clusters of several sizes: how long it takes, and what holds it up, by simulation."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.config.scale import Scale
from bench.errors import BadInput
from bench.results import Results
from bench.stages.estimate import stages, training_gigabytes
from bench.status.job import Job
from bench.status.jobs import jobs

# A chain of jobs that is this share of the whole time holds the scale up, not the number of GPUs.
HOLDS_UP = 0.95


@dataclass(frozen=True)
class Schedule:
    """A scale on a cluster that has nothing else to do.

    Attributes:
        gpus: of the cluster.
        hours: until the last job ends.
        busy: the share of these hours in which a GPU works, over all GPUs.
        running: the most jobs that run at once.
        waiting: the most jobs that wait in the queue for GPUs.
        chain: the jobs, each waiting for the one before, that take longest together, and their
            hours.
    """

    gpus: int
    hours: float
    busy: float
    running: int
    waiting: int
    chain: tuple[Sequence[Job], float]

    @property
    def bottleneck(self) -> str:
        """What would have to be faster, or more, for the scale to end earlier."""
        steps, hours = self.chain
        if hours < HOLDS_UP * self.hours:
            return f"GPUs, {100 * self.busy:.0f} % busy"
        longest = max(steps, key=_duration)
        return f"one after the other: {len(steps)} jobs, {hours:,.1f} h, longest {longest.name}"


def schedule(scale: Scale, gpus: int) -> Schedule:
    """Gives the GPUs to the jobs that wait, those first that most is still to come after.

    A job takes the hours of the estimate, shared by its GPUs; starting, reports and what has no
    estimate take none.

    Raises:
        BadInput: a training takes more GPUs than there are.
    """
    work = {job.name: job for job in jobs(scale, Results(Path("results")), Path("figures"))}
    largest = max(job.gpus for job in work.values())
    if largest > gpus:
        raise BadInput(f"--gpus: {gpus} are too few; a training takes {largest} at once")
    before, after = _links(work)
    remaining = _remaining_hours(work, after)
    blocked = {name: len(needed) for name, needed in before.items()}
    queue = [(-remaining[name], name) for name, count in blocked.items() if not count]
    heapq.heapify(queue)
    free, now, busy, running, peak, waiting = gpus, 0.0, 0.0, [], 0, 0
    while queue or running:
        free, held_back = _start(queue, work, free, now, running)
        waiting = max(waiting, len(held_back))
        peak = max(peak, sum(work[name].gpus > 0 for _, name in running))
        for entry in held_back:
            heapq.heappush(queue, entry)
        now, ended = heapq.heappop(running)
        job = work[ended]
        free += job.gpus
        busy += job.gpus * _duration(job)
        for name in after[ended]:
            blocked[name] -= 1
            if not blocked[name]:
                heapq.heappush(queue, (-remaining[name], name))
    return Schedule(gpus, now, busy / (gpus * now), peak, waiting, _chain(work, after, remaining))


def to_text(scale: Scale, sizes: Sequence[int]) -> str:
    """A table with a line for each number of GPUs, and the bytes that move whatever it is."""
    lines = []
    for found in (schedule(scale, gpus) for gpus in sizes):
        lines.append(
            f"{found.gpus:6,}{found.hours:9,.1f}{100 * found.busy:7.0f} %{found.running:9,}"
            f"{found.waiting:9,}   {found.bottleneck}"
        )
    written = sum(stage.gigabytes for stage in stages(scale))
    reads, read = training_gigabytes(scale), "latents and text states" if scale.text else "latents"
    return "\n".join(
        [
            f"{'GPUs':>6}{'hours':>9}{'busy':>9}{'running':>9}{'waiting':>9}   held up by",
            *lines,
            f"Written once: {written:,.0f} GB. Read: {reads:,.0f} GB of {read} by the trainings, "
            "and once what is written.",
        ]
    )


def _start(queue, work, free, now, running):
    """Starts what the free GPUs suffice for, and returns how many are left and what waits."""
    held_back = []
    while queue:
        entry = heapq.heappop(queue)
        job = work[entry[1]]
        if job.gpus > free:
            held_back.append(entry)
            continue
        free -= job.gpus
        heapq.heappush(running, (now + _duration(job), job.name))
    return free, held_back


def _links(work):
    """The jobs that each job waits for, and those that wait for it, by name."""
    made_by = {path: job.name for job in work.values() for path in job.outputs}
    before, after = {}, defaultdict(set)
    for job in work.values():
        before[job.name] = {made_by[path] for path in job.inputs if path in made_by}
        for name in before[job.name]:
            after[name].add(job.name)
    return before, after


def _remaining_hours(work, after):
    """The hours from the start of each job to the end of the last one that waits for it, however
    many GPUs there are."""
    hours = {}
    # Jobs come in the order of the pipeline, but a grid's parts and trainings of other runs.
    pending = list(reversed(work))
    while pending:
        name = pending.pop()
        unknown = [later for later in after[name] if later not in hours]
        if unknown:
            pending += [name, *unknown]
            continue
        hours[name] = _duration(work[name]) + max((hours[n] for n in after[name]), default=0)
    return hours


def _chain(work, after, remaining):
    name = max(remaining, key=remaining.get)
    hours, steps = remaining[name], []
    while name is not None:
        if work[name].expected:
            steps.append(work[name])
        name = max(after[name], key=remaining.get, default=None)
    return tuple(steps), hours


def _duration(job):
    return job.expected / max(job.gpus, 1)
