"""The weights that training starts from."""

from __future__ import annotations

from torch import nn

from bench.models.layers import AdaLN, LabelEmbedder, TimestepEmbedder
from bench.models.llama_layers import PromptedBlock, SharedModulation
from bench.models.velocity_model import VelocityModel


def initialize(model: VelocityModel) -> None:
    """DiT's start (arXiv 2212.09748): Xavier linears, small embeddings, and adaLN-Zero, that is
    every block the identity and the output zero."""
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            nn.init.xavier_uniform_(module.weight.view(module.weight.shape[0], -1))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for module in model.modules():
        if isinstance(module, (AdaLN, SharedModulation)):
            nn.init.zeros_(module[1].weight)
        elif isinstance(module, PromptedBlock):
            nn.init.zeros_(module.prompt_attention.out.weight)
        elif isinstance(module, TimestepEmbedder):
            nn.init.normal_(module.mlp[0].weight, std=0.02)
            nn.init.normal_(module.mlp[2].weight, std=0.02)
        elif isinstance(module, LabelEmbedder):
            nn.init.normal_(module.embedding_table.weight, std=0.02)
    nn.init.zeros_(model.final_layer.linear.weight)
    if hasattr(model, "mask_token"):
        nn.init.normal_(model.mask_token, std=0.02)
