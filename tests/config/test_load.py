"""Scales from files, and the guidance specs that come from the catalogue."""

from __future__ import annotations

import json

import pytest
import yaml

from bench.__main__ import main
from bench.config import load as module
from bench.config.load import CATALOGUE, config_hash, from_settings, load, read, resolve_methods
from bench.errors import BadInput
from tests.config.test_scale import DIGITS, changed, check

SCALES = sorted(set(DIGITS.parent.glob("*.yaml")) - {CATALOGUE})


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """The path of a catalogue that the test writes itself."""
    path = tmp_path / "methods.yaml"
    monkeypatch.setattr(module, "CATALOGUE", path)
    return path


def hash_of(settings, tmp_path):
    path = tmp_path / "scale.yaml"
    path.write_text(yaml.safe_dump(settings))
    return config_hash(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("a: [1, 2", "line 1: not valid YAML"),
        ("a: 1\n b: 2\n", "line 2: not valid YAML"),
        ("\0", "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", "line 3: not valid YAML: the key 'a' is there twice"),
        ("[" * 4000, "not valid YAML"),
    ],
)
def test_not_a_configuration(text, message, tmp_path, capsys):
    path = tmp_path / "scale.yaml"
    path.write_text(text)
    code, error = check(path, capsys)
    assert code == 2
    assert message in error
    assert error.count("\n") == 1


def test_no_file(tmp_path, capsys):
    code, error = check(tmp_path / "absent.yaml", capsys)
    assert (code, error) == (
        2,
        f"error: {tmp_path}/absent.yaml: cannot be read: No such file or directory\n",
    )


@pytest.mark.parametrize("path", SCALES, ids=lambda path: path.stem)
def test_the_shipped_scales_are_fine(path, capsys):
    assert main(["check", str(path)]) == 0
    assert "fine" in capsys.readouterr().out


@pytest.mark.parametrize("path", SCALES, ids=lambda path: path.stem)
def test_the_shipped_scales_take_their_specs_from_the_catalogue(path):
    specs = yaml.safe_load(CATALOGUE.read_text())
    assert not any("guidance" in method for method in read(path)["methods"].values())
    for name, method in load(path).methods.items():
        assert method.guidance == specs[name]


def test_a_method_that_the_scale_does_not_list_has_no_search():
    method = load(DIGITS).methods["naive_sparsity_70"]
    assert method.example == {"method": "unguided", "gamma": 0.7}
    assert not method.is_tuned


def test_methods_that_no_run_names_are_left_out():
    settings = changed("runs", value={"routed": changed()["runs"]["routed"]})
    progress = {"steps": [], "methods": []}
    settings["runs"]["routed"].update(methods=["unguided"], grids=[], progress=progress)
    del settings["methods"]
    assert set(resolve_methods(settings)["methods"]) == {"unguided"}
    assert from_settings(settings).cells == (("routed", "unguided"),)


def test_a_guidance_of_the_scale_wins():
    settings = changed("methods", "cfg", value={"guidance": {"method": "icg", "omega": 1.5}})
    assert from_settings(settings).methods["cfg"].example == {"method": "icg", "omega": 1.5}


def test_resolved_settings_need_no_catalogue(catalogue):
    with pytest.raises(BadInput, match=r"methods\.yaml: cannot be read"):
        resolve_methods(changed())
    catalogue.write_text(CATALOGUE.read_text())
    resolved = resolve_methods(changed())
    catalogue.unlink()
    assert resolve_methods(resolved) == resolved
    assert json.dumps(resolved) == json.dumps(resolve_methods(resolved))


def test_settings_stay_as_they_were():
    settings = changed()
    resolve_methods(settings)
    assert settings == changed()


def test_a_fault_of_the_catalogue_names_both_files(catalogue, capsys):
    catalogue.write_text("unguided: {method: unguided}\ncfg: cfg\n")
    code, error = check(DIGITS, capsys)
    assert code == 2
    assert error == f"error: {DIGITS}: {catalogue}: cfg: expected a mapping, got 'cfg'\n"


def test_the_hash_is_of_the_meaning(tmp_path):
    assert hash_of(changed(), tmp_path) == config_hash(DIGITS)
    assert hash_of(resolve_methods(changed()), tmp_path) == config_hash(DIGITS)
    assert hash_of(changed("tuning", "samples", value=7), tmp_path) != config_hash(DIGITS)


def test_the_hash_is_of_the_plugins_contents_too(tmp_path):
    plugin = tmp_path / "plugin.py"
    plugin.write_text("")
    settings = changed("plugins", value=[str(plugin)])
    before = hash_of(settings, tmp_path)
    assert before != config_hash(DIGITS)
    plugin.write_text("# Other contents.\n")
    assert hash_of(settings, tmp_path) != before


def test_the_hash_is_of_the_catalogue_too(catalogue, tmp_path):
    catalogue.write_text(CATALOGUE.read_text())
    before = config_hash(DIGITS)
    catalogue.write_text(CATALOGUE.read_text() + "\nunused: {method: unguided, gamma: 0.1}\n")
    assert config_hash(DIGITS) == before
    catalogue.write_text(CATALOGUE.read_text().replace("gamma: 0.7", "gamma: 0.6"))
    assert config_hash(DIGITS) != before
