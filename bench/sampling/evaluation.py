"""The cheapest exact evaluation of a step's branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from bench.guidance import Branch
from bench.models.sit import SiT
from bench.sampling.batches import fill_blocks

# draw(gamma) -> the kept indices of each sample: [B, K], or B tensors of differing lengths
DrawSubsets = Callable[[float], Tensor | list[Tensor]]


def evaluate(
    branches: Sequence[Branch],
    models: Mapping[str, SiT],
    conditions: Mapping[str, Tensor],
    x_t: Tensor,
    t: float,
    draw: DrawSubsets,
) -> dict[str, Tensor]:
    """Each branch's velocity [B, C, H, W] by its name.

    Of each checkpoint, all conditions go through the prefix in one batch, once, whatever the
    branches' sparsities; then the branches of one sparsity go through the suffix in one batch.
    Subsets are drawn in the order of the branches, each branch its own.

    Args:
        models: by checkpoint ("main", "weak").
        conditions: by kind ("given", "null", "random"), batch first.
        x_t: the state [B, C, H, W]; t: its time.
        draw: gives the tokens that a sparse branch processes.
    """
    subsets = {b.name: _subsets(b, models[b.checkpoint], draw, x_t.device) for b in branches}
    velocities = {}
    for checkpoint in dict.fromkeys(branch.checkpoint for branch in branches):
        mine = [branch for branch in branches if branch.checkpoint == checkpoint]
        velocities |= _evaluate_model(models[checkpoint], mine, conditions, x_t, t, subsets)
    return {branch.name: velocities[branch.name] for branch in branches}


def _subsets(branch, model, draw, device):
    """The kept tokens of each sample, or None where the branch processes all of them."""
    if branch.gamma == 0:
        return None
    subsets = draw(branch.gamma)
    if isinstance(subsets, Tensor):
        return subsets.to(device) if subsets.shape[1] < model.config.tokens else None
    return [subset.to(device) for subset in subsets]


def _evaluate_model(model, branches, conditions, x_t, t, subsets):
    batch = len(x_t)
    kinds = list(dict.fromkeys(branch.condition for branch in branches))
    x = x_t.repeat(len(kinds), 1, 1, 1)
    y = torch.cat([conditions[kind] for kind in kinds])
    times = torch.full((len(x),), t, device=x.device)
    tokens, vector = model.prefix(x, times, y)
    tokens = dict(zip(kinds, tokens.split(batch)))
    vector = dict(zip(kinds, vector.split(batch)))

    velocities = {}
    for group in _groups(branches, subsets):
        keep = [subsets[branch.name] for branch in group]
        out = _suffix(
            model,
            torch.cat([tokens[branch.condition] for branch in group]),
            torch.cat([vector[branch.condition] for branch in group]),
            None if keep[0] is None else _joined(keep),
        )
        velocities |= {
            branch.name: model.prediction.velocity(output, x_t, times[:batch])
            for branch, output in zip(group, out.split(batch))
        }
    return velocities


def _groups(branches, subsets):
    """Branches that process equally many tokens, together."""
    groups = {}
    for branch in branches:
        all_tokens = subsets[branch.name] is None
        groups.setdefault(None if all_tokens else branch.gamma, []).append(branch)
    return groups.values()


def _joined(keep):
    if isinstance(keep[0], Tensor):
        return torch.cat(keep)
    return [subset for subsets in keep for subset in subsets]


def _suffix(model, tokens, vector, keep):
    if not isinstance(keep, list):
        return model.suffix(tokens, vector, keep)
    # Bernoulli subsets: samples that happen to keep equally many tokens form a batch.
    outputs = None
    counts = torch.tensor([len(subset) for subset in keep], device=tokens.device)
    for count in counts.unique().tolist():
        rows = fill_blocks((counts == count).nonzero()[:, 0].tolist(), tokens.device)
        kept = torch.stack([keep[row] for row in rows])
        out = model.suffix(tokens[rows], vector[rows], kept)
        outputs = out.new_empty(len(tokens), *out.shape[1:]) if outputs is None else outputs
        outputs[rows] = out
    return outputs
