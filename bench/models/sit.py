"""SiT: a transformer that predicts velocities (arXiv 2401.08740). Dense; its sparse forms are
`routing.RoutedSiT` and `masking.MaskedSiT`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.config.model import ModelConfig
from bench.models.layers import (
    Block,
    LabelEmbedder,
    ModulatedLinear,
    PatchEmbedder,
    TimestepEmbedder,
    sincos_positions,
)
from bench.models.prediction import PREDICTIONS


class SiT(nn.Module):
    """velocity = model(x, t, y, keep): x [B, C, H, W]; t [B], 0 noise to 1 data; y [B], labels
    (num_classes = null); keep [B, K], the indices of the processed tokens, or None for all.

    The forward pass is `prefix`, which all tokens go through, then `suffix`, and at the end what
    ``prediction`` makes of the network's output. Evaluations that differ in ``keep`` alone can
    share the prefix.
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        width = config.hidden_size
        self.config = config
        self.prediction = PREDICTIONS[config.prediction]()
        self.x_embedder = PatchEmbedder(config.patch_size, config.in_channels, width)
        self.t_embedder = TimestepEmbedder(width)
        self.y_embedder = LabelEmbedder(config.num_classes, width)
        side = config.input_size // config.patch_size
        self.register_buffer("pos_embed", sincos_positions(width, side), persistent=False)
        self.blocks = nn.ModuleList(
            Block(width, config.num_heads, config.mlp_ratio, width) for _ in range(config.depth)
        )
        self.final_layer = self._final_layer()

    def _final_layer(self) -> ModulatedLinear:
        width = self.config.hidden_size
        return ModulatedLinear(width, self._patch_values, conditioning=width)

    @property
    def _patch_values(self) -> int:
        return self.config.patch_size**2 * self.config.in_channels

    def forward(self, x: Tensor, t: Tensor, y: Tensor, keep: Tensor | None = None) -> Tensor:
        tokens, conditioning = self.prefix(x, t, y)
        return self.prediction.velocity(self.suffix(tokens, conditioning, keep), x, t)

    def prefix(self, x: Tensor, t: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """What is computed on all tokens before any is dropped: tokens [B, T, D] and the
        conditioning [B, D]."""
        x, time = self.prediction.network_input(x, t)
        return self.x_embedder(x) + self.pos_embed, self.t_embedder(time) + self.y_embedder(y)

    def suffix(self, tokens: Tensor, conditioning: Tensor, keep: Tensor | None) -> Tensor:
        """The network's output [B, C, H, W] from what `prefix` returned.

        Raises:
            ValueError: ``keep`` was given to a model that has no way to leave tokens out.
        """
        if keep is not None:
            raise ValueError("a model without a route or a decoder processes every token")
        for block in self.blocks:
            tokens = block(tokens, conditioning)
        return self.unpatchify(self.final_layer(tokens, conditioning))

    def unpatchify(self, patches: Tensor) -> Tensor:
        """Patches [B, T, p * p * C] to images [B, C, H, W]."""
        patch, channels = self.config.patch_size, self.config.in_channels
        side = self.config.input_size // patch
        grid = patches.view(-1, side, side, patch, patch, channels)
        return grid.permute(0, 5, 1, 3, 2, 4).reshape(-1, channels, side * patch, side * patch)

    def patchify(self, images: Tensor) -> Tensor:
        """Images [B, C, H, W] to patches [B, T, p * p * C]; undoes `unpatchify`."""
        patch, channels = self.config.patch_size, self.config.in_channels
        side = self.config.input_size // patch
        grid = images.view(-1, channels, side, patch, side, patch)
        return grid.permute(0, 2, 4, 3, 5, 1).reshape(-1, side * side, patch * patch * channels)

    def null_condition(self, batch: int) -> Tensor:
        """The condition [B] that stands for none."""
        return torch.full((batch,), self.config.num_classes, device=self.pos_embed.device)


def gather_tokens(tokens: Tensor, keep: Tensor) -> Tensor:
    """tokens [B, T, D] at the indices keep [B, K]: [B, K, D]."""
    return tokens.gather(1, keep.unsqueeze(-1).expand(-1, -1, tokens.shape[-1]))


def scatter_tokens(tokens: Tensor, keep: Tensor, kept: Tensor) -> Tensor:
    """tokens [B, T, D] with ``kept`` [B, K, D] put at the indices keep [B, K]."""
    return tokens.scatter(1, keep.unsqueeze(-1).expand_as(kept), kept)
