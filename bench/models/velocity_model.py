"""The base of the models that are sampled from: velocities of noisy images under a condition."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bench.config.model import Architecture
from bench.config.spans import Span
from bench.data.conditions import Conditions
from bench.models.conditioning import Conditioning
from bench.models.prediction import PREDICTIONS
from bench.models.walk import walk
from bench.perturbation import Perturbation


class VelocityModel(nn.Module):
    """velocity = model(x, t, condition, keep, perturbation), [B, C, H, W].

    x [B, C, H, W] is the state and t [B] its time, 0 noise to 1 data. The condition is a batch of
    B of the kind that the model takes. keep [B, K] holds the indices of the processed tokens, None
    keeps all. A perturbation takes the place of blocks.

    The forward pass is `prefix`, which all tokens go through, then `suffix`, and at the end the
    conversion of the network's output by ``prediction``. Evaluations that differ in ``keep`` alone
    can share the prefix.

    A subclass has ``blocks``, a ``final_layer``, and the methods that are not implemented here.
    """

    def __init__(self, config: Architecture):
        super().__init__()
        self.config = config
        self.prediction = PREDICTIONS[config.prediction]()

    def embed(self, x: Tensor, time: Tensor, condition: Conditions) -> tuple[Tensor, Conditioning]:
        """The tokens [B, T, D] of x [B, C, H, W] in front of the first block, and the conditioning
        of all blocks."""
        raise NotImplementedError

    def null_condition(self, batch: int) -> Conditions:
        """The conditions that stand for none, ``batch`` of them."""
        raise NotImplementedError

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        raise NotImplementedError

    @property
    def spans(self) -> tuple[Span, ...]:
        """The blocks that see all tokens and those that see the kept ones, in their order."""
        return self.config.spans

    @property
    def sample_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of a sample."""
        return self.config.in_channels, self.config.input_size, self.config.input_size

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Conditions,
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
        condition: Conditions,
        perturbation: Perturbation | None = None,
    ) -> tuple[Tensor, Conditioning]:
        """The part that is computed on all tokens before any is dropped: tokens [B, T, D] and the
        conditioning."""
        x, time = self.prediction.network_input(x, t)
        tokens, conditioning = self.embed(x, time, condition)
        before, _ = self.config.divided_spans
        return walk(self, before, tokens, conditioning, None, perturbation), conditioning

    def suffix(
        self,
        tokens: Tensor,
        conditioning: Conditioning,
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

    def block(self, index: int) -> nn.Module:
        """Block ``index`` of the walk."""
        return self.blocks[index]

    def kept_conditioning(self, conditioning: Conditioning, keep: Tensor) -> Conditioning:
        """The conditioning of blocks that process the tokens ``keep``, [B, K], alone."""
        return conditioning

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
