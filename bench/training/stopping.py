"""A polite request to stop: SIGTERM, or SIGUSR1 as Slurm sends it before a time limit."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

SIGNALS = (signal.SIGTERM, signal.SIGUSR1)


class StopRequest:
    """Remembers the signal that asked for a stop.

    Attributes:
        signal: its number, or 0.
    """

    def __init__(self):
        self.signal = 0

    def __bool__(self):
        return self.signal != 0

    def leave(self, message: str) -> NoReturn:
        """Exits with a message, and the code that a shell gives a program that a signal ended; a
        scheduler takes it for a failure and tries again."""
        print(message, file=sys.stderr, flush=True)
        # Another rank's signal has the same meaning.
        raise SystemExit(128 + (self.signal or signal.SIGTERM))


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """Collects such signals during the block instead of dying from them."""
    request = StopRequest()

    def remember(number, frame):
        request.signal = number

    before = {number: signal.signal(number, remember) for number in SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
