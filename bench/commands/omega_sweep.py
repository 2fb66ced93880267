"""omega-sweep: draw the same samples at several strengths of guidance, for a figure."""

from __future__ import annotations

from bench.commands.options import (
    add_autoencoder,
    add_cell_weights,
    add_device,
    add_out,
    add_text_states,
    cell_names,
    check_text_states,
    choose_device,
    guidance_spec,
)
from bench.config.load import load


def add_arguments(parser):
    add_cell_weights(parser)
    add_autoencoder(parser)
    add_text_states(parser, "test")
    add_out(parser, "images uint8 [omegas, N, C, H, W] and what they show [N] (.safetensors)")
    add_device(parser)


def run(options):
    from bench.sampling.models import load_models
    from bench.stages.measure import Weights
    from bench.stages.omega_sweep import write_omega_sweep

    config, *cell = options.cell
    scale = load(config)
    check_text_states(options.text_states, scale)
    names = cell_names(config, *cell)
    # Of the first replicate, whose seed block is measured, too.
    blocks = Weights(options.checkpoints, options.weak_checkpoints).of_blocks(
        len(scale.measurement.seeds)
    )
    models = load_models(
        *blocks[0],
        autoencoder=options.autoencoder,
        device=choose_device(options.device),
        prompts=options.text_states,
    )
    write_omega_sweep(
        options.out,
        models,
        guidance_spec(options.guidance),
        scale.run(names["run"]).omega_sweep.omegas,
        scale.sampling,
        scale.measurement.seeds[0],
    )
