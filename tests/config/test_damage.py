"""Whatever a configuration holds, it is a scale or one line that says what is wrong."""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.config.load import from_settings, load, resolve_methods, settings_hash
from bench.stages.check import summary
from bench.stages.estimate import to_text
from bench.stages.time_limits import segment_limit, time_limits
from tests.config.test_load import SCALES
from tests.damage import VALUES, answered, damaged, faulty

# What YAML makes of text beyond what JSON can say.
YAML_VALUES = st.one_of(
    VALUES,
    st.dates(),
    st.binary(max_size=4),
    st.dictionaries(st.one_of(st.none(), st.integers()), VALUES, max_size=2),
)
SHIPPED = {path.stem: yaml.safe_load(path.read_text()) for path in SCALES}


@given(st.one_of([faulty(scale, YAML_VALUES) for scale in SHIPPED.values()]))
@settings(max_examples=1200)
def test_settings(found):
    """All that a dry run of the workflow asks of a scale."""
    with answered():
        scale = from_settings(found)
        summary(scale)
        settings_hash(resolve_methods(found))
        time_limits(scale)
        for segment in scale.segments:
            segment_limit(scale, segment)
        if scale.hardware and scale.latents:
            to_text(scale)


@given(contents=damaged(SCALES[0].read_bytes(), head=2000))
@settings(max_examples=200)
def test_text(contents, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "scale.yaml"
    path.write_bytes(contents)
    with answered():
        load(path)
