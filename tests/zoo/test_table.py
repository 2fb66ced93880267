"""The zoo's table, and the verb that downloads what it names."""

from __future__ import annotations

import pytest

from bench.__main__ import main
from bench.zoo import table
from bench.zoo.table import Artefact, artefacts, files_of, resolve
from tests.files.servers import CONTENTS, SHA256, FileServer, serving


def test_the_table():
    known = artefacts()
    assert len({artefact.path for artefact in known}) == len(known)
    assert all(artefact.address.startswith("https://") for artefact in known)
    assert all(artefact.licence for artefact in known)
    assert resolve("SiT-XL/2").name == "SiT-XL-2-256.pt"
    assert {artefact.file for artefact in files_of("sd-vae-ft-ema")} == {
        "config.json",
        "diffusion_pytorch_model.safetensors",
    }
    assert resolve("sd-vae-ft-ema") == table.FOLDER / "sd-vae-ft-ema"
    assert str(resolve("/elsewhere/model.pt")) == "/elsewhere/model.pt"


def test_the_hubs_addresses_are_understood():
    from huggingface_hub import parse_hf_uri

    addresses = [artefact.address for artefact in artefacts() if "huggingface" in artefact.address]
    assert len(addresses) >= 6
    for address in addresses:
        assert parse_hf_uri(address).path_in_repo == address.partition("/resolve/main/")[2]


@pytest.fixture
def artefact(tmp_path, monkeypatch):
    """The only entry of the zoo, on a server on loopback."""
    monkeypatch.setattr(table, "FOLDER", tmp_path)
    with serving(FileServer, ranges=[]) as server:
        address = f"{server.address}/file.pt"
        found = Artefact("tiny/2", "file.pt", address, SHA256[:8], "MIT", "", "")
        monkeypatch.setattr(table, "artefacts", lambda: [found])
        yield found


def test_the_verb(artefact, capsys):
    assert main(["download", "tiny/2"]) == 0
    assert "file.pt: 1,048,576 bytes, MIT" in capsys.readouterr().out
    assert artefact.path.read_bytes() == CONTENTS
    assert main(["download", "tiny/3"]) == 2
    assert "zoo: unknown name 'tiny/3', did you mean 'tiny/2'" in capsys.readouterr().err
