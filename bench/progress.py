"""How much of a long job is done: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator
from typing import TypeVar

from tqdm import tqdm

# Seconds between two lines of a log.
EVERY = 30
Item = TypeVar("Item")


class Progress:
    """Counts what is done of ``total``. In a log, a line tells of it every `EVERY` seconds, or when
    the next part ends; a job that is shorter says nothing."""

    def __init__(self, total: int, unit: str, done: int = 0):
        self.total, self.unit, self.done, self.begun_with = total, unit, done, done
        self.bar = tqdm(total=total, initial=done, unit=unit, disable=None)
        self.start = self.told = time.monotonic()

    def add(self, count: int = 1) -> None:
        """Counts ``count`` more."""
        self.done += count
        self.bar.update(count)
        now = time.monotonic()
        if self.bar.disable and now - self.told >= EVERY:
            rate = (self.done - self.begun_with) / (now - self.start)
            print(
                f"{self.done} of {self.total} {self.unit}s, {rate:.3g} a second",
                file=sys.stderr,
                flush=True,
            )
            self.told = now


def counted(items: Collection[Item], unit: str) -> Iterator[Item]:
    """The items one by one, each counted when the next one is asked for."""
    progress = Progress(len(items), unit)
    for item in items:
        yield item
        progress.add()
