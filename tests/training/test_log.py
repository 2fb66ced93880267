"""The log of a training."""

from __future__ import annotations

import pytest
import torch

from bench.training.log import COLUMNS, EVERY, TrainingLog
from tests.full_disk import largest_file

CPU = torch.device("cpu")


def logged(path, first, last):
    """The log of steps whose loss is their number."""
    log = TrainingLog(path, "routed", first, 1000, 8, CPU)
    for step in range(first + 1, last + 1):
        log.step(step, torch.tensor(float(step)))
    log.close()


def test_a_full_disk_cuts_the_last_row_off_alone(tmp_path):
    """The next call drops what was written of it, and goes on behind the rows before."""
    path = tmp_path / "log.csv"
    logged(path, 0, EVERY)
    with largest_file(path.stat().st_size + 5), pytest.raises(OSError, match="too large"):
        logged(path, EVERY, 2 * EVERY)
    logged(path, EVERY, 2 * EVERY)
    header, *rows = [line.split(",") for line in path.read_text().splitlines()]
    assert tuple(header) == COLUMNS
    assert [(row[0], float(row[1])) for row in rows] == [("50", 25.5), ("100", 75.5)]
