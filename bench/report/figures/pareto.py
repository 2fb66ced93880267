"""Beyond the paper: which method to use at which cost, over every cell measured so far."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from bench.report.cells import summarize
from bench.report.methods import GREY, colour, label, marker
from bench.report.rows import REAL, Rows
from bench.report.style import PAGE, log_axis


def draw(results: Path) -> tuple[plt.Figure, pd.DataFrame]:
    """FID and recall against MACs per image; the line joins the cells that no other cell beats
    in both."""
    rows = Rows(results)
    data = summarize(rows)
    data["gmacs_per_image"] = data["linear_gmacs"] * data["steps"]
    data["fid_front"] = on_front(data["gmacs_per_image"], data["fid"])
    data["recall_front"] = on_front(data["gmacs_per_image"], -data["recall"])

    figure, axes = plt.subplots(1, 2, figsize=(PAGE, 2.7))
    for axis, measure, name in zip(axes, ("fid", "recall"), ("FID ↓", "recall ↑")):
        _front(axis, data[data[f"{measure}_front"]], measure)
        for cell in data.itertuples():
            axis.errorbar(
                cell.gmacs_per_image,
                getattr(cell, measure),
                yerr=getattr(cell, f"{measure}_sd"),
                fmt=marker(cell.run),
                color=colour(cell.method),
                markersize=4.5,
                markerfacecolor=colour(cell.method) if cell.run == "routed" else "white",
            )
        axis.axhline(rows.blocks(*REAL, measure).mean(), color=GREY, linewidth=0.8, linestyle=":")
        axis.set_xlabel("GMACs per image ↓")
        axis.set_ylabel(name)
    # One hopeless cell would press all others flat.
    log_axis(axes[0])
    _legend(figure, data)
    return figure, data


def on_front(cost: pd.Series, loss: pd.Series) -> list[bool]:
    """Whether no other point costs no more and loses no more, and less of one of the two."""
    points = list(zip(cost, loss))
    return [
        not any(
            macs <= mine[0] and lost <= mine[1] and (macs, lost) != mine for macs, lost in points
        )
        for mine in points
    ]


def _front(axis, front, measure):
    front = front.sort_values("gmacs_per_image")
    axis.plot(
        front["gmacs_per_image"],
        front[measure],
        color=GREY,
        linewidth=3,
        alpha=0.4,
        drawstyle="steps-post",
        zorder=0,
    )


def _legend(figure, data):
    handles = [
        plt.Line2D([], [], marker="o", linestyle="", color=colour(method), label=label(method))
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
