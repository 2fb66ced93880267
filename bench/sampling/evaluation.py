"""The cheapest exact evaluation of a step's branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from bench.data.conditions import Conditions, concatenate
from bench.guidance import Branch
from bench.models.conditioning import concatenate as concatenate_conditioning
from bench.models.velocity_model import VelocityModel
from bench.sampling.batches import fill_blocks

# draw(gamma) -> the kept indices of each sample: [B, K], or B tensors of differing lengths
DrawSubsets = Callable[[float], Tensor | list[Tensor]]


def evaluate(
    branches: Sequence[Branch],
    models: Mapping[str, VelocityModel],
    conditions: Mapping[str, Conditions],
    x_t: Tensor,
    t: float,
    draw: DrawSubsets,
) -> dict[str, Tensor]:
    """Each branch's velocity [B, C, H, W] by its name.

    For each checkpoint, the prefix runs once on all conditions in one batch, whatever the branches'
    gammas; then the branches of one gamma go through the suffix in one batch. Perturbed branches go
    by themselves from where the perturbation begins. Subsets are drawn in the order of the
    branches, each branch its own.

    Args:
        models: by checkpoint ("main", "weak").
        conditions: by kind ("given", "null", "random").
        x_t: the state [B, C, H, W].
        t: its time.
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
    prefixes = _prefixes(model, branches, conditions, x_t, t)
    times = torch.full((len(x_t),), t, device=x_t.device)
    velocities = {}
    for group in _groups(branches, subsets):
        keep = [subsets[branch.name] for branch in group]
        tokens, conditionings = zip(*(prefixes[_prefix(model, branch)] for branch in group))
        out = _suffix(
            model,
            torch.cat(tokens),
            concatenate_conditioning(conditionings),
            None if keep[0] is None else _concatenate(keep),
            group[0].perturbation,
        )
        velocities |= {
            branch.name: model.prediction.velocity(output, x_t, times)
            for branch, output in zip(group, out.split(len(x_t)))
        }
    return velocities


def _prefix(model, branch):
    """Branches that agree in this share their prefix: condition, and what perturbs it."""
    perturbed = model.config.in_prefix(branch.perturbation)
    return branch.condition, branch.perturbation if perturbed else None


def _prefixes(model, branches, conditions, x_t, t):
    """Tokens and conditioning by `_prefix`."""
    found = {}
    needed = dict.fromkeys(_prefix(model, branch) for branch in branches)
    for kinds, perturbation in _batches(needed):
        x = x_t.repeat(len(kinds), 1, 1, 1)
        times = torch.full((len(x),), t, device=x.device)
        batch = concatenate([conditions[kind] for kind in kinds])
        tokens, conditioning = model.prefix(x, times, batch, perturbation)
        parts = zip(tokens.split(len(x_t)), conditioning.split(len(x_t)))
        found |= {(kind, perturbation): part for kind, part in zip(kinds, parts)}
    return found


def _batches(prefixes):
    """The conditions that go through the prefix together, and what perturbs them there."""
    kinds = {}
    for kind, perturbation in prefixes:
        kinds.setdefault(perturbation, []).append(kind)
    return [(together, perturbation) for perturbation, together in kinds.items()]


def _groups(branches, subsets):
    """Branches that process equally many tokens under one perturbation, together."""
    groups = {}
    for branch in branches:
        gamma = None if subsets[branch.name] is None else branch.gamma
        groups.setdefault((gamma, branch.perturbation), []).append(branch)
    return groups.values()


def _concatenate(keep):
    if isinstance(keep[0], Tensor):
        return torch.cat(keep)
    return [subset for subsets in keep for subset in subsets]


def _suffix(model, tokens, conditioning, keep, perturbation):
    if not isinstance(keep, list):
        return model.suffix(tokens, conditioning, keep, perturbation)
    # Bernoulli subsets: samples that happen to keep equally many tokens form a batch.
    outputs = None
    counts = torch.tensor([len(subset) for subset in keep], device=tokens.device)
    for count in counts.unique().tolist():
        rows = fill_blocks((counts == count).nonzero()[:, 0].tolist(), tokens.device)
        kept = torch.stack([keep[row] for row in rows])
        out = model.suffix(tokens[rows], conditioning[rows], kept, perturbation)
        outputs = out.new_empty(len(tokens), *out.shape[1:]) if outputs is None else outputs
        outputs[rows] = out
    return outputs
