"""measure-prompts: sample a cell of a scale with prompts and score it, in one process."""

from __future__ import annotations

from pathlib import Path

from bench.commands.options import (
    add_cell_weights,
    add_device,
    add_out,
    add_preference,
    add_text_states,
    cell_names,
    check_text_states,
    choose_device,
    guidance_spec,
)
from bench.config.load import load


def add_arguments(parser):
    add_cell_weights(parser)
    add_text_states(parser, "test")
    add_preference(parser)
    parser.add_argument("--results", required=True, type=Path, help="folder for the samples")
    add_out(parser, "a row per seed block (.csv)")
    add_device(parser)


def run(options):
    from bench.evaluation.prompt_scores import PromptScores
    from bench.evaluation.shapes_preference import ShapesPreference
    from bench.results import Results
    from bench.stages.measure import Weights
    from bench.stages.measure_prompts import PromptMeasurement, measure_cell, write_rows

    config, *cell = options.cell
    scale = load(config)
    check_text_states(options.text_states, scale)
    names, device = cell_names(config, *cell), choose_device(options.device)
    scores = PromptScores(ShapesPreference(options.preference, device))
    rows = measure_cell(
        scale,
        (names["run"], names["method"]),
        guidance_spec(options.guidance),
        Weights(options.checkpoints, options.weak_checkpoints),
        PromptMeasurement(options.text_states, scores, device),
        Results(options.results),
    )
    write_rows(rows, names, options.out)
    for row in rows:
        print(
            f"seed {row['seed']}: preference {row['preference']:.4f}, GenEval {row['geneval']:.4f},"
            f" {row['samples']} samples"
        )
