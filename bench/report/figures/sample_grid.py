"""Figures A5 to A9: uncurated samples, the same seeds under each method."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from bench.report.methods import label
from bench.report.strips import first_labels, first_samples, image_grid, show_image
from bench.report.style import PAGE

COLUMNS, ROWS = 20, 6


def draw(results: Path, method: str) -> tuple[plt.Figure, pd.DataFrame]:
    """The first samples of the routed model's first seed block, row by row."""
    images = first_samples(results, "routed", method, COLUMNS * ROWS)
    labels = first_labels(results, "routed", method, COLUMNS * ROWS)
    figure, axis = plt.subplots(figsize=(PAGE, PAGE * ROWS / COLUMNS + 0.2))
    show_image(axis, image_grid(images, COLUMNS))
    axis.set_title(f"{label(method)}, the first {len(images)} samples of the routed model")
    return figure, pd.DataFrame({"index": range(len(labels)), "label": labels})
