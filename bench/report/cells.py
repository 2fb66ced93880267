"""Every measured cell in one line: means and deviations over its seed blocks."""

from __future__ import annotations

import pandas as pd

from bench.report.rows import Rows

MEASURES = ("fid", "recall", "linear_gmacs", "steps")


def summarize(rows: Rows) -> pd.DataFrame:
    """Columns run, method, the mean of each of `MEASURES`, and the sd over blocks of FID and
    recall (0 for a single block)."""
    lines = []
    for run, method in rows.cells():
        line = {"run": run, "method": method}
        line |= {measure: rows.blocks(run, method, measure).mean() for measure in MEASURES}
        for measure in ("fid", "recall"):
            sd = rows.blocks(run, method, measure).std(ddof=1)
            line[f"{measure}_sd"] = 0.0 if pd.isna(sd) else sd
        lines.append(line)
    return pd.DataFrame(lines)
