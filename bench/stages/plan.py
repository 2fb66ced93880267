"""The verbs of a scale that are worth a GPU, for a machine without Snakemake."""

from __future__ import annotations

import logging
import shlex
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
)
from snakemake_interface_logger_plugins.common import LogEvent

from bench.config.load import load
from bench.errors import BadInput
from bench.results import Results

SNAKEFILE = Path(__file__).parents[2] / "Snakefile"
# The rule that needs everything worth a GPU.
TARGET = "gpu"
SILENT = OutputSettings(quiet={Quietness.ALL}, enable_file_logging=False)


def effective_config(scale: str) -> str:
    """The path of the configuration that the jobs of a scale read (`Results.config`)."""
    return str(Results(Path("results") / scale).config)


def plan(config: Path) -> list[str]:
    """The verbs with their options that rule `gpu` needs, as `python -m bench batch` reads them.

    They are those of an empty results folder, each after those whose files it reads, and name the
    configuration ``config`` itself.

    Raises:
        BadInput: the configuration is wrong, or a file is missing that no rule makes.
    """
    replaced = {effective_config(load(config).name): str(config)}
    lines = []
    for command in _commands(config):
        words = shlex.split(command)
        # INTERPRETER -m bench VERB OPTIONS > LOG 2>&1
        verb = words[words.index("bench") + 1 : words.index(">")]
        lines.append(shlex.join(replaced.get(word, word) for word in verb))
    return lines


def _commands(config):
    """The shell commands of a dry run, in an order that respects what they depend on."""
    recorder = _Recorder()
    with SnakemakeApi(SILENT) as api:
        logger.addHandler(recorder)
        workflow = api.workflow(
            resource_settings=ResourceSettings(),
            config_settings=ConfigSettings(configfiles=[config]),
            snakefile=SNAKEFILE,
        )
        try:
            dag = workflow.dag(DAGSettings(targets={TARGET}, forceall=True))
            dag.execute_workflow("dryrun")
        except WorkflowError as error:
            raise BadInput(f"{config}: {' '.join(str(error).split())}") from None
    return recorder.commands


class _Recorder(logging.Handler):
    """Keeps the shell command of each job that Snakemake reports."""

    def __init__(self):
        super().__init__()
        self.commands: list[str] = []

    def emit(self, record):
        if getattr(record, "event", None) == LogEvent.SHELLCMD and record.shellcmd:
            self.commands.append(record.shellcmd)
