"""Figure 3: routing and masking in the models of the scale."""

from __future__ import annotations

import pandas as pd

from bench.report.figures import Drawing, Figure
from bench.report.look.style import PAGE
from bench.report.methods import BLUE, GREY, LIGHT_BLUE, LIGHT_GREEN, ORANGE
from bench.report.reading import read_parts
from bench.results import Results

TITLES = {"routed": "routing (TREAD)", "masked": "masking (MaskDiT)"}
COLOURS = {
    "patches": GREY,
    "block": BLUE,
    "linear": ORANGE,
    "decoder block": LIGHT_BLUE,
    "velocity": GREY,
}
# Tokens beside those of the image that a part processes: their hatch and their description.
BESIDE = {
    "stashed_tokens": ("////", "stashed, put back unchanged"),
    "mask_tokens": ("....", "mask tokens fill the gaps"),
}


def draw(results: Results) -> Drawing:
    """Draws a bar per part of the model, in the order of the forward pass; its height is the number
    of tokens that the part processes in training."""
    import matplotlib.pyplot as plt

    data = pd.concat(
        [read_parts(results.checkpoints(run)).assign(run=run) for run in TITLES], ignore_index=True
    )
    counts = [int((data["run"] == run).sum()) for run in TITLES]
    figure, axes = plt.subplots(
        1, len(TITLES), figsize=(PAGE, 2.3), sharey=True, width_ratios=counts
    )
    for axis, (run, title) in zip(axes, TITLES.items()):
        mine = data[data["run"] == run].reset_index(drop=True)
        _bars(axis, mine)
        axis.set_title(f"{title}: {_summary(mine)}")
    axes[0].set_ylabel("tokens")
    return figure, data


def _bars(axis, data):
    colours = [COLOURS[part] for part in data["part"]]
    tokens = data["image_tokens"].max()
    axis.bar(data.index, data["image_tokens"], 0.8, color=colours)
    for column, (hatch, text) in BESIDE.items():
        mine = data[data[column] > 0]
        if mine.empty:
            continue
        axis.bar(
            mine.index,
            mine[column],
            0.8,
            mine["image_tokens"],
            color="white",
            edgecolor=LIGHT_GREEN,
            hatch=hatch,
            linewidth=0,
        )
        first, last = mine.index[0] - 0.5, mine.index[-1] + 0.5
        axis.text((first + last) / 2, 1.13 * tokens, text, ha="center", va="bottom", fontsize=7)
        if column == "stashed_tokens":
            axis.annotate(
                "",
                (last, 1.1 * tokens),
                xytext=(first, 1.1 * tokens),
                arrowprops={"arrowstyle": "->"},
            )
    axis.set_ylim(0, 1.3 * tokens)
    # Only every second or third block of a deep model has its number, so that numbers fit.
    stride = 1 + len(data) // 16
    are_blocks = data["part"].str.endswith("block")
    shown = data[~are_blocks | (data["index"] % stride == 0)]
    names = shown["part"].where(~are_blocks, shown["index"].astype(str))
    axis.set_xticks(shown.index, names)
    axis.tick_params(axis="x", length=0)
    for tick in axis.get_xticklabels():
        if not tick.get_text().isdecimal():
            tick.set(rotation=45, ha="right", rotation_mode="anchor")
    axis.set_xlabel("forward pass; numbers are blocks")


def _summary(data):
    kept, tokens = data["image_tokens"].min(), data["image_tokens"].max()
    return f"{kept} of {tokens} tokens"


FIGURES = (
    Figure(
        name="figure3",
        caption="Routing and masking in training, as the models of this scale do them: a bar per "
        "part, its height the number of tokens that the part processes; hatched above a routed "
        "block, those that bypass it.",
        needs=lambda evidence: evidence.checkpoints(*TITLES),
        draw=draw,
    ),
)
