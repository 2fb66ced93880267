"""Whatever a guidance spec holds, it is a method or one line that says what is wrong."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.commands.options import guidance_spec
from bench.guidance import all_branches, build
from tests.damage import VALUES, answered, damaged, faulty
from tests.guidance.test_contract import ALL, EVALUATIONS


@given(st.one_of(VALUES, *[faulty(spec) for spec in ALL.values()]))
@settings(max_examples=1000)
def test_specs(spec):
    with answered():
        all_branches(build(spec), EVALUATIONS)


@given(damaged(json.dumps(ALL["sparse_guidance_schedule"]).encode(), head=20))
@settings(max_examples=300)
def test_text(contents):
    # The shell ends an argument at a zero byte.
    text = contents.replace(b"\0", b"").decode(errors="surrogateescape")
    with answered():
        build(guidance_spec(text))
