"""The command line of a training, refused before anything is read or written."""

from __future__ import annotations

import pytest

from bench.__main__ import main
from tests.workflow.conftest import MICRO

STANDIN = MICRO.with_name("imagenet256-standin.yaml")


@pytest.mark.parametrize(
    ("config", "run", "initial", "message"),
    [
        (MICRO, "finetuned", None, "--initial: run 'finetuned' starts from the checkpoint of "),
        (MICRO, "routed", "a.safetensors", "--initial: run 'routed' starts from no checkpoint"),
        (MICRO, "route", None, "runs: unknown run 'route', did you mean 'routed'?"),
        (STANDIN, "sit", None, "--run: 'sit' has published weights"),
    ],
)
def test_a_wrong_run_is_one_line(config, run, initial, message, tmp_path, capsys):
    arguments = ["--config", str(config), "--run", run, "--out", str(tmp_path / "out")]
    arguments += ["--initial", initial] if initial else []
    assert main(["train", *arguments, "--device", "cpu"]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_step_whose_weights_are_not_kept_is_one_line(tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["--config", str(MICRO), "--run", "routed", "--out", str(out), "--until", "15"]
    assert main(["train", *arguments, "--device", "cpu"]) == 2
    assert capsys.readouterr().err == (
        "error: --until: the weights of step 15 are not kept; take one of 10, 20, or add it to "
        "training.snapshots\n"
    )
    assert not out.exists()
