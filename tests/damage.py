"""Settings, JSON and files with faults in them, drawn by Hypothesis; and what may come of them."""

from __future__ import annotations

import copy
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import strategies as st

from bench.errors import BadInput
from bench.files.tensors import OWN_DIGEST

# Of processor time; each case takes milliseconds.
HANGING_SECONDS = 10
ODD_TEXT = ("1e-4", "1e999", "nan", "a; rm -rf x", "'$(x)'", "../up", "{run}", "a b", "x@1", "@")
NUMBERS = st.one_of(
    st.integers(-2, 5000),
    st.floats(0, 1),
    st.floats(),
    st.sampled_from((10**9, 2**63, 10**400, -(10**30))),
)
# Sizes of networks that are built in a moment.
SMALL_NUMBERS = st.one_of(st.integers(-2, 40), st.floats(-1, 2))


def json_values(numbers):
    """What JSON can say, "NaN" and "Infinity" included."""
    text = st.one_of(st.text(max_size=8), st.sampled_from(ODD_TEXT))
    return st.recursive(
        st.one_of(st.none(), st.booleans(), numbers, text),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
        ),
        max_leaves=5,
    )


VALUES = json_values(NUMBERS)
RUNS_OF_BYTES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from((b"\0" * 8, b"\xff" * 8, b"{}", b"null", b"1e999", b"NaN", b"[" * 100_000)),
)


@contextmanager
def answered() -> Iterator[None]:
    """Passes over bad input that is reported in a line; any other exception, and a computation
    that does not end, is a failure."""

    def hangs(*_):
        raise TimeoutError(f"no answer after {HANGING_SECONDS} s")

    before = signal.signal(signal.SIGVTALRM, hangs)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGING_SECONDS)
    try:
        yield
    except BadInput as error:
        line = str(error)
        assert line
        assert line.isprintable()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@st.composite
def faulty(draw, whole, values=VALUES, numbers=NUMBERS):
    """A nested structure with one to three faults: another value of the same type or of any, a key
    less, a key more, a key by another name."""
    found = copy.deepcopy(whole)
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        places = list(_places(found))
        if not places:
            break
        part, key = draw(st.sampled_from(places))
        # Values of the right type go deeper than what the parser refuses.
        fault = draw(st.sampled_from(("like",) * 5 + ("any", "any", "less", "more", "renamed")))
        if fault == "like":
            part[key] = draw(_like(part[key], values, numbers))
        elif fault == "any":
            part[key] = draw(values)
        elif fault == "less":
            del part[key]
        elif isinstance(part, list):
            part.append(draw(values))
        elif fault == "more":
            part[draw(st.text(max_size=6))] = draw(values)
        else:
            part[draw(st.one_of(st.text(max_size=6), st.integers()))] = part.pop(key)
    return found


@st.composite
def damaged(draw, contents: bytes, head: int):
    """The bytes of a file with one to three faults: bits flipped, a part cut off, put in or written
    over, or something else altogether. Half of them are in the ``head``, where the structure is."""
    found = bytearray(contents)
    for _ in range(draw(st.integers(1, 3))):
        fault = draw(st.sampled_from(("flipped", "cut", "put in", "over", "start", "other")))
        where = st.one_of(st.integers(0, min(head, len(found))), st.integers(0, len(found)))
        at = 0 if fault == "start" else draw(where)
        if fault == "flipped" and at < len(found):
            found[at] ^= 1 << draw(st.integers(0, 7))
        elif fault == "cut":
            del found[at:]
        elif fault == "put in":
            found[at:at] = draw(RUNS_OF_BYTES)
        elif fault in ("over", "start"):
            run = draw(RUNS_OF_BYTES)
            found[at : at + len(run)] = run
        elif fault == "other":
            found = bytearray(draw(st.binary(max_size=200)))
    return bytes(found)


@st.composite
def redescribed(draw, contents: bytes, numbers=NUMBERS):
    """The bytes of a file of tensors that is whole, but whose description has faults. It is one of
    an earlier version, which has no digest of its description."""
    end = 8 + int.from_bytes(contents[:8], "little")
    header = json.loads(contents[8:end])
    metadata = header["__metadata__"]
    description = json.loads(metadata["description"])
    del description[OWN_DIGEST]
    values = json_values(numbers)
    other = draw(st.one_of(values, *3 * [faulty(description, values, numbers)]))
    metadata["description"] = json.dumps(other)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + contents[end:]


def _places(part):
    """Every mapping or list in a nested structure, with each of its keys or indices."""
    if not isinstance(part, dict | list):
        return
    for key in part if isinstance(part, dict) else range(len(part)):
        yield part, key
        yield from _places(part[key])


def _like(value, values, numbers):
    """Other values of the same type."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, int | float):
        return numbers
    if isinstance(value, str):
        return st.one_of(st.text(max_size=8), st.sampled_from(ODD_TEXT))
    if isinstance(value, list) and value:
        return st.lists(st.sampled_from(value), max_size=6)
    if isinstance(value, dict) and value:
        entries = st.sampled_from(list(value.items()))
        return st.lists(entries, max_size=4).map(dict)
    return values
