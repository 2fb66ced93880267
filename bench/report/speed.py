"""The time of guidance methods against what their MACs say."""

from __future__ import annotations

import json

import pandas as pd

from bench.config.model import model_config
from bench.report.figures import Drawing
from bench.report.look.style import COLUMN, PAGE
from bench.report.methods import GREY, colour, math_name

# Those of compiled networks are hollow.
MARKERS = {"fp32": "o", "bf16": "^"}


def draw(rows: pd.DataFrame) -> Drawing:
    """Draws a panel per batch size: the time of a step relative to CFG's (median and quartiles)
    against its MACs relative to CFG's; a line joins Sparse Guidance at all its sparsities, which
    are named at the top. On the diagonal, what is saved in MACs is saved in time. Compiled networks
    have hollow markers.

    Args:
        rows: of bench/stages/speed.py.
    """
    import matplotlib.pyplot as plt

    data = rows[rows["loop"] == "sampler"]
    batches = data["batch"].unique()
    width = COLUMN if len(batches) == 1 else PAGE
    figure, axes = plt.subplots(1, len(batches), figsize=(width, 3.4), sharey=True, squeeze=False)
    for axis, batch in zip(axes[0], batches):
        panel = data[data["batch"] == batch]
        ends = [panel["cfg_mac_ratio"].min(), panel["cfg_mac_ratio"].max()]
        axis.plot(ends, ends, color=GREY, linestyle=":", linewidth=1, zorder=0)
        for (dtype, compiled), mine in panel.groupby(["dtype", "compiled"], sort=False):
            _points(axis, mine, dtype, compiled)
        sparse = panel[panel["gamma_weak"].notna()].drop_duplicates("cfg_mac_ratio")
        if len(sparse):
            _name_sparsities(axis, sparse)
        axis.set_title(f"{_describe(panel)}, batch {batch}")
        axis.set_xlabel("MACs relative to CFG")
    axes[0, 0].set_ylabel("time relative to CFG ↓")
    columns = 6 if len(batches) > 1 else 3
    figure.legend(handles=_legend(data), loc="outside lower center", ncols=columns, frameon=False)
    return figure, data


def _describe(rows):
    config = model_config(json.loads(rows["model"].iloc[0]))
    return f"width {config.hidden_size}, depth {config.depth}, {config.tokens} tokens"


def _points(axis, rows, dtype, compiled):
    for method, mine in rows.sort_values("cfg_mac_ratio").groupby("method"):
        ratio = mine["cfg_ratio"]
        axis.errorbar(
            mine["cfg_mac_ratio"],
            ratio,
            yerr=[ratio - mine["cfg_ratio_q1"], mine["cfg_ratio_q3"] - ratio],
            marker=MARKERS[dtype],
            markersize=4,
            markerfacecolor="white" if compiled else colour(method),
            linewidth=0.8,
            color=colour(method),
        )


def _name_sparsities(axis, rows):
    names = [f"{row.gamma_strong:g}, {row.gamma_weak:g}" for row in rows.itertuples()]
    top = axis.secondary_xaxis("top")
    top.set_xticks(rows["cfg_mac_ratio"], names, rotation=45, ha="left", rotation_mode="anchor")
    top.set_xlabel(r"SG's $\gamma_\mathrm{strong}$, $\gamma_\mathrm{weak}$")


def _legend(data):
    import matplotlib.pyplot as plt

    handles = [
        plt.Line2D([], [], marker="o", linestyle="", color=colour(method), label=math_name(method))
        for method in data["method"].unique()
    ]
    modes = data[["dtype", "compiled"]].drop_duplicates().itertuples(index=False)
    handles += [
        plt.Line2D(
            [],
            [],
            marker=MARKERS[dtype],
            linestyle="",
            color="black",
            markerfacecolor="white" if compiled else "black",
            label=f"{dtype}, compiled" if compiled else dtype,
        )
        for dtype, compiled in modes
    ]
    return handles
