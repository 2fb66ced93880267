"""Beyond the paper: ways to weaken each model, compared without sampling."""

from __future__ import annotations

import pandas as pd

from bench.errors import BadInput
from bench.report.figures import Drawing, Figure
from bench.report.look.style import PAGE, log_axis
from bench.report.methods import DARK_BLUE, GREEN, GREY, LIGHT_BLUE, VERMILION, marker
from bench.report.reading import read_gap
from bench.results import Results

# Colours are for methods; runs are told apart by grey and marker.
RUN_GREYS = {"routed": "black", "masked": "0.4", "dense": "0.7"}


def draw(results: Results) -> Drawing:
    """Draws, at the left, the held-out velocity loss against gamma, relative to that of the whole
    model with its condition, and the same of the null condition; at the right, over t, that of
    each way to weaken the routed model, relative to its whole loss at the same t: velocities are
    so much harder near the data that differences elsewhere would not be seen.

    Raises:
        BadInput: no gap was measured.
    """
    import matplotlib.pyplot as plt

    paths = sorted(results.gaps.glob("*.csv"))
    if not paths:
        raise BadInput(f"{results.gaps}: holds no CSV; run `python -m bench capacity-gap` first")
    data = pd.concat(map(read_gap, paths), ignore_index=True)
    known = list(RUN_GREYS)
    runs = sorted(data["run"].unique(), key=lambda r: known.index(r) if r in known else len(known))

    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.6))
    for run in runs:
        _against_gamma(left, run, data[data["run"] == run])
    left.plot([], [], color="black", linestyle=":", label="with the null condition")
    log_axis(left)
    left.set_xlabel(r"$\gamma$, tokens left out")
    left.set_ylabel("loss relative to the whole model ↓")
    left.legend(frameon=False)

    shown = "routed" if "routed" in runs else runs[0]
    _over_t(right, data[data["run"] == shown])
    right.set_title(f"{shown} model")
    right.set_xlabel("t, noise to data")
    right.set_ylabel("loss relative to the whole model ↓")
    low, high = right.get_ylim()
    right.set_ylim(low, high + 0.3 * (high - low))
    right.legend(frameon=False, ncols=2, loc="upper center")
    return figure, data


def _trained(data):
    """The rows of the last snapshot."""
    return data[data["step"] == data["step"].max()]


def _against_gamma(axis, run, data):
    means = _trained(data).groupby(["condition", "gamma"])["loss"].mean()
    relative = means / means["given", 0.0]
    curve = relative["given"]
    colour = RUN_GREYS.get(run, "0.55")
    axis.plot(curve.index, curve, marker=marker(run), color=colour, markersize=4, label=run)
    axis.axhline(relative["null", 0.0], color=colour, linestyle=":", linewidth=1)


def _over_t(axis, data):
    trained = _trained(data)
    whole = _curve(trained, "given", 0.0)
    ways = [
        (rf"$\gamma$ = {gamma:g}", _curve(trained, "given", gamma), colour)
        for gamma, colour in ((0.5, LIGHT_BLUE), (0.9, DARK_BLUE))
    ]
    ways.append(("null condition", _curve(trained, "null", 0.0), VERMILION))
    earlier = data[data["step"] < data["step"].max()]
    if len(earlier):
        step = int(earlier["step"].max())
        snapshot = _curve(earlier[earlier["step"] == step], "given", 0.0)
        ways.append((f"snapshot at step {step:,}", snapshot, GREEN))
    for name, curve, colour in ways:
        if len(curve):
            relative = curve / whole
            axis.plot(relative.index, relative, marker="o", markersize=3, color=colour, label=name)
    axis.axhline(1, color=GREY, linewidth=0.8)


def _curve(data, condition, gamma):
    rows = data[(data["condition"] == condition) & (data["gamma"] == gamma)]
    return rows.set_index("t")["loss"]


FIGURES = (
    Figure(
        name="capacity_gap",
        caption="Ways to weaken each model, compared without sampling. Left: held-out velocity "
        "loss with a fraction of the tokens left out, relative to the whole model; dotted: with "
        "the null condition. Right: that of each way to weaken the routed model, over t.",
        needs=lambda evidence: evidence.gaps(),
        draw=draw,
    ),
)
