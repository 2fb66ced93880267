"""Whether torch.compile works on this machine."""

from __future__ import annotations

import torch

from bench.errors import BadInput


def check_compiler(setting: str, device: torch.device | str) -> None:
    """Compiles a small function for ``device``. Networks are compiled at their first step, behind
    their data and in the middle of a job; a compiler that is missing should be known before.

    Raises:
        BadInput: it fails, most often for want of a C++ compiler; names ``setting``, which asked
            for it.
    """
    try:
        torch.compile(torch.neg)(torch.ones(8, device=device))
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise BadInput(
            f"{setting}: torch.compile does not work here: {reason}; install a C++ compiler (g++), "
            "or leave it out"
        ) from None
