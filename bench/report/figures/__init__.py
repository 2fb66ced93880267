"""Figures, of the paper and beyond it.

Each module of this folder draws one figure, or several of a kind, and declares them in its
`FIGURES`: name, caption, the results that it needs, and the function that draws it. The command,
the workflow and the report learn of figures here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.config.scale import Scale
from bench.report.evidence import Evidence, NotRun
from bench.results import Results

# As text, because importing Matplotlib takes time.
Drawing = tuple["matplotlib.figure.Figure", "pandas.DataFrame"]  # noqa: F821


@dataclass(frozen=True)
class Figure:
    """A view over results.

    Attributes:
        name: of its files; the command takes it.
        caption: reStructuredText, for the report.
        needs: returns the files that it is drawn from; raises `NotRun` where a scale lacks them.
        draw: returns Matplotlib's figure and the numbers in it.
    """

    name: str
    caption: str
    needs: Callable[[Evidence], list[Path]]
    draw: Callable[[Results], Drawing]

    def files(self, scale: Scale, results: Results) -> list[Path] | None:
        """The files that the figure is drawn from; None where the scale cannot draw it."""
        try:
            return self.needs(Evidence(scale, results))
        except NotRun:
            return None


@cache
def figures() -> dict[str, Figure]:
    """All figures by name."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    ]
    return {figure.name: figure for module in modules for figure in module.FIGURES}
