"""The checkpoints that a guidance method samples from, and what stands before and behind them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from bench.config.data import IMAGE_CHANNELS
from bench.config.model import Architecture
from bench.config.prompted import PromptedConfig
from bench.config.sampling import SamplingConfig
from bench.data.conditions import ConditionSource, LabelSource
from bench.data.prompts import PromptSource
from bench.data.text_states import TextStates
from bench.errors import BadInput
from bench.guidance import Guidance, all_branches
from bench.models.autoencoder import Autoencoder
from bench.models.checkpoints import Checkpoint, check_trained_with, load_checkpoint
from bench.models.velocity_model import VelocityModel


@dataclass(frozen=True)
class Models:
    """Checkpoints by role ("main" and, where one was given, "weak"), the autoencoder of models that
    see latents, and the prompts that text-to-image models are asked for."""

    checkpoints: dict[str, Checkpoint]
    autoencoder: Autoencoder | None = None
    prompts: TextStates | None = None

    @property
    def networks(self) -> dict[str, VelocityModel]:
        return {role: checkpoint.model for role, checkpoint in self.checkpoints.items()}

    @property
    def configs(self) -> dict[str, Architecture]:
        return {role: checkpoint.model.config for role, checkpoint in self.checkpoints.items()}

    def decode(self, data: Tensor) -> Tensor:
        """The images [B, C, H, W], -1..1, of samples as the models see them."""
        return self.autoencoder.decode(data) if self.autoencoder else data

    def conditions(self, sampling: SamplingConfig) -> ConditionSource:
        """The conditions that samples of these models can be asked for."""
        if self.prompts:
            return PromptSource(self.prompts)
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
    checkpoint: Path,
    weak_checkpoint: Path | None,
    autoencoder: Path | None,
    device: str,
    prompts: Path | None = None,
) -> Models:
    """Loads one or two checkpoints, for models of latents their autoencoder, and for text-to-image
    models the text states of their prompts.

    Raises:
        BadInput: a file is no checkpoint, the two differ in what they were trained on, or the
            autoencoder or the prompts are missing, not asked for, or not those of the training.
    """
    paths = {"main": checkpoint, "weak": weak_checkpoint}
    loaded = {role: load_checkpoint(path, device) for role, path in paths.items() if path}
    main = loaded["main"].model.config
    if any(found.model.config.interface != main.interface for found in loaded.values()):
        raise BadInput(
            f"{weak_checkpoint}: its images, patches or conditions are not those of {checkpoint}"
        )
    decoder = _load_autoencoder(autoencoder, checkpoint, main, device)
    states = _load_prompts(prompts, checkpoint, main)
    for role, found in loaded.items():
        if decoder:
            networks = {"autoencoder_sha256": decoder.sha256}
            check_trained_with(found, paths[role], networks, f"--autoencoder: {autoencoder}")
        if states:
            networks = {"text_encoder": states.encoder}
            check_trained_with(found, paths[role], networks, f"--prompts: {prompts}")
    return Models(loaded, decoder, states)


def _load_autoencoder(folder, checkpoint, config, device):
    if (config.in_channels > IMAGE_CHANNELS) != (folder is not None):
        raise BadInput(
            f"--autoencoder: {checkpoint} samples {config.in_channels} channels; latents have more "
            f"than {IMAGE_CHANNELS} and need an autoencoder, images need none"
        )
    return Autoencoder(folder, device, config.in_channels) if folder else None


def _load_prompts(path, checkpoint, config):
    takes_prompts = isinstance(config, PromptedConfig)
    if takes_prompts != (path is not None):
        kind = "prompts: give their text states" if takes_prompts else "labels: leave it out"
        raise BadInput(f"--prompts: {checkpoint} is a model that is asked for {kind}")
    if path is None:
        return None
    states = TextStates(path)
    if (states.width, states.length) != (config.text_width, config.text_length):
        raise BadInput(
            f"{path}: has {states.length} states of width {states.width} for a prompt, but "
            f"{checkpoint} takes {config.text_length} of width {config.text_width}"
        )
    return states
