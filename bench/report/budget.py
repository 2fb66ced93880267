"""The budget that every method's hyperparameters were searched with."""

from __future__ import annotations

from bench.report.reading import read_specs
from bench.report.rows import Rows
from bench.results import Results


def search_budget(rows: Rows, results: Results) -> str:
    """A sentence with the number of candidates of the measured cells' searches and the samples of
    each; empty where there are no searches.

    A method with few choices may have fewer candidates than the others.
    """
    paths = [results.search(*cell) for cell in rows.cells()]
    searches = [read_specs(path) for path in paths if path.exists()]
    if not searches:
        return ""
    candidates = max(len(search) for search in searches)
    samples = sorted({int(count) for search in searches for count in search["samples"]})
    return (
        f"Hyperparameters: the lowest FID of {candidates} candidates, as many for every method, "
        f"on {' or '.join(f'{count:,}' for count in samples)} samples each."
    )
