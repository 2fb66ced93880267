"""FID over the two sparsities of Sparse Guidance, as filled contours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.report.look.style import FID_COLOURS

# Colours end where FID is this many times the best; nobody would sample with more.
CLIP = 1.8
LEVELS = 12
KEYS = ["omega", "gamma_strong", "gamma_weak"]


def contour_levels(fids: pd.Series) -> np.ndarray:
    """The levels between the colours that panels share."""
    return np.linspace(fids.min(), CLIP * fids.min(), LEVELS)


def draw_contours(axis, points: pd.DataFrame, levels: np.ndarray):
    """Draws the candidates of one omega; a star marks the optimum, and points that were not
    measured stay white.

    Args:
        points: columns gamma_strong, gamma_weak, fid.

    Returns:
        The filled contours, for `colour_bar`.
    """
    grid = points.pivot(index="gamma_weak", columns="gamma_strong", values="fid")
    x, y = grid.columns.to_numpy(), grid.index.to_numpy()
    z = np.ma.masked_invalid(grid.to_numpy())
    filled = axis.contourf(x, y, z, levels=levels, cmap=FID_COLOURS, extend="max")
    lines = axis.contour(x, y, z, levels=levels[2::3], colors="black", linewidths=0.5)
    # Every second line has its number: where FID is steep, numbers would overlap.
    axis.clabel(lines, lines.levels[::2], fmt="%.1f", fontsize=6)
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
    axis.set_xlabel(r"$\gamma_\mathrm{strong}$")
    return filled


def colour_bar(figure, filled, axes, levels: np.ndarray, samples: int) -> None:
    """Draws the colour bar that ``axes`` share beside them."""
    bar = figure.colorbar(filled, ax=axes, label=f"FID@{samples} ↓", pad=0.01)
    bar.set_ticks(levels[::3], labels=[f"{level:.1f}" for level in levels[::3]])
