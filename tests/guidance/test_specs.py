"""Specs that are wrong are refused with the key, the fault and the way out."""

from __future__ import annotations

import pytest

from bench.errors import BadInput
from bench.guidance import build, load_plugin, registered

SG = {"method": "sparse_guidance", "omega": 1.5, "gamma_strong": 0.5, "gamma_weak": 0.9}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"method": "sparse_guidence", "omega": 1}, "did you mean 'sparse_guidance'"),
        ({"omega": 1}, "method: missing"),
        ({"method": "cfg"}, "omega: missing"),
        ({"method": "cfg", "omega": -0.1}, "omega: -0.1 is negative"),
        ({"method": "cfg", "omega": "two"}, "omega: expected a number"),
        ({"method": "cfg", "omega": True}, "omega: expected a number"),
        ({"method": "cfg", "omega": float("nan")}, "omega: expected a number"),
        ({"method": "cfg", "omgea": 2}, "did you mean 'omega'"),
        ({**SG, "gamma_weak": 1.0}, "gamma_weak: 1.0 is outside"),
        ({**SG, "gamma_strong": -0.1}, "gamma_strong: -0.1 is outside"),
        ({**SG, "gamma_strong": 0.9}, "gamma_strong: 0.9 is not below"),
        ({**SG, "gamma_strong": 0.9, "weak_condition": "null"}, "is not below"),
        ({**SG, "weak_condition": "nul"}, "did you mean 'null'"),
        (
            {**SG, "gamma_weak": {"schedule": "cosine", "start": 0.9, "end": 0.4}},
            "gamma_strong: 0.5 is not below gamma_weak 0.4",
        ),
        (
            {**SG, "gamma_weak": {"schedule": "cosine", "start": 1.0, "end": 0.4}},
            "gamma_weak.start: 1.0 is outside",
        ),
        ({**SG, "gamma_weak": {"schedule": "linear", "start": 0.9, "end": 0.4}}, "'linear'"),
        ({"method": "apg", "omega": 2, "momentum": 1.0}, "momentum: 1.0 is outside"),
        ({"method": "apg", "omega": 2, "norm_threshold": -1}, "norm_threshold: -1.0"),
        ({"method": ["cfg"], "omega": 2}, "method: unknown method ['cfg']"),
        ([], "a guidance spec is a mapping"),
    ],
)
def test_refused(spec, message):
    with pytest.raises(BadInput) as caught:
        build(spec)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_earlier_checkpoint_may_be_denser():
    build({**SG, "gamma_strong": 0.6, "gamma_weak": 0.2, "weak_checkpoint": "weak"})


def test_a_plugin_adds_a_method(tmp_path):
    plugin = tmp_path / "halfway.py"
    plugin.write_text(
        "from dataclasses import dataclass\n"
        "from bench.guidance import Branch, Guidance, register\n"
        "@register('halfway')\n"
        "@dataclass(frozen=True)\n"
        "class Halfway(Guidance):\n"
        "    omega: float\n"
        "    def branches(self, step):\n"
        "        return (Branch('only'),)\n"
        "    def combine(self, predictions, step):\n"
        "        return self.omega * predictions['only']\n"
    )
    load_plugin(plugin)
    try:
        assert build({"method": "halfway", "omega": 0.5}).combine({"only": 4.0}, None) == 2.0
    finally:
        from bench.guidance import registry

        del registry._methods["halfway"]
    assert "halfway" not in registered()


def test_a_broken_plugin_is_one_line(tmp_path):
    plugin = tmp_path / "broken.py"
    plugin.write_text("import no_such_module\n")
    with pytest.raises(BadInput, match="does not import: ModuleNotFoundError"):
        load_plugin(plugin)
    with pytest.raises(BadInput, match="no such file"):
        load_plugin(tmp_path / "absent.py")
