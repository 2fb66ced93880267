"""The budget that every method's hyperparameters were searched with."""

from __future__ import annotations

from collections.abc import Sequence

from bench.report.reading import read_specs
from bench.results import Results

# What is best, by the column that a search makes better.
BEST = {"fid": "the lowest FID", "preference": "the highest synthetic preference"}


def search_budget(results: Results, cells: Sequence[tuple[str, str]], column: str) -> str:
    """A sentence with the number of candidates of the searches of ``cells`` and the samples of
    each; empty where there are no searches.

    A method with few choices may have fewer candidates than the others.
    """
    paths = [results.search(*cell) for cell in cells]
    searches = [read_specs(path, column) for path in paths if path.exists()]
    if not searches:
        return ""
    candidates = max(len(search) for search in searches)
    samples = sorted({int(count) for search in searches for count in search["samples"]})
    return (
        f"Hyperparameters: {BEST[column]} of {candidates} candidates, as many for every method, "
        f"on {' or '.join(f'{count:,}' for count in samples)} samples each."
    )
