"""What scores photographs for the prompts of HPSv3's benchmark."""

from __future__ import annotations

from dataclasses import dataclass

from bench.parsing import check_no_wildcards, check_positive


@dataclass(frozen=True)
class HPSv3Config:
    """The benchmark of HPSv3 (arXiv 2508.03789) and the network, which has an environment of its
    own. Every seed block of a cell has an image of each prompt.

    Attributes:
        benchmark: the folder ``benchmark`` of the dataset MizzenAI/HPDv3.
        python: the interpreter of an environment with envs/hpsv3.txt.
        weights: the file HPSv3.safetensors.
        prompts: their number in the benchmark, which jobs are planned by.
    """

    benchmark: str
    python: str
    weights: str
    prompts: int = 12000

    def __post_init__(self):
        check_no_wildcards(self, "benchmark", "python", "weights")
        check_positive(self, "prompts")
