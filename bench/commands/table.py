"""table: print one of the paper's tables beside our numbers."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out
from bench.files.atomic import write_text

# The second are of text-to-image models.
NUMBERS, PROMPT_NUMBERS = (1, 2, 3), (4, 5)


def add_arguments(parser):
    parser.add_argument(
        "number", type=int, choices=NUMBERS + PROMPT_NUMBERS, help="the number in the paper"
    )
    parser.add_argument("--results", required=True, type=Path, help="folder of metrics.csv")
    add_out(parser, "the table (.csv); versions for readers lie beside it (.md, .html)", ".csv")


def run(options):
    from bench.report.page import to_page
    from bench.results import Results

    build = _of_prompts if options.number in PROMPT_NUMBERS else _of_classes
    table, markdown = build(options.number, Results(options.results))
    write_text(options.out, table.to_csv(index=False))
    write_text(options.out.with_suffix(".md"), markdown)
    write_text(options.out.with_suffix(".html"), to_page(f"Table {options.number}", markdown))
    print(markdown, end="")


def _of_classes(number, results):
    from bench.report.budget import search_budget
    from bench.report.claims import settle
    from bench.report.markdown import to_markdown
    from bench.report.rows import Rows
    from bench.report.tables import build_table

    rows = Rows(results.metrics)
    table = build_table(number, rows)
    claims = settle(results, place=f"Table {number}")
    budget = search_budget(results, rows.cells(), "fid")
    return table, to_markdown(number, table, claims, rows.retrained, budget)


def _of_prompts(number, results):
    from bench.report.budget import search_budget
    from bench.report.prompt_markdown import to_markdown
    from bench.report.prompt_tables import (
        accuracy_sentence,
        has_bounds,
        joined,
        our_rows,
        paper_rows,
    )
    from bench.report.rows import Rows

    rows = Rows(results.metrics)
    paper, ours = paper_rows(number), our_rows(number, rows)
    budget = search_budget(results, list(zip(ours["run"], ours["method"])), "preference")
    accuracies = accuracy_sentence(results.preference_accuracies) if has_bounds(ours) else ""
    markdown = to_markdown(number, paper, ours, rows.retrained, budget, accuracies)
    return joined(ours, paper), markdown
