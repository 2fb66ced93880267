"""The Inception Score (arXiv 1606.03498)."""

from __future__ import annotations

import torch


def inception_score(probabilities, split_size: int = 5000) -> float:
    """The mean over splits of exp(mean KL(p(y|x) || p(y))), for probabilities [N, K].

    As in the ADM evaluator: splits of ``split_size`` in natural order, the last one with what
    remains.
    """
    probabilities = torch.as_tensor(probabilities).double()
    scores = []
    for part in probabilities.split(split_size):
        # xlogy: a probability of zero adds nothing.
        entropies = torch.special.xlogy(part, part).sum(1)
        marginal = part.mean(0)
        cross = torch.special.xlogy(part, marginal).sum(1)
        scores.append((entropies - cross).mean().exp())
    return float(torch.stack(scores).mean())
