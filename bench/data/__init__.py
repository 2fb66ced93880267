"""Datasets: images or their latents, with labels, in a split to train on and a held-out one."""
