"""The architecture of the paper's text-to-image model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.config.prompted import PromptedConfig
from bench.errors import BadInput

# arXiv 2601.01608, Table A2; the width of InternVL3-2B's states.
TR_DIT_SIZES = {
    "TR-DiT-2.5B": {
        "kind": "tr_dit",
        "patch_size": 2,
        "hidden_size": 2048,
        "depth": 34,
        "num_heads": 16,
        "route": (2, 30),
        "text_width": 1536,
        "text_length": 256,
    }
}
# Trainable layers behind the frozen text encoder.
TEXT_LAYERS = 2
# Of the modulation that all blocks share: shift, scale and gate of attention and of SwiGLU; of the
# output's shift and scale.
BLOCK_PARTS, OUTPUT_PARTS = 6, 2
# So that matrix kernels on a GPU fill their tiles.
FEED_FORWARD_MULTIPLE = 8


@dataclass(frozen=True)
class TRDiTConfig(PromptedConfig):
    """A TR-DiT (arXiv 2601.01608, Table A2): a Llama-style transformer.

    Attributes:
        prediction: what the network's output means (bench/models/prediction.py).
        learned_positions: adds to each patch a learned vector of its place, at first DiT's 2-D
            sines and cosines. The paper's model has rotary positions alone, which are relative:
            with few tokens and half of them left out, a patch hardly learns from those where in the
            image it is.
        kind: tells it from other architectures in a file.
    """

    prediction: Literal["velocity", "data"] = "velocity"
    learned_positions: bool = False
    kind: Literal["tr_dit"] = "tr_dit"

    def __post_init__(self):
        super().__post_init__()
        if self.hidden_size % (4 * self.num_heads):
            raise BadInput(
                f"hidden_size: {self.hidden_size} is not a multiple of 4 x {self.num_heads} heads; "
                "rotary positions turn pairs of each head's channels, half of them for the row"
            )

    @property
    def feed_forward(self) -> int:
        """The inner width of SwiGLU, 8/3 of the width."""
        return -(-8 * self.hidden_size // (3 * FEED_FORWARD_MULTIPLE)) * FEED_FORWARD_MULTIPLE
