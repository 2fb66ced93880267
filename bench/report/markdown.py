"""A table as Markdown, for readers."""

from __future__ import annotations

import pandas as pd

from bench.metrics.table import METRICS
from bench.report.methods import display_name
from bench.report.statistics import NOISE, SPREAD
from bench.report.tables import TABLES
from bench.report.units import GMACS, fitting_unit

COST_HEADINGS = {"linear_gmacs": "{unit} ↓", "delta_linear_gmacs": "Δ{unit}"}
FOOTNOTE = (
    "Ours: mean ± sd over {spread}. Paper: as printed, at its own scale (SiT-XL/2, "
    "ImageNet-256), so compare orders, not values. MACs are of one guided step and sample, linear "
    'layers alone, as the paper counts its "GFLOPs". **Bold**: the lowest FID of ours on a run; '
    "(=): tied with it, that is, inside {noise}. {budget}Quoted rows stand as the paper quotes "
    "them."
)


def to_markdown(
    number: int, table: pd.DataFrame, claims: pd.DataFrame, retrained: bool, budget: str = ""
) -> str:
    """Writes title, table, footnote, and the verdicts on the paper's claims about the table.

    Our costs stand in the unit that fits the largest of them, the paper's in GMACs, as printed.

    Args:
        table: of `build_table`.
        claims: of `settle`.
        retrained: the replicates are trainings of their own.
        budget: the sentence of `search_budget`.
    """
    metrics = [column.removesuffix("_sd") for column in table if column.endswith("_sd")]
    unit = fitting_unit(
        value for metric in metrics if metric in COST_HEADINGS for value in table[metric]
    )
    names = [_name(row) for row in table.itertuples()]
    cells = pd.DataFrame({"": names, "source": table["source"]})
    for metric in metrics:
        if f"paper_{metric}" in table:
            paper = [_number(value, metric, GMACS) for value in table[f"paper_{metric}"]]
            cells[f"{_heading(metric, GMACS)} paper"] = paper
        ours = [_ours(row, metric, unit) for _, row in table.iterrows()]
        cells[f"{_heading(metric, unit)} ours"] = ours
    lines = [
        f"# Table {number}: {TABLES[number].title}",
        "",
        cells.to_markdown(index=False, disable_numparse=True),
        "",
        FOOTNOTE.format(
            spread=SPREAD[retrained], noise=NOISE[retrained], budget=budget and f"{budget} "
        ),
        "",
        "The paper's claims about it, at this scale:",
        "",
        *(f"- {line.claim} **{line.verdict}** ({line.numbers})" for line in claims.itertuples()),
    ]
    return "\n".join(lines) + "\n"


def _name(row):
    """The paper's name of a row; a row of ours alone is named by method and run."""
    return f"{display_name(row.method)}, {row.run}" if row.source == "ours only" else row.label


def _heading(metric, unit):
    if metric in COST_HEADINGS:
        return COST_HEADINGS[metric].format(unit=unit.name)
    return METRICS[metric].heading_with_arrow


def _ours(row, metric, unit):
    text = _number(row[metric], metric, unit)
    if text and pd.notna(row[f"{metric}_sd"]) and metric not in COST_HEADINGS:
        text += f" ± {_number(row[f'{metric}_sd'], metric, unit)}"
    if metric == "fid" and row["mark"] == "best":
        return f"**{text}**"
    return f"{text} (=)" if metric == "fid" and row["mark"] == "tie" else text


def _number(value, metric, unit):
    """A metric with its decimals; costs with two, as the paper prints them."""
    if pd.isna(value):
        return ""
    if metric in COST_HEADINGS:
        return f"{value * unit.per_gmac:.2f}"
    return f"{value:.{METRICS[metric].decimals}f}"
