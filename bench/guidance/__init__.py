"""Guidance methods, one file each. `build` makes one from a spec; `register` adds one."""

from bench.guidance import apg, autoguidance, cfg, icg, sparse_guidance, unguided  # noqa: F401
from bench.guidance.base import Branch, Guidance, Step
from bench.guidance.registry import build, load_plugin, register, registered
from bench.guidance.schedule import Schedule
from bench.guidance.trajectory import drops_tokens, trajectory, uses_weak_checkpoint

__all__ = [
    "Branch",
    "Guidance",
    "Schedule",
    "Step",
    "build",
    "drops_tokens",
    "load_plugin",
    "register",
    "registered",
    "trajectory",
    "uses_weak_checkpoint",
]
