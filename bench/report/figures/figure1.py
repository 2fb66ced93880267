"""Figure 1, right: FID and cost of the routed model, unguided and under CFG, SG_FLOPS, SG_FID."""

from __future__ import annotations

import pandas as pd

from bench.report.figures import Drawing, Figure
from bench.report.look.style import COLUMN
from bench.report.methods import GREY, colour, math_name
from bench.report.rows import REAL, Rows
from bench.results import Results

METHODS = ("unguided", "cfg", "sparse_guidance_flops", "sparse_guidance_fid")


def draw(results: Results) -> Drawing:
    """Draws arrows from the unguided model to each method; bars are the standard deviation over
    seed blocks."""
    import matplotlib.pyplot as plt

    rows = Rows(results.metrics)
    cells = rows.summarize()
    routed = cells[(cells["run"] == "routed") & cells["method"].isin(METHODS)].copy()
    dense = cells[(cells["run"] == "dense") & (cells["method"] == "unguided")]
    unguided = routed[routed["method"] == "unguided"].iloc[0]
    data = pd.concat([routed, dense])
    data["relative_macs"] = data["linear_gmacs"] / unguided["linear_gmacs"]
    floor = rows.blocks(*REAL, "fid").mean()

    figure, axis = plt.subplots(figsize=(COLUMN, 2.4))
    for cell in data.itertuples():
        is_dense = cell.run == "dense"
        axis.errorbar(
            cell.relative_macs,
            cell.fid,
            yerr=cell.fid_sd,
            fmt="^" if is_dense else "o",
            color=GREY if is_dense else colour(cell.method),
            markersize=5,
            zorder=3,
        )
        axis.annotate(
            "dense" if is_dense else math_name(cell.method),
            (cell.relative_macs, cell.fid),
            xytext=(6, -11) if is_dense or _beside(cell, unguided) else (6, 4),
            textcoords="offset points",
        )
        if cell.method != "unguided":
            axis.annotate(
                "",
                (cell.relative_macs, cell.fid),
                xytext=(1, unguided["fid"]),
                arrowprops={
                    "arrowstyle": "->",
                    "color": colour(cell.method),
                    "alpha": 0.6,
                    "shrinkA": 4,
                    "shrinkB": 5,
                },
            )
    axis.axhline(floor, color=GREY, linewidth=0.8, linestyle=":")
    axis.annotate(
        "real images",
        (0.99, floor),
        xycoords=("axes fraction", "data"),
        ha="right",
        xytext=(0, 2),
        textcoords="offset points",
        color=GREY,
        fontsize=7,
    )
    axis.set_xlim(0.8, 2.35)
    axis.set_ylim(0, None)
    axis.set_xlabel("MACs per step, relative to unguided ↓")
    axis.set_ylabel("FID ↓")
    return figure, data


def _beside(cell, unguided):
    """Tells if a cell's name would overlap that of the unguided model."""
    near = abs(cell.relative_macs - 1) < 0.3 and abs(cell.fid / unguided["fid"] - 1) < 0.1
    return near and cell.method != "unguided"


FIGURES = (
    Figure(
        name="figure1",
        caption="FID against the MACs of a guided step, relative to the unguided one, on the "
        "routed model; arrows lead from unguided to each method, bars are the standard deviation "
        "over replicates. The triangle is the dense model without guidance, the dotted line real "
        "images.",
        needs=lambda evidence: evidence.metrics(("routed", "unguided")),
        draw=draw,
    ),
)
