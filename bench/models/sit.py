"""SiT: a transformer that predicts velocities (arXiv 2401.08740). Dense; its sparse forms are
`routing.RoutedSiT` and `masking.MaskedSiT`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.config.model import ModelConfig, Span
from bench.data.conditions import Labels
from bench.models.layers import (
    Block,
    LabelEmbedder,
    ModulatedLinear,
    PatchEmbedder,
    TimestepEmbedder,
    sincos_positions,
)
from bench.models.prediction import PREDICTIONS
from bench.models.walk import walk
from bench.perturbation import Perturbation


class SiT(nn.Module):
    """velocity = model(x, t, condition, keep, perturbation), [B, C, H, W].

    x [B, C, H, W] is the state and t [B] its time, 0 noise to 1 data. The condition is a batch of
    `Labels`, or their values [B] (num_classes: no class). keep [B, K] holds the indices of the
    processed tokens, None keeps all. A perturbation takes the place of blocks.

    The forward pass is `prefix`, which all tokens go through, then `suffix`, and at the end the
    conversion of the network's output by ``prediction``. Evaluations that differ in ``keep`` alone
    can share the prefix.
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

    @property
    def spans(self) -> tuple[Span, ...]:
        """The blocks that see all tokens and those that see the kept ones, in their order."""
        return self.config.spans

    @property
    def sample_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of a sample."""
        return self.config.in_channels, self.config.input_size, self.config.input_size

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return self.pos_embed.device

    def null_condition(self, batch: int) -> Labels:
        """The conditions that stand for none, ``batch`` of them."""
        return Labels(torch.full((batch,), self.config.num_classes, device=self.device))

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Labels | Tensor,
        keep: Tensor | None = None,
        perturbation: Perturbation | None = None,
    ) -> Tensor:
        tokens, conditioning = self.prefix(x, t, condition, perturbation)
        output = self.suffix(tokens, conditioning, keep, perturbation)
        return self.prediction.velocity(output, x, t)

    def prefix(
        self,
        x: Tensor,
        t: Tensor,
        condition: Labels | Tensor,
        perturbation: Perturbation | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The part that is computed on all tokens before any is dropped: tokens [B, T, D] and the
        conditioning [B, D]."""
        x, time = self.prediction.network_input(x, t)
        labels = condition.values if isinstance(condition, Labels) else condition
        tokens = self.x_embedder(x) + self.pos_embed
        conditioning = self.t_embedder(time) + self.y_embedder(labels)
        before, _ = self.config.divided_spans
        return walk(self, before, tokens, conditioning, None, perturbation), conditioning

    def suffix(
        self,
        tokens: Tensor,
        conditioning: Tensor,
        keep: Tensor | None,
        perturbation: Perturbation | None = None,
    ) -> Tensor:
        """The network's output [B, C, H, W] from the results of `prefix`.

        Raises:
            ValueError: ``keep`` was given to a model that has no way to leave tokens out.
        """
        if keep is not None and not self.config.can_drop_tokens:
            raise ValueError("a model without a route or a decoder processes every token")
        _, after = self.config.divided_spans
        tokens = walk(self, after, tokens, conditioning, keep, perturbation)
        return self.unpatchify(self.final_layer(tokens, conditioning))

    def block(self, index: int) -> Block:
        """Block ``index`` of the walk."""
        return self.blocks[index]

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
