"""Checks that the settings of a scale fit each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import guidance
from bench.config.evaluation import check_shards
from bench.config.model import Architecture
from bench.config.prx import PRXConfig
from bench.config.runs import Run, read_snapshot
from bench.config.training import TrainingConfig
from bench.errors import BadInput
from bench.parsing import check_name, suggest

if TYPE_CHECKING:
    from bench.config.scale import Scale


def check_scale(scale: Scale) -> None:
    """Raises BadInput, with the key, for the first setting that does not fit the others."""
    _check_sources(scale)
    check_name("name", scale.name)
    if scale.tuning.seed in scale.measurement.seeds:
        raise BadInput("tuning.seed: it is one of measurement.seeds; tune on another block")
    if scale.throughput:
        _check_throughput(scale)
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
            _check_grids(scale, run)
            _check_omega_sweep(scale, run)
            for snapshot, method in (*scale.cells, *scale.grid_cells):
                if read_snapshot(snapshot).name == name:
                    _check_cell(scale, snapshot, method)
        except BadInput as error:
            raise error.within(f"runs.{name}") from None


def check_measured(scale: Scale) -> None:
    """Raises BadInput for a scale that verbs can use but the workflow cannot measure: one with
    prompts whose images are not drawn, and without ``geneval`` to judge them."""
    if scale.text and scale.text.training_images is None and scale.geneval is None:
        raise BadInput("geneval: missing; it measures models whose images are not drawn")


def _check_sources(scale: Scale) -> None:
    given = [key for key in ("extractor", "inception", "text") if getattr(scale, key) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        raise BadInput(
            f"extractor: a scale has one of extractor, inception and text, and this one has {found}"
        )
    if not scale.text and (scale.latents is None) != (scale.inception is None):
        raise BadInput("latents: comes with inception, and inception with it; give both or none")
    if scale.latents and scale.dataset_source:
        raise BadInput("dataset_source: the images' folders are latents.train and reference")
    has_captions = scale.dataset_info.num_classes is None
    if has_captions != (scale.text is not None):
        kind = "captions: give text" if has_captions else "classes: leave text out"
        raise BadInput(f"text: the images of {scale.dataset} have {kind}")
    if scale.text:
        _check_training_images(scale)
    if scale.geneval:
        _check_geneval(scale)
    elif scale.hpsv3:
        raise BadInput("hpsv3: its scores stand beside geneval's; give geneval, or leave it out")
    if scale.hpsv3:
        check_shards("measurement.shard_size", scale.hpsv3.prompts, scale.measurement.shard_size)


def _check_training_images(scale: Scale) -> None:
    are_drawn = scale.has_images and scale.latents is None
    if are_drawn != (scale.text.training_images is not None):
        if are_drawn:
            raise BadInput("text.training_images: missing; the images are drawn, give their number")
        found = (
            "those of latents are not drawn" if scale.has_images else f"{scale.dataset} has none"
        )
        raise BadInput(f"text.training_images: {found}; leave it out")
    if (scale.geneval or not scale.has_images) and scale.tuned_cells:
        _, method = scale.tuned_cells[0]
        raise BadInput(
            f"methods.{method}.search: GenEval's prompts are for the test alone; give each "
            "hyperparameter a single value"
        )


def _check_geneval(scale: Scale) -> None:
    if not scale.text or (scale.has_images and not scale.latents):
        raise BadInput(
            "geneval: it judges samples of models of captioned latents, or of published ones; "
            "leave it out, or give text and latents"
        )
    if scale.hardware is None:
        raise BadInput("hardware: missing; jobs of GPUs draw and judge the samples of geneval")
    if any(run.grids for run in scale.runs.values()):
        raise BadInput("grids: they are measured on prompts for tuning, and GenEval has none")


def _check_run(scale: Scale, run: Run) -> None:
    model = scale.model(run)
    if run.training and not scale.has_images:
        raise BadInput(f"training: {scale.dataset} has no images to train on; give pretrained")
    if run.training and isinstance(model, PRXConfig):
        raise BadInput("training: a PRX is here for its published weights; give pretrained")
    if (run.pretrained is not None and run.pretrained.kind == "prx") != isinstance(
        model, PRXConfig
    ):
        raise BadInput("pretrained.kind: prx is for a model of kind prx, and that for it alone")
    if run.training and run.training.gamma and not model.can_drop_tokens:
        raise BadInput("training.gamma: the model has neither a route nor a decoder")
    has_scores = scale.latents is not None and scale.latents.score is not None
    if run.training and run.training.score_above is not None and not has_scores:
        raise BadInput("training.score_above: images have no score; name it in latents.score")
    if run.training and scale.hardware:
        _check_gpus(scale.hardware.training_gpus, run.training)
    snapshots = run
    if run.initial is not None:
        _check_initial(scale, run, model)
        snapshots = scale.runs[run.initial]
    for step in run.progress.steps:
        if step not in snapshots.kept_steps[:-1]:
            raise BadInput(f"progress.steps: {step} is not one of {snapshots.snapshots_key}")


def _check_gpus(gpus: int, training: TrainingConfig) -> None:
    if training.sharding == "fsdp" and gpus == 1:
        raise BadInput(
            "training.sharding: fsdp shares weights out over several GPUs, and "
            "hardware.training_gpus is 1; raise it, or leave sharding out"
        )
    try:
        training.samples_per_pass(gpus)
    except BadInput as error:
        raise error.within("training") from None


def _check_initial(scale: Scale, run: Run, model: Architecture) -> None:
    if run.initial not in scale.runs:
        raise BadInput(f"initial: unknown run {run.initial!r}{suggest(run.initial, scale.runs)}")
    if scale.model(scale.runs[run.initial]) != model:
        raise BadInput(f"initial: {run.initial!r} has another architecture")
    if scale.runs[run.initial].initial is not None:
        raise BadInput(f"initial: {run.initial!r} is a finetuning itself; name where it starts")


def _check_grids(scale: Scale, run: Run) -> None:
    for method in run.grids:
        if not scale.method(method).grid:
            raise BadInput(f"grids: {method!r} has none; give it methods.{method}.grid")


def _check_omega_sweep(scale: Scale, run: Run) -> None:
    if run.omega_sweep.methods and not scale.text:
        raise BadInput(
            "omega_sweep: its figure shows prompts, and this scale has none; leave it out"
        )
    for method in run.omega_sweep.methods:
        if method not in run.methods:
            raise BadInput(f"omega_sweep.methods: {method!r} is not one of methods")
        try:
            for omega in run.omega_sweep.omegas:
                guidance.build({**scale.method(method).example, "omega": omega})
        except BadInput as error:
            raise error.within(f"omega_sweep: {method}") from None


def _check_throughput(scale: Scale) -> None:
    run = scale.throughput.run
    if run not in scale.runs:
        raise BadInput(f"throughput.run: unknown run {run!r}{suggest(run, scale.runs)}")
    if not scale.model(scale.runs[run]).can_drop_tokens:
        raise BadInput(f"throughput.run: the model of {run!r} has neither a route nor a decoder")


def _check_cell(scale: Scale, run: str, method: str) -> None:
    model, branches = scale.model(scale.run(run)), scale.branches(method)
    if any(branch.gamma > 0 for branch in branches) and not model.can_drop_tokens:
        raise BadInput(f"methods: {method!r} needs a model with a route or a decoder")
    for branch in branches:
        if branch.perturbation:
            model.check_blocks(branch.perturbation.blocks)
    _check_weak_checkpoint(scale, run, method)


def _check_weak_checkpoint(scale: Scale, run: str, method: str) -> None:
    settings, asked = scale.run(run), read_snapshot(method).step
    weak = scale.weak_checkpoint(run, method)
    if weak is None:
        if asked is not None:
            raise BadInput(
                f"methods: {method!r} evaluates no weak checkpoint; leave out '@{asked}'"
            )
        return
    _, step = weak
    if step not in settings.kept_steps:
        raise BadInput(f"methods: {method!r}: {step} is not one of {settings.snapshots_key}")
    if step >= scale.checkpoint(run)[1]:
        raise BadInput(f"methods: {method!r}: the weak checkpoint is no earlier than {run!r}")
