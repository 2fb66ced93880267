"""The time that jobs took, from the records that they leave."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.files.json_text import parse_json


def benchmark_seconds(path: Path) -> float | None:
    """The duration in a benchmark file of Snakemake, which is written when the job ends; None
    without a readable one."""
    rows = read_rows(path, delimiter="\t")
    return number(rows[0].get("s")) if rows else None


def wall_seconds(rows: Iterable[Mapping]) -> float | None:
    """The sum of the rows' wall_seconds; None where no row tells."""
    found = [number(row.get("wall_seconds")) for row in rows]
    told = [seconds for seconds in found if seconds is not None]
    return sum(told) if told else None


def read_rows(path: Path, delimiter: str = ",") -> list[dict]:
    """The rows of a CSV; none of a file that is missing, half-written or no CSV."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file, delimiter=delimiter))
    except (OSError, UnicodeDecodeError, csv.Error):
        return []


def read_journal(path: Path) -> list[dict]:
    """The whole rows of a search that is not finished, without the line that says what they were
    measured on."""
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
        for line in lines:
            rows.append(parse_json(line))
    except (OSError, ValueError):
        # A kill may have cut the last line short.
        pass
    return [row for row in rows if isinstance(row, dict)]


def number(text) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None
