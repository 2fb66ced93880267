"""Beyond the paper: the best method at each cost, over every cell that was measured."""

from __future__ import annotations

import pandas as pd

from bench.report.figures import Drawing, Figure
from bench.report.look.style import PAGE, log_axis
from bench.report.methods import GREY, colour, marker, math_name
from bench.report.rows import REAL, Rows
from bench.report.units import fitting_unit
from bench.results import Results


def draw(results: Results) -> Drawing:
    """Draws FID and recall against MACs per image; the line joins the cells that no other cell
    beats in both."""
    import matplotlib.pyplot as plt

    rows = Rows(results.metrics)
    data = rows.summarize()
    data["gmacs_per_image"] = data["linear_gmacs"] * data["steps"]
    data["fid_front"] = on_front(data["gmacs_per_image"], data["fid"])
    data["recall_front"] = on_front(data["gmacs_per_image"], -data["recall"])
    unit = fitting_unit(data["gmacs_per_image"])
    shown = data.assign(cost=data["gmacs_per_image"] * unit.per_gmac)

    figure, axes = plt.subplots(1, 2, figsize=(PAGE, 2.7))
    for axis, measure, name in zip(axes, ("fid", "recall"), ("FID ↓", "recall ↑")):
        _front(axis, shown[shown[f"{measure}_front"]], measure)
        for cell in shown.itertuples():
            axis.errorbar(
                cell.cost,
                getattr(cell, measure),
                yerr=getattr(cell, f"{measure}_sd"),
                fmt=marker(cell.run),
                color=colour(cell.method),
                markersize=4.5,
                markerfacecolor=colour(cell.method) if cell.run == "routed" else "white",
            )
        axis.axhline(rows.blocks(*REAL, measure).mean(), color=GREY, linewidth=0.8, linestyle=":")
        axis.set_xlabel(f"{unit.name} per image ↓")
        axis.set_ylabel(name)
    # On a linear axis one hopeless cell would press all others flat.
    log_axis(axes[0])
    _legend(figure, data)
    return figure, data


def on_front(cost: pd.Series, loss: pd.Series) -> list[bool]:
    """Tells of each point if it is on the Pareto front: no other costs no more and loses no more,
    with less of at least one."""
    points = list(zip(cost, loss))
    return [
        not any(
            macs <= mine[0] and lost <= mine[1] and (macs, lost) != mine for macs, lost in points
        )
        for mine in points
    ]


def _front(axis, front, measure):
    front = front.sort_values("cost")
    axis.plot(
        front["cost"],
        front[measure],
        color=GREY,
        linewidth=3,
        alpha=0.4,
        drawstyle="steps-post",
        zorder=0,
    )


def _legend(figure, data):
    import matplotlib.pyplot as plt

    handles = [
        plt.Line2D([], [], marker="o", linestyle="", color=colour(method), label=math_name(method))
        for method in data["method"].unique()
    ]
    handles += [
        plt.Line2D(
            [],
            [],
            marker=marker(run),
            linestyle="",
            color="black",
            markerfacecolor="black" if run == "routed" else "white",
            label=f"{run} model",
        )
        for run in data["run"].unique()
    ]
    handles.append(plt.Line2D([], [], color=GREY, linestyle=":", label="real images"))
    handles.append(plt.Line2D([], [], color=GREY, linewidth=3, alpha=0.4, label="Pareto front"))
    figure.legend(handles=handles, loc="outside right upper", frameon=False)


FIGURES = (
    Figure(
        name="pareto",
        caption="FID and recall against MACs per image for every cell measured; the line joins the "
        "cells that no other beats in both. Filled: the routed model.",
        needs=lambda evidence: evidence.metrics(),
        draw=draw,
    ),
)
