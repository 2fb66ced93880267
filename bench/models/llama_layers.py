"""The parts of a TR-DiT: Llama's layers (arXiv 2302.13971), without biases, with normalized queries
and keys (arXiv 2302.05442)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bench.config.tr_dit import BLOCK_PARTS, OUTPUT_PARTS
from bench.models.conditioning import PromptConditioning
from bench.models.layers import modulate
from bench.models.rotary import rotate

EPSILON = 1e-6


def rms_norm(width: int) -> nn.RMSNorm:
    """x over its root mean square, times a gain for each channel."""
    return nn.RMSNorm(width, eps=EPSILON)


def plain_rms_norm(width: int) -> nn.RMSNorm:
    """Without a gain: the modulation brings its own."""
    return nn.RMSNorm(width, eps=EPSILON, elementwise_affine=False)


class Attention(nn.Module):
    """Multi-head attention of tokens to others."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.query_norm, self.key_norm = rms_norm(width // heads), rms_norm(width // heads)

    def forward(
        self,
        x: Tensor,
        others: Tensor,
        mask: Tensor | None = None,
        rotation: Tensor | None = None,
    ) -> Tensor:
        """Tokens x [B, T, D] attend to ``others`` [B, L, D] where ``mask``, bool [B, L], is true;
        a rotation turns both by their positions."""
        query = self.query_norm(self._heads(self.query(x)).float())
        key = self.key_norm(self._heads(self.key(others)).float())
        value = self._heads(self.value(others))
        if rotation is not None:
            query, key = rotate(query, rotation), rotate(key, rotation)
        mixed = F.scaled_dot_product_attention(
            query.to(value.dtype),
            key.to(value.dtype),
            value,
            None if mask is None else mask[:, None, None, :],
        )
        return self.out(mixed.transpose(1, 2).flatten(2))

    def _heads(self, x):
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


class SwiGLU(nn.Module):
    """down(silu(gate(x)) * up(x)), arXiv 2002.05202."""

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.gate = nn.Linear(width, hidden, bias=False)
        self.up = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(x)) * self.up(x))


class TextLayer(nn.Module):
    """A transformer layer over the states of a prompt, [B, L, D]; padding is not attended to."""

    def __init__(self, width: int, heads: int, hidden: int):
        super().__init__()
        self.attention_norm, self.feed_forward_norm = rms_norm(width), rms_norm(width)
        self.attention = Attention(width, heads)
        self.feed_forward = SwiGLU(width, hidden)

    def forward(self, x: Tensor, mask: Tensor, rotation: Tensor) -> Tensor:
        normal = self.attention_norm(x)
        x = x + self.attention(normal, normal, mask, rotation)
        return x + self.feed_forward(self.feed_forward_norm(x))


class SharedModulation(nn.Sequential):
    """The vector of the time, [B, D], to the modulation of all blocks and of the output,
    [B, parts, D] (adaLN-single, arXiv 2310.00426)."""

    PARTS = BLOCK_PARTS + OUTPUT_PARTS

    def __init__(self, width: int):
        super().__init__(nn.SiLU(), nn.Linear(width, self.PARTS * width))

    def forward(self, time: Tensor) -> Tensor:
        return super().forward(time).unflatten(1, (self.PARTS, -1))


class PromptedBlock(nn.Module):
    """Self-attention, cross-attention to the prompt, and SwiGLU. ``table`` is what this block adds
    to the modulation that it shares with the others."""

    def __init__(self, width: int, heads: int, hidden: int):
        super().__init__()
        self.attention_norm, self.feed_forward_norm = plain_rms_norm(width), plain_rms_norm(width)
        self.prompt_norm = rms_norm(width)
        self.attention, self.prompt_attention = Attention(width, heads), Attention(width, heads)
        self.feed_forward = SwiGLU(width, hidden)
        self.table = nn.Parameter(torch.zeros(BLOCK_PARTS, width))

    def forward(self, x: Tensor, conditioning: PromptConditioning) -> Tensor:
        parts = (conditioning.modulation[:, :BLOCK_PARTS] + self.table).unbind(1)
        shift1, scale1, gate1, shift2, scale2, gate2 = parts
        normal = modulate(self.attention_norm(x), shift1, scale1)
        attended = self.attention(normal, normal, rotation=conditioning.rotation)
        x = torch.addcmul(x, gate1.unsqueeze(1), attended)
        x = x + self.prompt_attention(self.prompt_norm(x), conditioning.text, conditioning.mask)
        transformed = self.feed_forward(modulate(self.feed_forward_norm(x), shift2, scale2))
        return torch.addcmul(x, gate2.unsqueeze(1), transformed)


class PatchOutput(nn.Module):
    """Tokens [B, T, D] to patch values [B, T, P]; ``table`` as in `PromptedBlock`."""

    def __init__(self, width: int, patch_values: int):
        super().__init__()
        self.norm = plain_rms_norm(width)
        self.table = nn.Parameter(torch.zeros(OUTPUT_PARTS, width))
        self.linear = nn.Linear(width, patch_values, bias=False)

    def forward(self, x: Tensor, conditioning: PromptConditioning) -> Tensor:
        shift, scale = (conditioning.modulation[:, BLOCK_PARTS:] + self.table).unbind(1)
        return self.linear(modulate(self.norm(x), shift, scale))
