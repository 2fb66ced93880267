"""The checkpoints that a guidance method samples from, and the autoencoder behind them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from bench.config.data import CHANNELS
from bench.config.model import ModelConfig
from bench.config.sampling import SamplingConfig
from bench.data.conditions import ConditionSource, LabelSource
from bench.errors import BadInput
from bench.guidance import Guidance, all_branches
from bench.models.autoencoder import Autoencoder
from bench.models.checkpoints import Checkpoint, load_checkpoint
from bench.models.sit import SiT


@dataclass(frozen=True)
class Models:
    """Checkpoints by role ("main" and, where one was given, "weak"), and the autoencoder of models
    that see latents."""

    checkpoints: dict[str, Checkpoint]
    autoencoder: Autoencoder | None = None

    @property
    def networks(self) -> dict[str, SiT]:
        return {role: checkpoint.model for role, checkpoint in self.checkpoints.items()}

    @property
    def configs(self) -> dict[str, ModelConfig]:
        return {role: checkpoint.model.config for role, checkpoint in self.checkpoints.items()}

    def decode(self, data: Tensor) -> Tensor:
        """The images [B, C, H, W], -1..1, of samples as the models see them."""
        return self.autoencoder.decode(data) if self.autoencoder else data

    def conditions(self, sampling: SamplingConfig) -> ConditionSource:
        """The conditions that samples of these models can be asked for."""
        return LabelSource(self.configs["main"].num_classes, sampling.label_mode)

    def check(self, guidance: Guidance, sampling: SamplingConfig) -> None:
        """Raises BadInput where ``guidance`` cannot be evaluated with these checkpoints."""
        for branch in all_branches(guidance, sampling.evaluations):
            if branch.checkpoint not in self.checkpoints:
                raise BadInput("--weak-checkpoint: missing; the method evaluates an earlier one")
            if branch.gamma and not self.configs[branch.checkpoint].can_drop_tokens:
                raise BadInput(
                    f"--guidance: branch {branch.name!r} is sparse, but the {branch.checkpoint} "
                    "checkpoint has neither a route nor a decoder"
                )
            if branch.perturbation:
                self.configs[branch.checkpoint].check_blocks(branch.perturbation.blocks)


def load_models(
    checkpoint: Path, weak_checkpoint: Path | None, autoencoder: Path | None, device: str
) -> Models:
    """Loads one or two checkpoints and, for models of latents, their autoencoder.

    Raises:
        BadInput: a file is no checkpoint, the two differ in what they were trained on, or the
            autoencoder is missing, not asked for, or not that of the training.
    """
    loaded = {"main": load_checkpoint(checkpoint, device)}
    main = loaded["main"].model.config
    if weak_checkpoint is not None:
        loaded["weak"] = load_checkpoint(weak_checkpoint, device)
        keys = ("input_size", "in_channels", "num_classes", "patch_size")
        weak = loaded["weak"].model.config
        if any(getattr(main, key) != getattr(weak, key) for key in keys):
            raise BadInput(
                f"{weak_checkpoint}: its images, patches or classes are not those of {checkpoint}"
            )
    if (main.in_channels == CHANNELS) != (autoencoder is not None):
        raise BadInput(
            f"--autoencoder: {checkpoint} samples {main.in_channels} channels; latents have "
            f"{CHANNELS} and need an autoencoder, images need none"
        )
    if autoencoder is None:
        return Models(loaded)
    decoder = Autoencoder(autoencoder, device)
    for path, found in zip((checkpoint, weak_checkpoint), loaded.values()):
        # Published weights do not say which autoencoder their latents are of.
        trained_with = found.description.get("autoencoder_sha256", decoder.sha256)
        if trained_with != decoder.sha256:
            raise BadInput(
                f"--autoencoder: {autoencoder} is not the one of the latents that {path} was "
                f"trained on (SHA-256 {trained_with[:12]}, this one {decoder.sha256[:12]})"
            )
    return Models(loaded, decoder)
