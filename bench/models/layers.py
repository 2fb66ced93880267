"""The parts of a SiT. Parameter names are those of the published checkpoints."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """x (1 + scale) + shift over the tokens: x [B, T, D], shift and scale [B, D]."""
    return torch.addcmul(shift.unsqueeze(1), x, 1 + scale.unsqueeze(1))


def layer_norm(width: int) -> nn.LayerNorm:
    """Without affine parameters: adaLN brings its own."""
    return nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)


class PatchEmbedder(nn.Module):
    """Images [B, C, H, W] to patch tokens [B, T, D], row by row."""

    def __init__(self, patch_size: int, in_channels: int, width: int):
        super().__init__()
        self.proj = nn.Conv2d(in_channels, width, patch_size, stride=patch_size)

    def forward(self, x: Tensor) -> Tensor:
        # Patches do not overlap, so the convolution is a matrix product over unfolded patches;
        # written so, each row's result does not depend on how many images are in the batch.
        patches = F.unfold(x, self.proj.kernel_size, stride=self.proj.stride)
        return F.linear(patches.transpose(1, 2), self.proj.weight.flatten(1), self.proj.bias)


class TimestepEmbedder(nn.Module):
    """Times [B] to vectors [B, D], through sinusoids of 128 frequencies from 1 to 1e-4."""

    FREQUENCIES = 128

    def __init__(self, width: int):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(2 * self.FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width)
        )

    def forward(self, t: Tensor) -> Tensor:
        exponents = torch.arange(self.FREQUENCIES, dtype=torch.float32, device=t.device)
        frequencies = torch.exp(exponents * (-math.log(10000) / self.FREQUENCIES))
        angles = t.float().unsqueeze(1) * frequencies
        return self.mlp(torch.cat([angles.cos(), angles.sin()], dim=1))


class LabelEmbedder(nn.Module):
    """Labels [B] to vectors [B, D]; the label ``num_classes`` is the null class."""

    def __init__(self, num_classes: int, width: int):
        super().__init__()
        self.embedding_table = nn.Embedding(num_classes + 1, width)

    def forward(self, y: Tensor) -> Tensor:
        return self.embedding_table(y)


class Attention(nn.Module):
    """Multi-head self-attention over tokens [B, T, D]."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return self.proj(mixed.transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    """Two linear layers with a tanh-approximated GELU between."""

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


class AdaLN(nn.Sequential):
    """A conditioning vector [B, D] to ``parts`` modulation vectors, [B, width] each."""

    def __init__(self, conditioning: int, width: int, parts: int):
        super().__init__(nn.SiLU(), nn.Linear(conditioning, parts * width))
        self.parts = parts

    def forward(self, c: Tensor) -> tuple[Tensor, ...]:
        return super().forward(c).chunk(self.parts, dim=1)


class Block(nn.Module):
    """A transformer block with adaLN-Zero (DiT, arXiv 2212.09748)."""

    def __init__(self, width: int, heads: int, mlp_ratio: float, conditioning: int):
        super().__init__()
        self.norm1 = layer_norm(width)
        self.attn = Attention(width, heads)
        self.norm2 = layer_norm(width)
        self.mlp = Mlp(width, int(width * mlp_ratio))
        self.adaLN_modulation = AdaLN(conditioning, width, parts=6)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        shift1, scale1, gate1, shift2, scale2, gate2 = self.adaLN_modulation(c)
        attended = self.attn(modulate(self.norm1(x), shift1, scale1))
        x = torch.addcmul(x, gate1.unsqueeze(1), attended)
        transformed = self.mlp(modulate(self.norm2(x), shift2, scale2))
        return torch.addcmul(x, gate2.unsqueeze(1), transformed)


class ModulatedLinear(nn.Module):
    """Norm, modulation and a linear layer: a SiT's last layer, MaskDiT's bridge to its decoder."""

    def __init__(self, width: int, out: int, conditioning: int):
        super().__init__()
        self.norm_final = layer_norm(width)
        self.linear = nn.Linear(width, out)
        self.adaLN_modulation = AdaLN(conditioning, width, parts=2)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        shift, scale = self.adaLN_modulation(c)
        return self.linear(modulate(self.norm_final(x), shift, scale))


def sincos_positions(width: int, side: int) -> Tensor:
    """Fixed 2-D positions [1, side * side, width]: half of the channels for the column, half for
    the row, as in MAE and DiT (sines first, then cosines, frequencies from 1 to 1e-4)."""
    quarter = width // 4
    frequencies = 10000.0 ** -(torch.arange(quarter, dtype=torch.float64) / quarter)
    angles = torch.arange(side, dtype=torch.float64).unsqueeze(1) * frequencies
    one_axis = torch.cat([angles.sin(), angles.cos()], dim=1)
    columns = one_axis.repeat(side, 1)
    rows = one_axis.repeat_interleave(side, dim=0)
    return torch.cat([columns, rows], dim=1).float().unsqueeze(0)
