"""The architecture of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.errors import BadInput
from bench.parsing import check_positive, parse, suggest
from bench.perturbation import Perturbation

# SiT, arXiv 2401.08740, Table 1. The number behind the slash is the patch size.
_SIZES = {
    "S": {"depth": 12, "hidden_size": 384, "num_heads": 6},
    "B": {"depth": 12, "hidden_size": 768, "num_heads": 12},
    "L": {"depth": 24, "hidden_size": 1024, "num_heads": 16},
    "XL": {"depth": 28, "hidden_size": 1152, "num_heads": 16},
}
SIZES = {
    f"SiT-{letter}/{patch}": {**size, "patch_size": patch}
    for letter, size in _SIZES.items()
    for patch in (2, 4, 8)
}


@dataclass(frozen=True)
class Span:
    """Consecutive blocks that process the same tokens.

    Attributes:
        first, last: 0-based and inclusive; a decoder's blocks are counted on from the encoder's.
        tokens: ``all`` of them, or those that a sparse evaluation keeps.
        width: of the tokens.
    """

    first: int
    last: int
    tokens: Literal["all", "kept"]
    width: int

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class ModelConfig:
    """A SiT, dense or sparse.

    Attributes:
        input_size: height and width of the images or latents.
        in_channels: their channels.
        num_classes: classes; the label ``num_classes`` is the null class.
        patch_size, hidden_size, depth, num_heads, mlp_ratio: the transformer.
        route: (i, j), 0-based and inclusive: blocks i..j process the kept tokens alone.
        decoder: (width, depth, heads) of MaskDiT's decoder; the encoder drops the tokens.
        prediction: what the network's output means (bench/models/prediction.py); the model turns
            it into a velocity.
    """

    input_size: int
    in_channels: int
    num_classes: int
    patch_size: int
    hidden_size: int
    depth: int
    num_heads: int
    mlp_ratio: float = 4.0
    route: tuple[int, int] | None = None
    decoder: tuple[int, int, int] | None = None
    prediction: Literal["velocity", "epsilon", "edm"] = "velocity"

    def __post_init__(self):
        sizes = ("input_size", "in_channels", "num_classes", "patch_size", "hidden_size")
        check_positive(self, *sizes, "depth", "num_heads", "mlp_ratio")
        if self.input_size % self.patch_size:
            raise BadInput(
                f"patch_size: {self.patch_size} does not divide the input size {self.input_size}"
            )
        _check_width("hidden_size", self.hidden_size, self.num_heads)
        if self.route and self.decoder:
            raise BadInput("route: a model is routed or masked; leave out route or decoder")
        if self.route:
            first, last = self.route
            if not 0 <= first <= last < self.depth:
                raise BadInput(
                    f"route: {list(self.route)} is outside the depth {self.depth}; "
                    f"it is [first, last], inclusive, with 0 <= first <= last <= {self.depth - 1}"
                )
        if self.decoder:
            if min(self.decoder) <= 0:
                raise BadInput("decoder: [width, depth, heads] are positive")
            _check_width("decoder", self.decoder[0], self.decoder[2])

    @property
    def tokens(self) -> int:
        """T, the number of patches."""
        return (self.input_size // self.patch_size) ** 2

    @property
    def constructor_arguments(self) -> dict:
        """The arguments that the official codes' constructors take. The prediction is left out:
        each code has its own."""
        return {
            key: value
            for key, value in vars(self).items()
            if value is not None and key != "prediction"
        }

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every block in its order, in runs that process the same tokens."""
        width, end = self.hidden_size, self.depth - 1
        if self.route:
            first, last = self.route
            parts = ((0, first - 1, "all"), (first, last, "kept"), (last + 1, end, "all"))
            return tuple(Span(*part, width) for part in parts if part[0] <= part[1])
        if self.decoder:
            decoder_width, decoder_depth, _ = self.decoder
            encoder = Span(0, end, "kept", width)
            return encoder, Span(end + 1, end + decoder_depth, "all", decoder_width)
        return (Span(0, end, "all", width),)

    @property
    def divided_spans(self) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """The spans before the first that can drop tokens, and the others. A network that drops
        none has nothing before."""
        for index, span in enumerate(self.spans):
            if span.tokens == "kept":
                return self.spans[:index], self.spans[index:]
        return (), self.spans

    def in_prefix(self, perturbation: Perturbation | None) -> bool:
        """Tells if a perturbation changes a block before the first that can drop tokens."""
        before, _ = self.divided_spans
        if perturbation is None or not before:
            return False
        return min(perturbation.blocks) <= before[-1].last

    def check_blocks(self, blocks: Sequence[int]) -> None:
        """Raises BadInput where one of ``blocks`` is not a block of the network."""
        end = self.spans[-1].last
        if max(blocks) > end:
            raise BadInput(f"blocks: {max(blocks)} is not one of the network's blocks 0 to {end}")

    @property
    def can_drop_tokens(self) -> bool:
        """Tells if a part of the network can run on fewer tokens."""
        return any(span.tokens == "kept" for span in self.spans)


def _check_width(key, width, heads):
    if width % heads:
        raise BadInput(f"{key}: the width {width} is not a multiple of the {heads} heads")
    if width % 4:
        raise BadInput(f"{key}: the width {width} is not a multiple of 4 (sin-cos positions)")


def model_config(settings: Mapping) -> ModelConfig:
    """The architecture of a mapping, in which ``size: SiT-XL/2`` stands for the four numbers
    that the name means; numbers given beside it win.

    Raises:
        BadInput: unknown key or size, wrong type, or sizes that do not fit each other.
    """
    if not isinstance(settings, Mapping):
        raise BadInput(f"expected a mapping, got {settings!r}")
    settings = dict(settings)
    size = settings.pop("size", None)
    if size is not None:
        if not isinstance(size, str) or size not in SIZES:
            raise BadInput(f"size: unknown size {size!r}{suggest(size, SIZES)}")
        settings = SIZES[size] | settings
    return parse(ModelConfig, settings)


def kept_tokens(tokens: int, gamma: float) -> int:
    """The number of ``tokens`` that are processed at gamma, rounded as in the official code."""
    return tokens - int(tokens * gamma)
