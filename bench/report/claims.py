"""The paper's claims, settled by our rows and grids."""

from __future__ import annotations

import json

import pandas as pd
import yaml

from bench.paper import FOLDER
from bench.report import grid_queries, queries
from bench.report.evidence import NotRun
from bench.report.measurements import Measurements
from bench.report.printed import paper_difference
from bench.report.rows import Rows
from bench.report.tables import TABLES
from bench.report.verdicts import NOT_RUN, Finding
from bench.results import Results

# In bench/paper, by what guidance is judged by.
FILES = {
    "fid": "claims.yaml",
    "preference": "prompt_claims.yaml",
    "geneval": "prompt_claims.yaml",
}
QUERIES = queries.QUERIES | grid_queries.QUERIES
# Claims about these places are settled on the rows that the table shows.
AS_LONG_AS = {f"Table {number}": table.as_long_as for number, table in TABLES.items()}


def read_claims(quality: str = "fid") -> list[dict]:
    """The claims of the paper on models that are judged by a column (a key of `FILES`)."""
    return yaml.safe_load((FOLDER / FILES[quality]).read_text(encoding="utf-8"))


def settle(results: Results, place: str | None = None) -> pd.DataFrame:
    """Settles the claims of one ``place`` in the paper, or of all.

    Returns:
        A line per claim: columns id, place, claim, verdict; difference_percent, the effect in per
        cent of what it is compared with (of a difference of shares, in per cent of the whole);
        interval_percent, its 95 % interval as a JSON list, empty for counted numbers;
        paper_difference_percent, the same effect in the paper's numbers; replicates, which the
        interval is taken over; and numbers, the evidence in words.
    """
    rows = Rows(results.metrics)
    claims = [claim for claim in read_claims(rows.quality) if place in (None, claim["place"])]
    return pd.DataFrame([settle_claim(claim, rows, results) for claim in claims])


def settle_claim(claim: dict, rows: Rows, results: Results) -> dict:
    """The line of `settle` for one entry of `read_claims`."""
    about = {key: claim[key] for key in ("id", "place", "claim")}
    ((kind, query),) = ((key, claim[key]) for key in claim if key in QUERIES)
    as_long_as = AS_LONG_AS.get(claim["place"])
    measured = Measurements(rows.trained_as_long_as(as_long_as) if as_long_as else rows, results)
    try:
        finding = QUERIES[kind](measured, **query)
        for cell in claim.get("needs_gain", ()):
            finding = queries.needs_gain(measured, finding, cell)
    except NotRun as missing:
        finding = Finding(NOT_RUN, f"{missing} is not in this scale")
    difference, interval, paper = finding.difference, finding.interval, claim.get("paper")
    stands_for = [f"{run} at step {step}" for run, step in measured.rows.snapshots.items()]
    return {
        **about,
        "verdict": finding.verdict,
        "difference_percent": None if difference is None else round(difference, 1),
        "interval_percent": interval and json.dumps([round(end, 1) for end in interval]),
        "paper_difference_percent": paper and round(paper_difference(**paper), 1),
        "replicates": measured.replicates(finding.runs),
        "numbers": "; ".join([finding.numbers, *stands_for]),
    }
