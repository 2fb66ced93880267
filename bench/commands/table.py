"""table: print one of the paper's tables beside our numbers."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out
from bench.files.atomic import write_text

NUMBERS = (1, 2, 3)


def add_arguments(parser):
    parser.add_argument("number", type=int, choices=NUMBERS, help="the number in the paper")
    parser.add_argument("--results", required=True, type=Path, help="folder of metrics.csv")
    add_out(parser, "the table (.csv); versions for readers lie beside it (.md, .html)")


def run(options):
    from bench.report.budget import search_budget
    from bench.report.claims import settle
    from bench.report.markdown import to_markdown
    from bench.report.page import to_page
    from bench.report.rows import Rows
    from bench.report.tables import build_table
    from bench.results import Results

    results = Results(options.results)
    rows = Rows(results.metrics)
    table = build_table(options.number, rows)
    claims = settle(results, place=f"Table {options.number}")
    budget = search_budget(rows, results)
    markdown = to_markdown(options.number, table, claims, rows.retrained, budget)
    write_text(options.out, table.to_csv(index=False))
    write_text(options.out.with_suffix(".md"), markdown)
    write_text(options.out.with_suffix(".html"), to_page(f"Table {options.number}", markdown))
    print(markdown, end="")
