"""Figure 6: FID of AG+SG over the two sparsities, for several omega."""

from __future__ import annotations

from bench.report.figures import Drawing, Figure
from bench.report.look.contours import KEYS, colour_bar, contour_levels, draw_contours
from bench.report.look.style import PAGE
from bench.report.reading import read_specs
from bench.results import Results

CELL = ("routed", "autoguidance_sparse_guidance")


def draw(results: Results) -> Drawing:
    """Draws a panel per omega; all share their colours."""
    import matplotlib.pyplot as plt

    grid = read_specs(results.grid(*CELL))
    data = grid[[*KEYS, "fid", "linear_gmacs", "samples"]].sort_values(KEYS)
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


FIGURES = (
    Figure(
        name="figure6",
        caption="FID of AG+SG over the two sparsities, for several omega, the "
        "star marks a panel's optimum. Colours end at 1.8 times the lowest FID.",
        needs=lambda evidence: evidence.sparsity_grids(CELL),
        draw=draw,
    ),
)
