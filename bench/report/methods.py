"""The names and colours of methods and runs, the same in every figure, table and sentence."""

from __future__ import annotations

from dataclasses import dataclass

from bench.config.runs import read_snapshot

# The palette of Okabe and Ito, whose colours differ for every kind of colour vision. SG is blue,
# CFG vermilion; SG's named settings are its shades, and a combination with SG is the lighter shade
# of its partner.
BLUE, LIGHT_BLUE, DARK_BLUE = "#0072B2", "#7DB9E8", "#00375A"
VERMILION, LIGHT_VERMILION = "#D55E00", "#F3A683"
GREEN, LIGHT_GREEN = "#009E73", "#7FD1B9"
ORANGE, PURPLE, YELLOW = "#E69F00", "#CC79A7", "#F0E442"
GREY, BLACK = "#7F7F7F", "#000000"


@dataclass(frozen=True)
class Appearance:
    """The name of a method in text, its colour, and its name in figures where that has
    subscripts or formulas."""

    name: str
    colour: str
    math: str | None = None


METHODS = {
    "unguided": Appearance("unguided", GREY),
    "cfg": Appearance("CFG", VERMILION),
    "autoguidance": Appearance("AG", GREEN),
    "apg": Appearance("APG", ORANGE),
    "icg": Appearance("ICG", PURPLE),
    "skip_layer_guidance": Appearance("SLG", YELLOW),
    "sparse_guidance": Appearance("SG", BLUE),
    "sparse_guidance_flops": Appearance("SG_FLOPS", LIGHT_BLUE, r"SG$_\mathrm{FLOPS}$"),
    "sparse_guidance_fid": Appearance("SG_FID", DARK_BLUE, r"SG$_\mathrm{FID}$"),
    "cfg_sparse_guidance": Appearance("CFG+SG", LIGHT_VERMILION),
    "autoguidance_sparse_guidance": Appearance("AG+SG", LIGHT_GREEN),
    "naive_sparsity_50": Appearance("naive γ = 0.5", GREY, r"$\gamma$ = 0.5"),
    "naive_sparsity_70": Appearance("naive γ = 0.7", GREY, r"$\gamma$ = 0.7"),
    "naive_sparsity_90": Appearance("naive γ = 0.9", GREY, r"$\gamma$ = 0.9"),
}
MARKERS = {"routed": "o", "masked": "s", "dense": "^"}


def display_name(method: str) -> str:
    """The name of a method in text; a method of the user's own has the name of its key.

    ``autoguidance@300``, whose weak checkpoint is that of step 300, is "AG, weak step 300".
    """
    key, step = read_snapshot(method)
    name = METHODS[key].name if key in METHODS else key
    return name if step is None else f"{name}, weak step {step}"


def math_name(method: str) -> str:
    """The name of a method in figures, as Matplotlib's mathtext."""
    appearance = METHODS.get(method)
    return appearance.math if appearance and appearance.math else display_name(method)


def colour(method: str) -> str:
    """The colour of a method; black for a method of the user's own."""
    return METHODS[method].colour if method in METHODS else BLACK


def marker(run: str) -> str:
    """The marker of a run; a diamond for a run beside the paper's three."""
    return MARKERS.get(run, "D")
