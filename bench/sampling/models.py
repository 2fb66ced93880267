"""The checkpoints that a guidance method samples from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.config.model import ModelConfig
from bench.errors import BadInput
from bench.guidance import Guidance, plan
from bench.models.checkpoints import Checkpoint, load_checkpoint
from bench.models.sit import SiT


@dataclass(frozen=True)
class Models:
    """Checkpoints by role: "main" and, where one was given, "weak"."""

    checkpoints: dict[str, Checkpoint]

    @property
    def networks(self) -> dict[str, SiT]:
        return {role: checkpoint.model for role, checkpoint in self.checkpoints.items()}

    @property
    def configs(self) -> dict[str, ModelConfig]:
        return {role: checkpoint.model.config for role, checkpoint in self.checkpoints.items()}

    def check(self, guidance: Guidance, steps: int) -> None:
        """Raises BadInput where ``guidance`` needs what these checkpoints cannot give."""
        for branch in {branch for branches in plan(guidance, steps) for branch in branches}:
            if branch.checkpoint not in self.checkpoints:
                raise BadInput("--weak-checkpoint: missing; the method evaluates an earlier one")
            if branch.sparsity and not self.configs[branch.checkpoint].can_drop_tokens:
                raise BadInput(
                    f"--guidance: branch {branch.name!r} is sparse, but the {branch.checkpoint} "
                    "checkpoint has neither a route nor a decoder"
                )


def load_models(checkpoint: Path, weak_checkpoint: Path | None, device: str) -> Models:
    """Loads one or two checkpoints.

    Raises:
        BadInput: a file is no checkpoint, or the two differ in what they were trained on.
    """
    loaded = {"main": load_checkpoint(checkpoint, device)}
    if weak_checkpoint is not None:
        loaded["weak"] = load_checkpoint(weak_checkpoint, device)
        keys = ("input_size", "in_channels", "num_classes", "patch_size")
        main, weak = (loaded[role].model.config for role in ("main", "weak"))
        if any(getattr(main, key) != getattr(weak, key) for key in keys):
            raise BadInput(
                f"{weak_checkpoint}: its images, patches or classes are not those of {checkpoint}"
            )
    return Models(loaded)
