"""The capacity gap: how much worse a model predicts when it is weakened.

Guidance extrapolates away from a weaker prediction, so what can serve as one is seen without any
sampling, in the held-out velocity loss: of the model with tokens left out, with the null class,
and of an earlier snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from bench.data.conditions import Conditions
from bench.models.checkpoints import Checkpoint
from bench.models.masking import MaskedSiT
from bench.sampling.subsets import fixed_count
from bench.seeds import generator
from bench.training.losses import visible_tokens

GAMMAS = (0.0, 0.25, 0.5, 0.75, 0.9)
TIMES = tuple((index + 0.5) / 10 for index in range(10))
SEED = 0
# Held-out samples.
SAMPLES = 1000


@torch.inference_mode()
def capacity_gap(
    checkpoint: Checkpoint, x: Tensor, given: Conditions, device: str
) -> Iterator[dict]:
    """Rows of condition ("given" or "null"), gamma, t, and the mean velocity loss.

    Every row is of the same samples and noise. The loss of a masked model is that of the tokens
    that it sees. A model that cannot leave tokens out has rows at
    gamma = 0 alone.

    Args:
        x: held-out samples as the model sees them, [N, C, H, W].
        given: their conditions.
    """
    model = checkpoint.model
    streams = [generator(SEED, "validation", index) for index in range(len(x))]
    noise = torch.stack([torch.randn(x.shape[1:], generator=stream) for stream in streams])
    x, noise, given = x.to(device), noise.to(device), given.to(device)
    conditions = {"given": given, "null": model.null_condition(len(x))}
    gammas = GAMMAS if model.config.can_drop_tokens else GAMMAS[:1]
    weakened = [("given", gamma) for gamma in gammas] + [("null", 0.0)]
    for time in TIMES:
        x_t, t = (1 - time) * noise + time * x, torch.full((len(x),), time, device=device)
        for condition, gamma in weakened:
            keep = fixed_count(model.config.tokens, gamma, streams).to(device) if gamma else None
            error = (model(x_t, t, conditions[condition], keep) - (x - noise)).square()
            if keep is not None and isinstance(model, MaskedSiT):
                # On masked tokens its training asks for x_t, not for the data: their error is a
                # constant of the loss and says nothing about the model.
                error = model.patchify(error)[visible_tokens(model, keep)]
            yield {"condition": condition, "gamma": gamma, "t": time, "loss": error.mean().item()}
