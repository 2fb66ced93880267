"""A table as Markdown, for a reader."""

from __future__ import annotations

import pandas as pd

from bench.metrics.table import METRICS
from bench.report.tables import TABLES

HEADINGS = {name: metric.heading_with_arrow for name, metric in METRICS.items()} | {
    "linear_gmacs": "GMACs ↓",
    "delta_linear_gmacs": "ΔGMACs",
}
FOOTNOTE = (
    "Ours: mean ± sd over the seed blocks; paper: as printed, at its own scale (SiT-XL/2, "
    "ImageNet-256), so compare orders, not values. GMACs are of one guided step and sample, linear "
    'layers alone, as the paper counts its "GFLOPs". **Bold**: the lowest FID of ours on a run; '
    "(=): tied with it, that is inside the noise of the paired blocks or closer than 1.3 %. Quoted "
    "rows stand as the paper quotes them."
)


def to_markdown(number: int, table: pd.DataFrame, claims: pd.DataFrame) -> str:
    """Title, table, footnote, and what of the paper's claims about it holds here."""
    metrics = [column.removesuffix("_sd") for column in table if column.endswith("_sd")]
    cells = pd.DataFrame({"": table["label"], "source": table["source"]})
    for metric in metrics:
        if f"paper_{metric}" in table:
            paper = [_number(value, metric) for value in table[f"paper_{metric}"]]
            cells[f"{HEADINGS[metric]} paper"] = paper
        cells[f"{HEADINGS[metric]} ours"] = [_ours(row, metric) for _, row in table.iterrows()]
    lines = [
        f"# Table {number}: {TABLES[number].title}",
        "",
        cells.to_markdown(index=False, disable_numparse=True),
        "",
        FOOTNOTE,
        "",
        "What the paper says of it, at this scale:",
        "",
        *(f"- {line.claim} **{line.verdict}** ({line.numbers})" for line in claims.itertuples()),
    ]
    return "\n".join(lines) + "\n"


def _ours(row, metric):
    text = _number(row[metric], metric)
    if text and pd.notna(row[f"{metric}_sd"]) and "gmacs" not in metric:
        text += f" ± {_number(row[f'{metric}_sd'], metric)}"
    if metric == "fid" and row["mark"] == "best":
        return f"**{text}**"
    return f"{text} (=)" if metric == "fid" and row["mark"] == "tie" else text


def _number(value, metric):
    """A metric with its decimals; MACs, which differ by scale, to five digits."""
    if pd.isna(value):
        return ""
    return f"{value:.{METRICS[metric].decimals}f}" if metric in METRICS else f"{value:.5g}"
