"""Reproduces "Guiding Token-Sparse Diffusion Models" (arXiv 2601.01608) at any scale."""

__version__ = "0.1.0"
