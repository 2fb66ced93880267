"""SiT: a transformer that predicts velocities (arXiv 2401.08740). Dense; its sparse forms are
`routing.RoutedSiT` and `masking.MaskedSiT`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.config.model import ModelConfig
from bench.data.conditions import Labels
from bench.models.layers import (
    Block,
    LabelEmbedder,
    ModulatedLinear,
    PatchEmbedder,
    TimestepEmbedder,
    sincos_positions,
)
from bench.models.velocity_model import VelocityModel


class SiT(VelocityModel):
    """Its condition is a batch of `Labels`, or their values [B] (num_classes: no class); the
    conditioning of its blocks is one vector, [B, D]."""

    def __init__(self, config: ModelConfig):
        super().__init__(config)
        width = config.hidden_size
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

    @property
    def device(self) -> torch.device:
        return self.pos_embed.device

    def null_condition(self, batch: int) -> Labels:
        return Labels(torch.full((batch,), self.config.num_classes, device=self.device))

    def embed(self, x: Tensor, time: Tensor, condition: Labels | Tensor) -> tuple[Tensor, Tensor]:
        labels = condition.values if isinstance(condition, Labels) else condition
        tokens = self.x_embedder(x) + self.pos_embed
        return tokens, self.t_embedder(time) + self.y_embedder(labels)
