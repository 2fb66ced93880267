"""Whether the sections of a scale fit each other."""

from __future__ import annotations

from bench import guidance
from bench.config.checks import check_name
from bench.config.label import read_label
from bench.config.model import ModelConfig
from bench.config.parse import suggest
from bench.config.run import Run
from bench.data.registry import facts
from bench.errors import BadInput


def check_scale(scale) -> None:
    """Raises BadInput, with the key, for the first thing that does not fit."""
    _check_sources(scale)
    check_name("name", scale.name)
    if scale.tuning.seed in scale.measurement.seeds:
        raise BadInput("tuning.seed: it is one of measurement.seeds; tune on another block")
    for section, names in (("runs", scale.runs), ("methods", scale.methods)):
        if not names:
            raise BadInput(f"{section}: empty; name at least one")
        for name in names:
            check_name(f"{section}.{name}", name)
    for name, run in scale.runs.items():
        try:
            scale.model(run)
        except BadInput as error:
            raise error.within(f"runs.{name}.model") from None
    for name, run in scale.runs.items():
        try:
            _check_run(scale, run)
            for label, method in scale.cells:
                if read_label(label).name == name:
                    _check_cell(scale, run, label, method)
        except BadInput as error:
            raise error.within(f"runs.{name}") from None


def _check_sources(scale) -> None:
    if (scale.extractor is None) == (scale.inception is None):
        raise BadInput("extractor: a scale has either extractor or inception; give one")
    if (scale.latents is None) != (scale.inception is None):
        raise BadInput("latents: comes with inception, and inception with it; give both or none")
    if scale.latents and scale.dataset_source:
        raise BadInput("dataset_source: the images' folders are latents.train and reference")
    if not scale.latents:
        facts(scale.dataset)


def _check_run(scale, run: Run) -> None:
    model = scale.model(run)
    if run.training and run.training.sparsity and not model.can_drop_tokens:
        raise BadInput("training.sparsity: the model has neither a route nor a decoder")
    begins = run
    if run.initial is not None:
        _check_initial(scale, run, model)
        begins = scale.runs[run.initial]
    for step in run.progress.steps:
        if step not in begins.kept_steps[:-1]:
            raise BadInput(f"progress.steps: {step} is not one of {begins.snapshots_key}")


def _check_initial(scale, run: Run, model: ModelConfig) -> None:
    if run.initial not in scale.runs:
        raise BadInput(f"initial: unknown run {run.initial!r}{suggest(run.initial, scale.runs)}")
    if scale.model(scale.runs[run.initial]) != model:
        raise BadInput(f"initial: {run.initial!r} has another architecture")
    if scale.runs[run.initial].initial is not None:
        raise BadInput(f"initial: {run.initial!r} is a finetuning itself; name where it starts")


def _check_cell(scale, run: Run, label: str, method: str) -> None:
    specs = [guidance.build(spec) for spec in scale.method(method).candidates]
    steps = scale.sampling.steps
    drops = any(guidance.drops_tokens(spec, steps) for spec in specs)
    if drops and not scale.model(run).can_drop_tokens:
        raise BadInput(f"methods: {method!r} needs a model with a route or a decoder")
    weak, asked = scale.weak_checkpoint(label, method), read_label(method).step
    if weak is None:
        if asked is not None:
            raise BadInput(
                f"methods: {method!r} evaluates no weak checkpoint; leave out '@{asked}'"
            )
        return
    if weak[1] is None:
        raise BadInput(f"weak_step: missing; {method!r} needs an earlier checkpoint")
    if weak[1] not in run.kept_steps:
        raise BadInput(f"methods: {method!r}: {weak[1]} is not one of {run.snapshots_key}")
    if weak[1] >= scale.checkpoint(label)[1]:
        raise BadInput(f"methods: {method!r}: the weak checkpoint is no earlier than {label!r}")
