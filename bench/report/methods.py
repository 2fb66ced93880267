"""How methods and runs are called and coloured, the same in every figure."""

from __future__ import annotations

# Okabe and Ito's palette: told apart with any colour vision. SG is blue, CFG vermilion; SG's
# named settings are its shades, and a combination with SG is the lighter shade of its partner.
BLUE, LIGHT_BLUE, DARK_BLUE = "#0072B2", "#7DB9E8", "#00375A"
VERMILION, LIGHT_VERMILION = "#D55E00", "#F3A683"
GREEN, LIGHT_GREEN = "#009E73", "#7FD1B9"
ORANGE, PURPLE, GREY, BLACK = "#E69F00", "#CC79A7", "#7F7F7F", "#000000"

LABELS = {
    "unguided": "unguided",
    "cfg": "CFG",
    "autoguidance": "AG",
    "apg": "APG",
    "icg": "ICG",
    "sparse_guidance": "SG",
    "sparse_guidance_flops": "SG$_\\mathrm{FLOPS}$",
    "sparse_guidance_fid": "SG$_\\mathrm{FID}$",
    "cfg_sparse_guidance": "CFG+SG",
    "autoguidance_sparse_guidance": "AG+SG",
    "naive_sparsity_50": r"$\gamma$ = 0.5",
    "naive_sparsity_70": r"$\gamma$ = 0.7",
    "naive_sparsity_90": r"$\gamma$ = 0.9",
}
COLOURS = {
    "unguided": GREY,
    "cfg": VERMILION,
    "autoguidance": GREEN,
    "apg": ORANGE,
    "icg": PURPLE,
    "sparse_guidance": BLUE,
    "sparse_guidance_flops": LIGHT_BLUE,
    "sparse_guidance_fid": DARK_BLUE,
    "cfg_sparse_guidance": LIGHT_VERMILION,
    "autoguidance_sparse_guidance": LIGHT_GREEN,
    "naive_sparsity_50": GREY,
    "naive_sparsity_70": GREY,
    "naive_sparsity_90": GREY,
}
MARKERS = {"routed": "o", "masked": "s", "dense": "^"}


def label(method: str) -> str:
    """The method's name in a figure; a method of the user's own goes by its name."""
    return LABELS.get(method, method)


def colour(method: str) -> str:
    """The method's colour; black for a method of the user's own."""
    return COLOURS.get(method, BLACK)


def marker(run: str) -> str:
    """The run's marker; a diamond for a run beside the paper's three."""
    return MARKERS.get(run, "D")
