"""A table of text-to-image models as Markdown, for readers."""

from __future__ import annotations

import pandas as pd

from bench.report.prompt_tables import has_bounds, table_of
from bench.report.statistics import SPREAD
from bench.report.units import fitting_unit

NAMES = ("label", "source", "run", "method", "rank", "overall", "mean")
FOOTNOTE = (
    "Ours: mean over {replicates}; in brackets the standard deviation over the replicates, then "
    "the standard error by the spread over prompts. {remark} {bounds}MACs are of one guided step "
    "and sample, linear layers alone. Ranks of ours are within a run. {budget}"
)
BOUNDS_NOTE = (
    "Ceiling: renders of the prompts; floor: the same renders under each other's prompts. "
)
PAPER_NOTE = (
    "Ranks are computed from the printed overall score; the mean is that of the row's own "
    "columns, which is not always what is printed. Quoted rows stand as the paper quotes them."
)


def to_markdown(
    number: int,
    paper: pd.DataFrame,
    ours: pd.DataFrame,
    retrained: bool,
    budget: str,
    accuracies: str,
) -> str:
    """Writes the title, our rows and their footnote, and the paper's rows.

    Args:
        paper: of `paper_rows`.
        ours: of `our_rows`.
        retrained: the replicates are trainings of their own.
        budget: the sentence of `search_budget`.
        accuracies: that of `accuracy_sentence`; empty without a synthetic preference score.
    """
    table = table_of(number, ours)
    footnote = FOOTNOTE.format(
        replicates=_replicates(int(ours["replicates"].max()), retrained),
        remark=table.remark.format(accuracies=accuracies),
        bounds=BOUNDS_NOTE if has_bounds(ours) else "",
        budget=budget,
    )
    return "\n".join(
        [
            f"# Table {number}: {table.title}",
            "",
            "## Ours",
            "",
            _ours(ours, table).to_markdown(index=False, disable_numparse=True),
            "",
            footnote.strip(),
            "",
            "## The paper's",
            "",
            _paper(paper).to_markdown(index=False, disable_numparse=True),
            "",
            PAPER_NOTE,
            "",
        ]
    )


def _replicates(count, retrained):
    if count == 1:
        return "one block"
    return f"{count} {'replicates, each a training of its own' if retrained else SPREAD[False]}"


def _ours(ours, table):
    unit = fitting_unit(ours["linear_gmacs"].dropna())
    cells = pd.DataFrame({"": ours["label"], "rank": ours["rank"].map(_whole)})
    cells[f"{unit.name} ↓"] = [
        "" if pd.isna(value) else f"{value * unit.per_gmac:.2f}" for value in ours["linear_gmacs"]
    ]
    for heading, column in table.scores.items():
        cells[f"{heading.replace('_', ' ')} ↑"] = [
            _with_errors(*values)
            for values in zip(ours[column], ours[f"{column}_sd"], ours[f"{column}_se"])
        ]
    return cells


def _paper(paper):
    cells = pd.DataFrame({"": paper["label"], "source": paper["source"], "rank": paper["rank"]})
    for column in ["overall", "mean", *(name for name in paper if name not in NAMES)]:
        cells[column.replace("_", " ")] = paper[column].map("{:.2f}".format)
    return cells


def _with_errors(mean, deviation, error):
    if pd.isna(mean):
        return ""
    found = [f"{value:.3f}" for value in (deviation, error) if pd.notna(value)]
    return f"{mean:.3f} ({', '.join(found)})" if found else f"{mean:.3f}"


def _whole(rank):
    return "" if pd.isna(rank) else f"{rank:d}"
