"""Files of a scale that tests lay out, and parts of the status that they lead to."""

from __future__ import annotations

import os
import time
from pathlib import Path

RESULTS, LOGS = Path("results/micro"), Path("logs/micro")
ROUTED = RESULTS / "checkpoints" / "routed"
HOUR = 3600


def write(path, text="", age=0.0):
    """A file that was written ``age`` seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    then = time.time() - age
    os.utime(path, (then, then))


def log_csv(*rows):
    """The log of a training: step and images per second of each row."""
    lines = [f"{step},0.5,{rate},\n" for step, rate in rows]
    return "step,loss,images_per_second,peak_memory_gib\n" + "".join(lines)


def finish(run, rate=32.0, steps=(10, 20)):
    folder = RESULTS / "checkpoints" / run
    for step in steps:
        write(folder / f"step-{step:08d}.safetensors")
    write(folder / "log.csv", log_csv(*((step, rate) for step in steps)))


def stage(answer, name):
    return next(found for found in answer["stages"] if found["stage"] == name)


def job(answer, name):
    return next((found for found in answer["jobs"] if found["job"] == name), None)


def counts(answer, name):
    found = stage(answer, name)
    return tuple(found[state] for state in ("done", "running", "failed", "left"))
