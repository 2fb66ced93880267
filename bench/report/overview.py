"""The verdicts on the paper's claims as Markdown: of one scale, and of several side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bench.errors import BadInput

BEGIN, END = "<!-- claims: begin -->", "<!-- claims: end -->"
FOOTNOTE = (
    "Difference: in per cent of the reference (of a difference of shares, in per cent of the "
    "whole), with its 95 % interval; of a claim with several parts, the part that decides. Paper: "
    "the same difference in the paper's numbers, where it prints them."
)


def one_scale(claims: pd.DataFrame) -> str:
    """The claims of a scale, with their evidence.

    Args:
        claims: of `claims.settle`.
    """
    table = pd.DataFrame(
        {
            "place": claims["place"],
            "claim": claims["claim"],
            "verdict": claims["verdict"],
            "difference": [_effect(line) for line in claims.itertuples()],
            "paper": [_percent(line.paper_difference_percent) for line in claims.itertuples()],
            "over": claims["replicates"].fillna(""),
            "numbers": claims["numbers"],
        }
    )
    return f"{table.to_markdown(index=False, disable_numparse=True)}\n\n{FOOTNOTE}\n"


def side_by_side(scales: Mapping[str, pd.DataFrame]) -> str:
    """The claims of several scales, by the scales' names.

    Raises:
        BadInput: the scales were settled with different claims.
    """
    first, *others = scales.values()
    if any(list(other["claim"]) != list(first["claim"]) for other in others):
        raise BadInput("--claims: the files hold different claims; settle them anew")
    table = pd.DataFrame(
        {
            "place": first["place"],
            "claim": first["claim"],
            "paper": [_percent(line.paper_difference_percent) for line in first.itertuples()],
        }
    )
    for name, claims in scales.items():
        table[f"`{name}`"] = [
            f"**{line.verdict}** {_effect(line)}".strip() for line in claims.itertuples()
        ]
    rows = [table.columns, ["---"] * len(table.columns), *table.itertuples(index=False)]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{lines}\n\n{FOOTNOTE}\n"


def insert(path: Path, markdown: str) -> str:
    """The text of a file with ``markdown`` between its two markers.

    Raises:
        BadInput: the file lacks a marker.
    """
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadInput(f"{path}: lacks the lines {BEGIN} and {END}; put them where the table goes")
    return f"{before}{BEGIN}\n\n{markdown}\n{END}{after}"


def _effect(line):
    if pd.isna(line.interval_percent) or not line.interval_percent:
        return _percent(line.difference_percent)
    low, high = json.loads(line.interval_percent)
    return f"{_percent(line.difference_percent)} ({low:+.1f} to {high:+.1f})"


def _percent(value):
    return "" if pd.isna(value) else f"{value:+.1f} %"
