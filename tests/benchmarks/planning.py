"""Prints the CPU seconds of a dry run of the paper's scale, and of one with ten times its cells.

    python -m tests.benchmarks.planning

The ratio is what to look at, for the seconds are the machine's: up to 10, planning grows no faster
than the cells.
"""

from __future__ import annotations

import copy
import resource
import tempfile
from pathlib import Path

import yaml

from bench.config.load import from_settings, resolve_methods
from tests.workflow.conftest import ROOT, snakemake

PAPER = ROOT / "workflow" / "config" / "imagenet256.yaml"
TIMES = 10


def multiplied(settings: dict) -> dict:
    """Settings with every method of every run `TIMES` times, under further names."""
    found = copy.deepcopy(resolve_methods(settings))
    found["methods"] |= {
        f"{name}_{copied}": method
        for name, method in found["methods"].items()
        for copied in range(2, TIMES + 1)
    }
    for run in found["runs"].values():
        for part in (run, run.get("progress", {})):
            if "methods" in part:
                part["methods"] = [
                    copied for name in part["methods"] for copied in (name, *_copies(name))
                ]
    return found


def _copies(name):
    method, at, step = name.partition("@")
    return [f"{method}_{copied}{at}{step}" for copied in range(2, TIMES + 1)]


def planning_seconds(settings: dict) -> float:
    """CPU seconds of Snakemake's dry run of a scale, in an empty folder.

    Raises:
        RuntimeError: the dry run failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "scale.yaml"
        config.write_text(yaml.safe_dump(settings, sort_keys=False))
        before = _seconds_of_children()
        code, output = snakemake(folder, config, "--dry-run", "--quiet", "rules")
        if code:
            raise RuntimeError(output)
        return _seconds_of_children() - before


def _seconds_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    settings = yaml.safe_load(PAPER.read_text(encoding="utf-8"))
    seconds = []
    for scale in (settings, multiplied(settings)):
        seconds.append(planning_seconds(scale))
        print(
            f"{len(from_settings(scale).cells):,} cells: {seconds[-1]:.1f} CPU seconds", flush=True
        )
    print(f"ratio {seconds[1] / seconds[0]:.1f}")


if __name__ == "__main__":
    main()
