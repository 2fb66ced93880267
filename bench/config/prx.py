"""The architecture of PRX, an open text-to-image model (Photoroom)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.config.prompted import PromptedConfig
from bench.errors import BadInput
from bench.parsing import check_positive

# The models that see latents of Flux's autoencoder and states of T5Gemma-2B; all resolutions alike.
PRX_SIZES = {
    "PRX/2": {
        "kind": "prx",
        "patch_size": 2,
        "hidden_size": 1792,
        "depth": 16,
        "num_heads": 28,
        "text_width": 2304,
        "text_length": 256,
    }
}


@dataclass(frozen=True)
class PRXConfig(PromptedConfig):
    """A PRX, as diffusers' PRXTransformer2DModel has it, with a route of this suite's: the other
    fields have that class's meanings and defaults.

    Attributes:
        mlp_ratio: inner width of the feed-forward layers, in widths.
        axes_dim: channels of a head that turn with the row, and with the column.
        theta: base of the angles' frequencies.
        time_factor, time_max_period: of the sinusoids of the time.
        prediction: what the network's output means (bench/models/prediction.py).
        kind: tells it from other architectures in a file.
    """

    mlp_ratio: float = 3.5
    axes_dim: tuple[int, int] = (32, 32)
    theta: int = 10_000
    time_factor: float = 1000.0
    time_max_period: int = 10_000
    prediction: Literal["reversed_velocity"] = "reversed_velocity"
    kind: Literal["prx"] = "prx"

    def __post_init__(self):
        super().__post_init__()
        check_positive(self, "mlp_ratio", "theta", "time_factor", "time_max_period")
        if self.hidden_size != self.num_heads * sum(self.axes_dim):
            raise BadInput(
                f"axes_dim: {list(self.axes_dim)} are not the channels of a head; {self.num_heads} "
                f"heads share a width of {self.hidden_size}"
            )
        if min(self.axes_dim) <= 0 or any(channels % 2 for channels in self.axes_dim):
            raise BadInput(f"axes_dim: {list(self.axes_dim)} are not even, positive numbers")

    @property
    def constructor_arguments(self) -> dict:
        """What a conversion of published weights is told (bench/models/published_prx.py)."""
        return {
            key: value
            for key, value in vars(self).items()
            if value is not None and key not in ("prediction", "kind")
        }
