"""The verbs as a user calls them, without Snakemake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from bench.__main__ import VERBS, main

DIGITS = str(Path(__file__).parents[1] / "workflow" / "config" / "digits.yaml")
CFG = json.dumps({"method": "cfg", "omega": 1.5})
AUTO = json.dumps({"method": "autoguidance", "omega": 1.5})


def sample(checkpoints, out, *more, guidance=CFG, checkpoint="main", indices="0:6"):
    arguments = ["--checkpoint", str(checkpoints[checkpoint]), "--guidance", guidance]
    arguments += ["--seed", "1", "--indices", indices, "--steps", "3", "--out", str(out)]
    return main(["sample", *arguments, "--device", "cpu", *map(str, more)])


@pytest.mark.parametrize("verb", VERBS)
def test_help(verb, capsys):
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    assert VERBS[verb].split()[-1].rstrip(".") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verb", "suffix"),
    [
        ("table 5 --results r", ".csv"),
        ("claims --results r", ".csv"),
        ("shapes-preference --seed 1", ".safetensors"),
    ],
)
def test_files_beside_the_output_do_not_replace_it(verb, suffix, capsys):
    for name in ("out.md", "out"):
        with pytest.raises(SystemExit) as caught:
            main([*verb.split(), "--out", name])
        assert caught.value.code == 2
        assert (
            f"error: argument --out: {name!r} does not end in {suffix}" in capsys.readouterr().err
        )


def test_sample_writes_images_and_labels(checkpoints, tmp_path):
    assert sample(checkpoints, tmp_path / "all.safetensors") == 0
    whole = load_file(tmp_path / "all.safetensors")
    assert whole["images"].shape == (6, 1, 8, 8)
    assert whole["images"].dtype == torch.uint8
    assert whole["labels"].shape == (6,)
    sample(checkpoints, tmp_path / "part.safetensors", "--batch-size", 2, indices="3:6")
    part = load_file(tmp_path / "part.safetensors")
    assert torch.equal(part["images"], whole["images"][3:])
    assert torch.equal(part["labels"], whole["labels"][3:])


def test_shards_and_batches_change_no_metric(checkpoints, extractor, tmp_path):
    """Images to the last bit; metrics but for the order in which features are summed up."""
    measuring = ["--extractor", str(extractor), "--device", "cpu", "--out"]
    reference = tmp_path / "reference"
    split = ["--split", DIGITS, "reference", "--limit", "64"]
    assert main(["features", *split, *measuring, str(reference)]) == 0
    images, rows = [], []
    for batch_size, ends in ((8, (0, 42)), (3, range(0, 43, 6))):
        shards = [tmp_path / f"{batch_size}-{end}" for end in ends[1:]]
        for first, end, shard in zip(ends, ends[1:], shards):
            indices = f"{first}:{end}"
            assert sample(checkpoints, shard, "--batch-size", batch_size, indices=indices) == 0
        features = [f"{shard}-features" for shard in shards]
        samples = ["--samples", *map(str, shards)]
        assert main(["features", *samples, *measuring, *features]) == 0
        out = tmp_path / f"{batch_size}.csv"
        cell = ["--features", *features, "--reference", str(reference), "--out", str(out)]
        assert main(["evaluate", *cell]) == 0
        images.append(torch.cat([load_file(shard)["images"] for shard in shards]))
        rows.append(pd.read_csv(out).drop(columns="wall_seconds"))
    assert torch.equal(*images)
    pd.testing.assert_frame_equal(*rows, rtol=1e-5)


def test_sample_with_a_weak_checkpoint_and_a_spec_in_a_file(checkpoints, tmp_path):
    spec = tmp_path / "spec.json"
    spec.write_text(AUTO)
    out = tmp_path / "out.safetensors"
    weak = ("--weak-checkpoint", checkpoints["weak"])
    assert sample(checkpoints, out, *weak, guidance=str(spec)) == 0
    assert out.exists()


@pytest.mark.parametrize(
    ("guidance", "checkpoint", "message"),
    [
        (AUTO, "main", "--weak-checkpoint: missing"),
        ("{", "main", "--guidance: not valid JSON"),
        ("[1]", "main", "a guidance spec is a mapping"),
        ('{"method": "cfg", "omega": 1%s}' % ("0" * 400), "main", "omega: expected a number"),
        ("absent.json", "main", "neither JSON nor a file"),
        ('{"method": "cfgg"}', "main", "did you mean 'cfg'"),
        ('{"method": "cfg", "omega": -1}', "main", "omega: -1.0 is negative"),
        ('{"method": "unguided", "gamma": 0.5}', "dense", "has neither a route nor a decoder"),
    ],
)
def test_bad_guidance(checkpoints, tmp_path, capsys, guidance, checkpoint, message):
    out = tmp_path / "out.safetensors"
    assert sample(checkpoints, out, guidance=guidance, checkpoint=checkpoint) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_bad_solver_and_device(checkpoints, tmp_path, capsys):
    out = tmp_path / "out.safetensors"
    assert sample(checkpoints, out, "--solver", "eular") == 2
    assert "did you mean 'euler'" in capsys.readouterr().err
    assert sample(checkpoints, out, "--device", "warp") == 2
    assert "--device: 'warp' cannot be used" in capsys.readouterr().err
    assert sample(checkpoints, out, "--device", "meta") == 2
    assert "--device: 'meta' cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("indices", ["5:5", "6", "a:b", "-1:4"])
def test_bad_indices(checkpoints, tmp_path, indices, capsys):
    with pytest.raises(SystemExit) as caught:
        sample(checkpoints, tmp_path / "out.safetensors", indices=indices)
    assert caught.value.code == 2


def test_a_truncated_checkpoint_is_one_line(checkpoints, tmp_path):
    """Through a real process: no traceback on either stream."""
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(checkpoints["main"].read_bytes()[:1000])
    arguments = ["sample", "--checkpoint", str(broken), "--guidance", CFG, "--seed", "0"]
    arguments += ["--indices", "0:2", "--steps", "2", "--out", str(tmp_path / "out.safetensors")]
    result = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: {broken}: not a whole safetensors file")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_device_is_written_to_and_never_replaced(checkpoints, tmp_path, capsys):
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    assert sample(checkpoints, full) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert full.is_char_device()
    assert list(tmp_path.iterdir()) == [full]
    assert sample(checkpoints, tmp_path) == 2
    assert "Is a directory" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_is_one_line_and_leaves_the_old_file(
    checkpoints, tmp_path, capsys, monkeypatch
):
    out = tmp_path / "out.safetensors"
    sample(checkpoints, out)
    before = out.read_bytes()

    def no_space(path, contents):
        with open("/dev/full", "wb", buffering=0) as full:
            full.write(contents)

    monkeypatch.setattr("pathlib.Path.write_bytes", no_space)
    assert sample(checkpoints, out, "--solver", "heun") == 1
    assert "No space left on device" in capsys.readouterr().err
    assert out.read_bytes() == before
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["features", "--split", DIGITS, "trian"], "did you mean 'train'"),
        (["features", "--split", "digit.yaml", "train"], "digit.yaml: cannot be read"),
        (["collect", "--rows", "{cut}"], "not a CSV of rows"),
        (["collect", "--rows", "{foreign}"], "lacks the columns fid"),
        (["collect", "--rows", "{absent}"], "no such file"),
        (["figure", "figure1", "--results", "{absent}"], "metrics.csv: no such file"),
        (["figure", "figure6", "--results", "{absent}"], "guidance.csv: no such file"),
        (["features", "--samples", "{main}"], "expected 'samples', found 'checkpoint'"),
        (["evaluate", "--features", "{main}", "--reference", "{main}"], "expected 'features'"),
    ],
)
def test_bad_files_are_one_line(arguments, message, checkpoints, extractor, tmp_path, capsys):
    files = {name: tmp_path / name for name in ("cut", "foreign", "absent", "out")}
    files["cut"].write_text('a,b\n"1')
    files["foreign"].write_text("a,b\n1,2\n")
    arguments = [text.format(main=checkpoints["main"], **files) for text in arguments]
    if arguments[0] == "features":
        arguments += ["--extractor", str(extractor), "--device", "cpu"]
    assert main([*arguments, "--out", str(files["out"])]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not files["out"].exists()
