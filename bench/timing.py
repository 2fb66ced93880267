"""The time that computations take, measured in turns so that all meet the same disturbances."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Clock:
    """A clock for the computations of one device.

    Attributes:
        name: ``CPU`` for the seconds that a processor worked for this process, ``wall`` for those
            that passed.
        seconds: the time now.
    """

    name: str
    seconds: Callable[[], float]


def clock(device: str) -> Clock:
    """CPU time for a single thread, which stands still while other processes have the core; wall
    time for several threads, which wait for each other, and for an accelerator."""
    if torch.device(device).type == "cpu":
        if torch.get_num_threads() == 1:
            return Clock("CPU", time.process_time)
        return Clock("wall", time.perf_counter)

    def finished() -> float:
        torch.accelerator.synchronize(device)
        return time.perf_counter()

    return Clock("wall", finished)


def time_in_turns(
    computations: Mapping[Key, Callable[[], object]], repeats: int, clock: Clock
) -> dict[Key, list[float]]:
    """The seconds of each computation in each of ``repeats`` rounds.

    A round runs every computation once, so that the n-th values are of about the same minute. One
    round before them, in which caches fill and kernels compile, is not counted.
    """
    seconds = {key: [] for key in computations}
    for compute in computations.values():
        compute()
    for _ in range(repeats):
        for key, compute in computations.items():
            start = clock.seconds()
            compute()
            seconds[key].append(clock.seconds() - start)
    return seconds
