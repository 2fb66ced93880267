"""Figure 6: FID of AG+SG over the two sparsities, for several omega."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from bench.report.searches import read_search
from bench.report.style import FID_COLOURS, PAGE

# Colours end where FID is this many times the best: further out nobody would sample.
CLIP = 1.8
LEVELS = 12


def draw(results: Path) -> tuple[plt.Figure, pd.DataFrame]:
    """A panel per omega; the star is the panel's optimum, colours are clipped at the top."""
    search = read_search(results, "routed", "autoguidance_sparse_guidance")
    columns = ["omega", "gamma_strong", "gamma_weak", "fid", "linear_gmacs", "samples"]
    data = search[columns].sort_values(columns[:3])
    omegas = sorted(data["omega"].unique())
    levels = np.linspace(data["fid"].min(), CLIP * data["fid"].min(), LEVELS)

    figure, axes = plt.subplots(
        1, len(omegas), figsize=(PAGE, 2.15), sharex=True, sharey=True, squeeze=False
    )
    for axis, omega in zip(axes[0], omegas):
        grid = data[data["omega"] == omega].pivot(
            index="gamma_weak", columns="gamma_strong", values="fid"
        )
        filled = _panel(axis, grid, levels)
        axis.set_title(rf"$\omega = {omega:g}$")
        axis.set_xlabel(r"$\gamma_\mathrm{strong}$")
    axes[0, 0].set_ylabel(r"$\gamma_\mathrm{weak}$")
    count = int(data["samples"].iloc[0])
    bar = figure.colorbar(filled, ax=axes, label=f"FID@{count} ↓", pad=0.01)
    bar.set_ticks(levels[::3], labels=[f"{level:.1f}" for level in levels[::3]])
    return figure, data


def _panel(axis, grid, levels):
    x, y, z = grid.columns.to_numpy(), grid.index.to_numpy(), grid.to_numpy()
    filled = axis.contourf(x, y, z, levels=levels, cmap=FID_COLOURS, extend="max")
    lines = axis.contour(x, y, z, levels=levels[2::3], colors="black", linewidths=0.5)
    axis.clabel(lines, fmt="%.1f", fontsize=6)
    row, column = np.unravel_index(z.argmin(), z.shape)
    axis.plot(
        x[column], y[row], "*", color="white", markeredgecolor="black", markersize=10, clip_on=False
    )
    axis.annotate(
        f"{z.min():.2f}",
        (x[column], y[row]),
        xytext=(0, -11 if row > len(y) / 2 else 7),
        textcoords="offset points",
        ha="center",
        fontsize=7,
        bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "alpha": 0.8, "linewidth": 0},
    )
    axis.set_aspect("equal")
    axis.set_xticks(x, [f"{tick:g}" for tick in x])
    axis.set_yticks(y, [f"{tick:g}" for tick in y])
    return filled
