"""A scale: everything that one run of the DAG does."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bench import guidance
from bench.config.consistency import check_scale
from bench.config.extractor import ExtractorConfig
from bench.config.hardware import Hardware
from bench.config.inception import InceptionConfig
from bench.config.label import Label, read_label
from bench.config.latents import LatentsConfig
from bench.config.measurement import Measurement, Tuning
from bench.config.method import Method
from bench.config.model import ModelConfig, model_config
from bench.config.parse import suggest
from bench.config.run import Run
from bench.config.sampling import SamplingConfig
from bench.data.dataset import Facts
from bench.data.registry import facts
from bench.errors import BadInput


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
    def facts(self) -> Facts:
        """Of what the models see: the dataset's images, or their latents."""
        return self.latents.facts if self.latents else facts(self.dataset)

    @property
    def required_latents(self) -> LatentsConfig:
        """Raises BadInput for a scale whose models see the images themselves."""
        if self.latents is None:
            raise BadInput(f"latents: {self.name} has none; its models see the images themselves")
        return self.latents

    def model(self, run: Run) -> ModelConfig:
        """The full architecture of a run."""
        return model_config({**asdict(self.facts), **run.model})

    def run(self, label: str) -> Run:
        """The run of a label."""
        name = read_label(label).name
        if name not in self.runs:
            raise BadInput(f"runs: unknown run {name!r}{suggest(name, self.runs)}")
        return self.runs[name]

    def method(self, label: str) -> Method:
        """The method of a label."""
        name = read_label(label).name
        if name not in self.methods:
            raise BadInput(f"methods: unknown method {name!r}{suggest(name, self.methods)}")
        return self.methods[name]

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Every (run, method) that is measured, as labels."""
        return tuple(
            (str(Label(name, step)), method)
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
                    found[str(Label(name, step))] = str(Label(run.initial, step))
        return found

    def checkpoint(self, label: str) -> tuple[str, int]:
        """The training and the step of a run's label."""
        name, step = read_label(label)
        run = self.run(label)
        if step is None or run.initial:
            return label, run.last_step
        return name, step

    def weak_checkpoint(self, run_label: str, method_label: str) -> tuple[str, int] | None:
        """The training and the step of a cell's weak checkpoint; None where it uses none."""
        specs = map(guidance.build, self.method(method_label).candidates)
        if not any(guidance.uses_weak_checkpoint(spec, self.sampling.steps) for spec in specs):
            return None
        step = read_label(method_label).step or self.run(run_label).weak_step
        return self.checkpoint(run_label)[0], step
