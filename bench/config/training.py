"""Settings of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.errors import BadInput
from bench.parsing import check_positive

# Settings that change the speed or the memory of a run and, but for rounding, not its weights: a
# resumed run may change them.
SPEED_SETTINGS = ("checkpoint_every", "micro_batch", "sharding", "compile", "workers")


@dataclass(frozen=True)
class TrainingConfig:
    """Flow matching with AdamW.

    Attributes:
        steps: optimizer steps.
        batch_size: samples per step on all devices together.
        score_above: trains on the images alone whose score, latents.score, is larger; None on all.
        gamma: fraction of the tokens that is left out in training; 0 trains densely.
        snapshots: steps whose EMA weights are kept, besides the last.
        learning_rate, betas, weight_decay: settings of AdamW.
        muon_learning_rate: where it is not 0, the matrices of the layers are trained by Muon
            (bench/training/muon.py) with this learning rate, and the other weights by AdamW.
        warmup_steps: linear warm-up to a learning rate that then stays constant, so that
            snapshots are models of one and the same run, not of several schedules.
        decay_steps: last steps, over which the learning rate falls linearly to zero.
        gradient_clip: largest gradient norm; 0 does not clip.
        ema_decay: decay of the average of the weights that is sampled from; its bias is corrected,
            so that the initial weights have no part in it.
        class_dropout: probability that the null condition takes the place of the label or prompt.
        time: distribution of t in training.
        time_mean, time_deviation: of the normal distribution of logit_normal's logit(t).
        mask_weight: lambda of equation A4, the weight of the masked tokens' loss (masked models
            only).
        dtype: bf16 autocasts the forward pass; weights stay fp32.
        seed: seed of the initial weights and of every random draw in training.
        checkpoint_every: steps between two states that a killed run resumes from.
        micro_batch: samples of one forward pass on one device; None takes the device's whole share.
            Gradients add up over the passes of a step, so that memory does not limit the batch.
        sharding: ``none`` keeps all weights, averages and moments on every device; ``fsdp`` shares
            them out over the devices, for a model that is too large for one.
        compile: run the network through torch.compile.
        workers: processes per device that read batches ahead; 0 reads them between steps.
    """

    steps: int
    batch_size: int = 256
    score_above: float | None = None
    gamma: float = 0.0
    snapshots: tuple[int, ...] = ()
    learning_rate: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    muon_learning_rate: float = 0.0
    warmup_steps: int = 0
    decay_steps: int = 0
    gradient_clip: float = 0.0
    ema_decay: float = 0.9999
    class_dropout: float = 0.1
    time: Literal["uniform", "logit_normal"] = "uniform"
    time_mean: float = 0.0
    time_deviation: float = 1.0
    mask_weight: float = 0.1
    dtype: Literal["fp32", "bf16"] = "fp32"
    seed: int = 0
    checkpoint_every: int = 1000
    micro_batch: int | None = None
    sharding: Literal["none", "fsdp"] = "none"
    compile: bool = False
    workers: int = 0

    def __post_init__(self):
        check_positive(self, "steps", "batch_size", "learning_rate", "checkpoint_every")
        if self.micro_batch is not None:
            check_positive(self, "micro_batch")
        self.samples_per_pass(processes=1)
        if self.compile and self.sharding == "fsdp":
            raise BadInput("compile: not with sharding fsdp; leave one of them out")
        if self.warmup_steps >= self.steps:
            raise BadInput(
                f"warmup_steps: {self.warmup_steps} are all of the {self.steps} steps, so that the "
                "learning rate is never reached; take fewer"
            )
        if self.warmup_steps + self.decay_steps > self.steps:
            raise BadInput(
                f"decay_steps: {self.decay_steps} behind {self.warmup_steps} warmup_steps are more "
                f"than the {self.steps} steps; take fewer"
            )
        check_positive(self, "time_deviation")
        if self.time == "uniform" and (self.time_mean, self.time_deviation) != (0.0, 1.0):
            raise BadInput("time_mean, time_deviation: these are logit_normal's; time is uniform")
        not_negative = (
            "warmup_steps",
            "decay_steps",
            "muon_learning_rate",
            "gradient_clip",
            "weight_decay",
            "mask_weight",
            "seed",
        )
        for key in (*not_negative, "workers"):
            if getattr(self, key) < 0:
                raise BadInput(f"{key}: {getattr(self, key)} is negative")
        for key in ("gamma", "ema_decay"):
            if not 0 <= getattr(self, key) < 1:
                raise BadInput(f"{key}: {getattr(self, key)} is outside [0, 1)")
        if not 0 <= self.class_dropout <= 1:
            raise BadInput(f"class_dropout: {self.class_dropout} is outside [0, 1]")
        if not all(0 <= beta < 1 for beta in self.betas):
            raise BadInput(f"betas: {list(self.betas)} are outside [0, 1)")
        for step in self.snapshots:
            if not 0 < step <= self.steps:
                raise BadInput(f"snapshots: {step} is not one of the steps 1 to {self.steps}")

    def learning_rate_factor(self, step: int) -> float:
        """The part of the learning rate that step ``step``, from 1, is taken with."""
        rising = min(1.0, step / max(self.warmup_steps, 1))
        return rising * min(1.0, (self.steps - step + 1) / max(self.decay_steps, 1))

    @property
    def kept_steps(self) -> tuple[int, ...]:
        """The steps whose weights are kept, in order; the last one is the trained model."""
        return tuple(sorted({*self.snapshots, self.steps}))

    def samples_per_pass(self, processes: int) -> int:
        """The number of samples of one forward pass on each of ``processes``.

        Raises:
            BadInput: the batch does not split evenly.
        """
        unit = processes * (self.micro_batch or 1)
        if self.batch_size % unit:
            passes = f" in micro batches of {self.micro_batch}" if self.micro_batch else ""
            raise BadInput(
                f"batch_size: {self.batch_size} does not split evenly over {processes} "
                f"process{'es' if processes > 1 else ''}{passes}; make it a multiple of {unit}, or "
                f"take {'fewer processes' if processes > 1 else 'other micro batches'}"
            )
        return self.micro_batch or self.batch_size // processes


def snapshot_name(step: int) -> str:
    """The name of the file of the weights after ``step`` steps."""
    return f"step-{step:08d}.safetensors"
