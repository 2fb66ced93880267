"""claims: settle the paper's claims with our numbers."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out
from bench.files.atomic import write_text


def add_arguments(parser):
    parser.add_argument("--results", required=True, type=Path, help="folder of metrics.csv")
    add_out(
        parser, "a line per claim (.csv); versions for readers lie beside it (.md, .html)", ".csv"
    )


def run(options):
    from bench.report.claims import settle
    from bench.report.overview import one_scale
    from bench.report.page import to_page
    from bench.results import Results

    claims = settle(Results(options.results))
    markdown = one_scale(claims)
    write_text(options.out, claims.to_csv(index=False))
    write_text(options.out.with_suffix(".md"), markdown)
    write_text(options.out.with_suffix(".html"), to_page("Claims", markdown))
    print(markdown, end="")
