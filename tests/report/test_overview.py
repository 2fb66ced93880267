"""The table of claims that stands in a Markdown file is the one that the claims' files give."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.__main__ import main
from bench.report.overview import BEGIN, END, side_by_side

ROOT = Path(__file__).parents[2]
CLAIMS = pd.DataFrame(
    {
        "id": ["one", "two"],
        "place": "Table 1",
        "claim": ["SG wins.", "SG is cheap."],
        "verdict": ["tie", "reproduced"],
        "difference_percent": [12.74, -2.0],
        "interval_percent": ["[-7.0, 32.5]", None],
        "paper_difference_percent": [-29.8, None],
        "replicates": "3 trainings",
        "numbers": "some",
    }
)


@pytest.fixture
def files(tmp_path):
    """Two scales' claims, and a page with the markers."""
    for name in ("small", "large"):
        (tmp_path / name).mkdir()
        CLAIMS.to_csv(tmp_path / name / "claims.csv", index=False)
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n")
    claims = [str(tmp_path / name / "claims.csv") for name in ("small", "large")]
    return page, ["overview", "--claims", *claims, "--into", str(page)]


def test_scales_stand_side_by_side():
    lines = side_by_side({"small": CLAIMS, "large": CLAIMS.assign(verdict="not run")}).splitlines()
    assert lines[0] == "| place | claim | paper | `small` | `large` |"
    assert lines[2].startswith("| Table 1 | SG wins. | -29.8 % | **tie** +12.7 % (-7.0 to +32.5) |")
    # Counted numbers have no interval, and the paper does not print all.
    assert lines[3].startswith("| Table 1 | SG is cheap. |  | **reproduced** -2.0 % |")
    assert "**not run**" in lines[3]


def test_the_table_takes_the_place_of_the_old_one(files):
    page, arguments = files
    assert main(arguments) == 0
    text = page.read_text()
    assert text.startswith("before\n\n")
    assert text.endswith("\n\nafter\n")
    assert "| Table 1 | SG wins. |" in text
    assert "old" not in text
    assert main(arguments) == 0
    assert page.read_text() == text


def test_bad_input_is_one_line(files, capsys):
    page, arguments = files
    page.write_text("no marker")
    assert main(arguments) == 2
    assert f"lacks the lines {BEGIN}" in capsys.readouterr().err
    assert page.read_text() == "no marker"
    CLAIMS[:1].to_csv(arguments[2], index=False)
    assert main(arguments) == 2
    assert "hold different claims" in capsys.readouterr().err


def test_the_readme_holds_what_the_committed_claims_give():
    scales = {
        name: pd.read_csv(ROOT / "results" / name / "claims.csv")
        for name in ("digits", "fashion-cpu")
    }
    readme = (ROOT / "README.md").read_text()
    assert readme.partition(BEGIN)[2].partition(END)[0].strip() == side_by_side(scales).strip()
