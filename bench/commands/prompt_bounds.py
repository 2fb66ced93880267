"""prompt-bounds: score perfect images, under their own prompts and under each other's."""

from __future__ import annotations

from bench.commands.options import (
    add_config,
    add_device,
    add_out,
    add_preference,
    choose_device,
)
from bench.config.load import config_hash, load
from bench.errors import BadInput


def add_arguments(parser):
    add_config(parser)
    add_preference(parser)
    add_out(parser, "two rows: the ceiling and the floor of the scores (.csv)")
    add_device(parser)


def run(options):
    from bench.evaluation.prompt_scores import PromptScores
    from bench.evaluation.shapes_preference import ShapesPreference
    from bench.stages.measure_prompts import bound_rows, write_rows

    scale = load(options.config)
    if scale.text is None:
        raise BadInput(f"--config: {scale.name} has no prompts")
    preference = ShapesPreference(options.preference, choose_device(options.device))
    rows = bound_rows(scale, PromptScores(preference))
    names = {"scale": scale.name, "config_hash": config_hash(options.config)}
    write_rows(rows, names, options.out)
    for row in rows:
        print(f"{row['method']}: preference {row['preference']:.4f}, GenEval {row['geneval']:.4f}")
