"""Progress for a person, and a CSV for later."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

import torch
from tqdm import tqdm

from bench.files.atomic import write_text

# Figures are of all processes together, but the memory is the first device's; empty on a CPU.
COLUMNS = ("step", "loss", "images_per_second", "peak_memory_gib")
EVERY = 50


class TrainingLog:
    """Means over every `EVERY` steps, to ``path`` and to the terminal (a bar there, plain lines
    in a log file). Rows after ``step``, from before a kill, are dropped. ``device`` is where the
    memory is counted."""

    def __init__(
        self, path: Path, run: str, step: int, steps: int, batch_size: int, device: torch.device
    ):
        kept = _rows_until(path, step)
        write_text(path, "".join(",".join(row) + "\n" for row in [COLUMNS, *kept]))
        self.path, self.run, self.steps, self.batch_size = path, run, steps, batch_size
        self.device = device
        self.terminal = sys.stderr.isatty()
        self.bar = tqdm(total=steps, initial=step, desc=run, unit="step", disable=not self.terminal)
        self._start_interval()

    def step(self, step: int, loss) -> None:
        """Counts one finished step with its loss (a tensor; read only at an interval's end)."""
        self.total = self.total + loss
        self.count += 1
        self.bar.update()
        if step % EVERY == 0 or step == self.steps:
            self._write(step)
            self._start_interval()

    def close(self) -> None:
        self.bar.close()

    def _start_interval(self):
        self.total, self.count, self.start = 0.0, 0, time.perf_counter()

    def _write(self, step):
        mean = float(self.total) / self.count
        rate = self.count * self.batch_size / (time.perf_counter() - self.start)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(f"{step},{mean:.6f},{rate:.1f},{self._peak_memory()}\n")
        self.bar.set_postfix(loss=f"{mean:.4f}")
        if not self.terminal and (step % (10 * EVERY) == 0 or step == self.steps):
            print(
                f"{self.run}: step {step}/{self.steps}, loss {mean:.4f}, {rate:.0f} images/s",
                file=sys.stderr,
                flush=True,
            )

    def _peak_memory(self):
        if self.device.type != "cuda":
            return ""
        return f"{torch.cuda.max_memory_allocated(self.device) / 2**30:.2f}"


def _rows_until(path, step):
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    # A kill may have cut the last line short.
    whole = [row for row in rows if len(row) == len(COLUMNS) and row[0].isdecimal()]
    return [row for row in whole if int(row[0]) <= step]
