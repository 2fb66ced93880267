"""The ranges that hyperparameters of several methods share."""

from bench.errors import BadInput


def check_omega(omega: float) -> None:
    """omega: the guidance scale; 1 is unguided."""
    if omega < 0:
        raise BadInput(
            f"omega: {omega} is negative; the guidance scale is 0 or more (1 = unguided)"
        )


def check_gamma(key: str, gamma: float) -> None:
    """gamma: the fraction of tokens that is not processed."""
    if not 0 <= gamma < 1:
        raise BadInput(f"{key}: {gamma} is outside [0, 1); it is the fraction of tokens left out")
