"""geneval: judge the images of a folder by their prompts."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import add_device, add_out, choose_device, positive


def add_arguments(parser):
    parser.add_argument(
        "--images",
        required=True,
        type=Path,
        help="folder in GenEval's layout: 00000/metadata.jsonl, 00000/samples/0000.png, …",
    )
    parser.add_argument(
        "--prompts", required=True, type=Path, help="prompt file in GenEval's layout (.jsonl)"
    )
    parser.add_argument(
        "--images-per-prompt", type=positive, default=4, help="default: 4, as GenEval has it"
    )
    parser.add_argument(
        "--detector",
        required=True,
        help="'shapes' for images of the shapes world, or Mask2Former's weights: the official "
        "checkpoint of mmdet 2 (.pth), or a folder of transformers, as an unofficial detector",
    )
    parser.add_argument(
        "--clip", type=Path, help="with Mask2Former: weights of open_clip's ViT-L-14-quickgelu"
    )
    add_out(parser, "one row of scores (.csv); a line per image goes beside it (.images.jsonl)")
    add_device(parser)


def run(options):
    from bench.stages.geneval import evaluate_images

    row = evaluate_images(
        options.images,
        options.prompts,
        options.images_per_prompt,
        options.detector,
        options.clip,
        choose_device(options.device),
        options.out,
    )
    for name, value in row.items():
        if f"{name}_se" in row:
            print(f"{name.replace('_', ' ')}: {value:.4f} ± {row[f'{name}_se']:.4f}")
