"""Figure 6: FID of AG+SG over the two sparsities, for several omega."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from bench.report.contours import KEYS, colour_bar, contour_levels, draw_contours
from bench.report.searches import read_search
from bench.report.style import PAGE


def draw(results: Path) -> tuple[plt.Figure, pd.DataFrame]:
    """A panel per omega; all share their colours."""
    search = read_search(results, "routed", "autoguidance_sparse_guidance")
    data = search[[*KEYS, "fid", "linear_gmacs", "samples"]].sort_values(KEYS)
    omegas = sorted(data["omega"].unique())
    levels = contour_levels(data["fid"])

    figure, axes = plt.subplots(
        1, len(omegas), figsize=(PAGE, 2.15), sharex=True, sharey=True, squeeze=False
    )
    for axis, omega in zip(axes[0], omegas):
        filled = draw_contours(axis, data[data["omega"] == omega], levels)
        axis.set_title(rf"$\omega = {omega:g}$")
    axes[0, 0].set_ylabel(r"$\gamma_\mathrm{weak}$")
    colour_bar(figure, filled, axes, levels, data["samples"].iloc[0])
    return figure, data
