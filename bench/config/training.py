"""How a model is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.config.checks import check_positive
from bench.errors import BadInput


@dataclass(frozen=True)
class TrainingConfig:
    """Flow matching with AdamW.

    Attributes:
        steps: optimizer steps.
        batch_size: samples a step.
        sparsity: gamma during training, 0 trains densely.
        snapshots: steps whose EMA weights are kept, besides the last.
        learning_rate, betas, weight_decay: AdamW's.
        warmup_steps: linear warm-up to a learning rate that then stays constant, so that
            snapshots are models of one and the same run, not of several schedules.
        gradient_clip: largest gradient norm; 0 does not clip.
        ema_decay: of the weights that are sampled from.
        class_dropout: how often the label gives way to the null class.
        time: distribution of t in training.
        mask_weight: lambda of the masked tokens' loss, equation A4 (masked models only).
        precision: bf16 autocasts the forward pass; weights stay fp32.
        seed: of the weights' start and of every random draw in training.
        checkpoint_every: steps between two states that a killed run resumes from.
    """

    steps: int
    batch_size: int = 256
    sparsity: float = 0.0
    snapshots: tuple[int, ...] = ()
    learning_rate: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    warmup_steps: int = 0
    gradient_clip: float = 0.0
    ema_decay: float = 0.9999
    class_dropout: float = 0.1
    time: Literal["uniform", "logit_normal"] = "uniform"
    mask_weight: float = 0.1
    precision: Literal["fp32", "bf16"] = "fp32"
    seed: int = 0
    checkpoint_every: int = 1000

    def __post_init__(self):
        check_positive(self, "steps", "batch_size", "learning_rate", "checkpoint_every")
        for key in ("warmup_steps", "gradient_clip", "weight_decay", "mask_weight", "seed"):
            if getattr(self, key) < 0:
                raise BadInput(f"{key}: {getattr(self, key)} is negative")
        for key in ("sparsity", "ema_decay"):
            if not 0 <= getattr(self, key) < 1:
                raise BadInput(f"{key}: {getattr(self, key)} is outside [0, 1)")
        if not 0 <= self.class_dropout <= 1:
            raise BadInput(f"class_dropout: {self.class_dropout} is outside [0, 1]")
        if not all(0 <= beta < 1 for beta in self.betas):
            raise BadInput(f"betas: {list(self.betas)} are outside [0, 1)")
        for step in self.snapshots:
            if not 0 < step <= self.steps:
                raise BadInput(f"snapshots: {step} is not one of the steps 1 to {self.steps}")

    @property
    def kept_steps(self) -> tuple[int, ...]:
        """Every step whose weights are kept, in order; the last one is the trained model."""
        return tuple(sorted({*self.snapshots, self.steps}))


def snapshot_name(step: int) -> str:
    """The file of the weights after ``step`` steps."""
    return f"step-{step:08d}.safetensors"
