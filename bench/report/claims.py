"""The paper's claims, settled by our rows and searches."""

from __future__ import annotations

import pandas as pd
import yaml

from bench.paper import FOLDER
from bench.report.evidence import NotRun
from bench.report.queries import QUERIES
from bench.report.rows import Rows
from bench.report.verdicts import NOT_RUN
from bench.results import Results


def settle(results: Results, place: str | None = None) -> pd.DataFrame:
    """Settles the claims of one ``place`` in the paper, or of all.

    Returns:
        A line per claim: columns id, place, claim, verdict, and numbers, the evidence in words.
    """
    rows = Rows(results.metrics)
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
