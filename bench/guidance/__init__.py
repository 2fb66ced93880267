"""Guidance methods, one file each. `build` makes one from a spec; `register` adds one."""

import importlib
import pkgutil

from bench.guidance.base import Branch, Guidance, Step
from bench.guidance.registry import build, load_plugin, register, registered
from bench.guidance.schedule import Schedule
from bench.guidance.trajectory import all_branches, trajectory
from bench.perturbation import Perturbation

# Every method registers itself when its file is imported.
for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = [
    "Branch",
    "Guidance",
    "Perturbation",
    "Schedule",
    "Step",
    "all_branches",
    "build",
    "load_plugin",
    "register",
    "registered",
    "trajectory",
]
