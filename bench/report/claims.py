"""The paper's claims, settled by our rows and searches."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml

from bench.paper import FOLDER
from bench.report.queries import QUERIES
from bench.report.rows import Rows
from bench.report.verdicts import NOT_RUN, NotRun


def settle(results: Path, place: str | None = None) -> pd.DataFrame:
    """A line per claim, of one ``place`` in the paper or of all: id, place, claim, verdict, and
    the numbers behind it."""
    rows = Rows(results)
    lines = []
    for entry in yaml.safe_load((FOLDER / "claims.yaml").read_text(encoding="utf-8")):
        if place not in (None, entry["place"]):
            continue
        about = {key: entry.pop(key) for key in ("id", "place", "claim")}
        ((kind, query),) = entry.items()
        try:
            verdict, numbers = QUERIES[kind](rows, results, **query)
        except NotRun as missing:
            verdict, numbers = NOT_RUN, f"{missing} is not in this scale"
        lines.append({**about, "verdict": verdict, "numbers": numbers})
    return pd.DataFrame(lines)
