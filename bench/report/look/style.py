"""The look that all figures share."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from bench.files.atomic import replacing, write_text

COLUMN = 3.4  # inches, one column of a two-column paper
PAGE = 7.0
# Sequential, even in lightness, and readable without colour vision; low (good) FID is bright.
FID_COLOURS = "viridis_r"
SETTINGS = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
    "pdf.fonttype": 42,
    # Without a date, the same numbers give the same file.
    "svg.hashsalt": "bench",
}


@contextmanager
def styled():
    """The context in which a figure is drawn, to files alone."""
    import matplotlib as mpl

    mpl.use("Agg")
    with mpl.rc_context(SETTINGS):
        yield


def log_axis(axis) -> None:
    """A logarithmic y axis with plain numbers at 1, 2 and 5 times the powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    axis.set_yscale("log")
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.minorticks_off()


def save(figure, data: pd.DataFrame, path: Path) -> None:
    """Writes ``path`` (PNG, 200 dpi), a vector PDF and the data (CSV) beside it, and closes the
    figure."""
    import matplotlib.pyplot as plt

    for kind, options in (("png", {"dpi": 200}), ("pdf", {"metadata": {"CreationDate": None}})):
        with replacing(path.with_suffix(f".{kind}")) as temporary:
            # tight: axes of a fixed aspect can push their titles over the figure's edge.
            figure.savefig(temporary, format=kind, bbox_inches="tight", **options)
    write_text(path.with_suffix(".csv"), data.to_csv(index=False))
    plt.close(figure)
