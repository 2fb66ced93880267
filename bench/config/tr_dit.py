"""The architecture of a text-to-image model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from bench.config.spans import Span, Spanned, check_route, routed_spans
from bench.errors import BadInput
from bench.parsing import check_positive

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
class TRDiTConfig(Spanned):
    """A TR-DiT: a Llama-style transformer under a prompt, with a token route.

    Attributes:
        input_size: height and width of the images or latents.
        in_channels: their channels.
        text_width: of the frozen text encoder's states.
        text_length: states of a prompt, padding included.
        patch_size, hidden_size, depth, num_heads: the transformer.
        route: (i, j), 0-based and inclusive: blocks i..j process the kept tokens alone.
        prediction: what the network's output means (bench/models/prediction.py).
        kind: tells it from other architectures in a file.
    """

    input_size: int
    in_channels: int
    text_width: int
    text_length: int
    patch_size: int
    hidden_size: int
    depth: int
    num_heads: int
    route: tuple[int, int] | None = None
    prediction: Literal["velocity", "data"] = "velocity"
    kind: Literal["tr_dit"] = "tr_dit"

    # Nothing but the route leaves tokens out.
    decoder: ClassVar[None] = None

    def __post_init__(self):
        check_positive(self, "input_size", "in_channels", "text_width", "text_length")
        check_positive(self, "patch_size", "hidden_size", "depth", "num_heads")
        if self.input_size % self.patch_size:
            raise BadInput(
                f"patch_size: {self.patch_size} does not divide the input size {self.input_size}"
            )
        if self.hidden_size % (4 * self.num_heads):
            raise BadInput(
                f"hidden_size: {self.hidden_size} is not a multiple of 4 x {self.num_heads} heads; "
                "rotary positions turn pairs of each head's channels, half of them for the row"
            )
        if self.route:
            check_route(self.route, self.depth)

    @property
    def tokens(self) -> int:
        """T, the number of patches."""
        return (self.input_size // self.patch_size) ** 2

    @property
    def feed_forward(self) -> int:
        """The inner width of SwiGLU, 8/3 of the width."""
        return -(-8 * self.hidden_size // (3 * FEED_FORWARD_MULTIPLE)) * FEED_FORWARD_MULTIPLE

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every block in its order, in runs that process the same tokens."""
        return routed_spans(self.route, self.depth, self.hidden_size)

    @property
    def interface(self) -> tuple:
        """Samples, patches and conditions: what two models that guide each other agree in."""
        return (
            self.input_size,
            self.in_channels,
            self.patch_size,
            self.text_width,
            self.text_length,
        )
