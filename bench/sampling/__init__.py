"""Sampling: seeds and subsets, branch evaluation, solvers, and the sampler over them."""
