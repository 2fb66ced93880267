"""What judges photographs that are drawn for GenEval's prompts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.data.geneval import OFFICIAL_PROMPTS
from bench.parsing import check_no_wildcards


@dataclass(frozen=True)
class GenEvalConfig:
    """GenEval's prompts and networks, each network a name in the zoo or a path.

    Attributes:
        detector: Mask2Former's weights: the official checkpoint of mmdet 2 (.pth), or a folder of
            transformers, as an unofficial detector.
        clip: the weights of open_clip's ViT-L-14-quickgelu, which tells colours.
        prompts: a file in GenEval's layout (.jsonl); None: the 553 official prompts.
    """

    detector: str = "mask2former-swin-s"
    clip: str = "clip-vit-l14"
    prompts: str | None = None

    def __post_init__(self):
        check_no_wildcards(self, "detector", "clip", "prompts")

    @property
    def prompts_path(self) -> Path:
        """The file of the prompts."""
        return Path(self.prompts) if self.prompts else OFFICIAL_PROMPTS
