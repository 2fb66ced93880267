"""Figures, of the paper and beyond it.

Each module of this folder draws one figure, or several of a kind, and declares them in its
`FIGURES`: name, caption, the results that it needs, and the function that draws it. The command,
the workflow and the report know figures from here.
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

# As text: the types of a drawing take a second to import.
Drawing = tuple["matplotlib.figure.Figure", "pandas.DataFrame"]  # noqa: F821


@dataclass(frozen=True)
class Figure:
    """A view over results.

    Attributes:
        name: names its files and is what the command is asked for.
        caption: reStructuredText, for the report.
        needs: the files that it is drawn from, picked out of a scale's evidence; it may raise
            `NotRun`.
        draw: returns the figure and the numbers in it.
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
