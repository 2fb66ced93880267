"""A scale: everything that one run of the DAG does."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bench import guidance
from bench.config.data import LatentsConfig
from bench.config.evaluation import ExtractorConfig, InceptionConfig, Measurement, Tuning
from bench.config.model import ModelConfig, model_config
from bench.config.runs import Method, Run, Snapshot, read_snapshot
from bench.config.sampling import SamplingConfig
from bench.data.dataset import DatasetInfo
from bench.data.registry import dataset_info
from bench.errors import BadInput
from bench.parsing import check_name, check_positive, suggest

# The paper's Figure 7 compares these with the unguided samples.
DISTANCE_CELLS = (("routed", "cfg"), ("routed", "sparse_guidance"))


@dataclass(frozen=True)
class Hardware:
    """What jobs are given, and assumptions that estimates of time rest on; no result does.

    Attributes:
        training_gpus: that one training is spread over.
        feature_threads: CPU threads that resize images for one GPU that extracts their features.
        tera_macs_per_second: 10^12 MACs that one GPU does in a second of training or sampling.
        autoencoder_images_per_second: that it encodes or decodes.
        inception_images_per_second: that it extracts features of, their resizing included.
    """

    training_gpus: int = 1
    feature_threads: int = 1
    tera_macs_per_second: float = 150.0
    autoencoder_images_per_second: float = 150.0
    inception_images_per_second: float = 500.0

    def __post_init__(self):
        check_positive(self, *vars(self))


@dataclass(frozen=True)
class Scale:
    """See workflow/config/digits.yaml and imagenet256.yaml for each key with a comment."""

    name: str
    dataset: str
    runs: dict[str, Run]
    methods: dict[str, Method]
    sampling: SamplingConfig
    measurement: Measurement
    tuning: Tuning
    extractor: ExtractorConfig | None = None
    inception: InceptionConfig | None = None
    latents: LatentsConfig | None = None
    hardware: Hardware | None = None
    dataset_source: str | None = None
    plugins: tuple[str, ...] = ()

    def __post_init__(self):
        check_scale(self)

    @property
    def dataset_info(self) -> DatasetInfo:
        """Of what the models see: the dataset's images, or their latents."""
        return self.latents.dataset_info if self.latents else dataset_info(self.dataset)

    @property
    def required_latents(self) -> LatentsConfig:
        """Raises BadInput for a scale whose models see the images themselves."""
        if self.latents is None:
            raise BadInput(f"latents: {self.name} has none; its models see the images themselves")
        return self.latents

    def model(self, run: Run) -> ModelConfig:
        """The full architecture of a run."""
        return model_config({**asdict(self.dataset_info), **run.model})

    def run(self, label: str) -> Run:
        """The run of a label."""
        name = read_snapshot(label).name
        if name not in self.runs:
            raise BadInput(f"runs: unknown run {name!r}{suggest(name, self.runs)}")
        return self.runs[name]

    def method(self, label: str) -> Method:
        """The method of a label."""
        name = read_snapshot(label).name
        if name not in self.methods:
            raise BadInput(f"methods: unknown method {name!r}{suggest(name, self.methods)}")
        return self.methods[name]

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Every (run, method) that is measured, as labels."""
        return tuple(
            (str(Snapshot(name, step)), method)
            for name, run in self.runs.items()
            for step, methods in (
                (None, run.methods),
                *((step, run.progress.methods) for step in run.progress.steps),
            )
            for method in methods
        )

    @property
    def tuned_cells(self) -> tuple[tuple[str, str], ...]:
        """Those cells whose hyperparameters are searched first."""
        return tuple(cell for cell in self.cells if self.method(cell[1]).is_tuned)

    @property
    def trainings(self) -> dict[str, str | None]:
        """What is trained: a run's label, and that of the checkpoint which it starts from."""
        found = {}
        for name, run in self.runs.items():
            if run.pretrained:
                continue
            found[name] = run.initial
            if run.initial:
                for step in run.progress.steps:
                    found[str(Snapshot(name, step))] = str(Snapshot(run.initial, step))
        return found

    def checkpoint(self, label: str) -> tuple[str, int]:
        """The training and the step of a run's label."""
        name, step = read_snapshot(label)
        run = self.run(label)
        if step is None or run.initial:
            return label, run.last_step
        return name, step

    def weak_checkpoint(self, run_label: str, method_label: str) -> tuple[str, int] | None:
        """The training and the step of a cell's weak checkpoint; None where it uses none."""
        specs = map(guidance.build, self.method(method_label).candidates)
        if not any(
            guidance.uses_weak_checkpoint(spec, self.sampling.evaluations) for spec in specs
        ):
            return None
        step = read_snapshot(method_label).step or self.run(run_label).weak_step
        return self.checkpoint(run_label)[0], step

    @property
    def distance_cells(self) -> tuple[tuple[str, str], ...]:
        """Cells whose samples are compared one by one with the unguided samples of their run."""
        return tuple(
            (run, method)
            for run, method in DISTANCE_CELLS
            if {(run, "unguided"), (run, method)} <= set(self.cells)
        )


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
                if read_snapshot(label).name == name:
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
        dataset_info(scale.dataset)


def _check_run(scale, run: Run) -> None:
    model = scale.model(run)
    if run.training and run.training.gamma and not model.can_drop_tokens:
        raise BadInput("training.gamma: the model has neither a route nor a decoder")
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
    evaluations = scale.sampling.evaluations
    drops = any(guidance.drops_tokens(spec, evaluations) for spec in specs)
    if drops and not scale.model(run).can_drop_tokens:
        raise BadInput(f"methods: {method!r} needs a model with a route or a decoder")
    for branch in set().union(*(guidance.all_branches(spec, evaluations) for spec in specs)):
        if branch.perturbation:
            scale.model(run).check_blocks(branch.perturbation.blocks)
    weak, asked = scale.weak_checkpoint(label, method), read_snapshot(method).step
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
