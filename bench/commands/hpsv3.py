"""hpsv3: score images of the HPSv3 benchmark."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_out


def add_arguments(parser):
    parser.add_argument(
        "--images",
        required=True,
        type=Path,
        help="folder of images, one a prompt: characters/00000.png, …",
    )
    parser.add_argument(
        "--benchmark",
        required=True,
        type=Path,
        help="folder `benchmark` of the dataset MizzenAI/HPDv3: benchmark_Characters.json, …",
    )
    parser.add_argument(
        "--python",
        required=True,
        type=Path,
        help="the interpreter of an environment with envs/hpsv3.txt",
    )
    parser.add_argument(
        "--weights", type=Path, help="HPSv3.safetensors (default: from the Hugging Face hub)"
    )
    parser.add_argument("--device", default="cuda", help="torch device there (default: cuda)")
    add_out(parser, "one row of means (.csv); a line per image goes beside it (.images.jsonl)")


def run(options):
    from bench.stages.hpsv3 import score_images

    row = score_images(
        options.images,
        options.benchmark,
        options.python,
        options.weights,
        options.device,
        options.out,
    )
    for name, value in row.items():
        if f"{name}_se" in row:
            print(f"{name.replace('_', ' ')}: {value:.3f} ± {row[f'{name}_se']:.3f}")
