"""The report in a browser: every table, figure and the claims are there to be seen, offline."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.workflow.conftest import MICRO, snakemake

BROWSER = shutil.which("chromium")
WALK = Path(__file__).parent / "walk.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine"),
]
CATEGORIES = ["Tables", "Figures", "Claims"]


@pytest.fixture(scope="module")
def seen(micro, tmp_path_factory):
    """What a walk through the report saw."""
    report = micro / "results" / "micro" / "report.html"
    code, output = snakemake(micro, MICRO, "--report", report)
    assert code == 0, output
    script = f"<script>const CATEGORIES = {json.dumps(CATEGORIES)};\n{WALK.read_text()}</script>"
    page = tmp_path_factory.mktemp("report") / "walked.html"
    page.write_text(f"</body>{script}".join(report.read_text().rsplit("</body>", 1)))
    # Without a network: whatever the page loaded from elsewhere would be missing.
    command = [BROWSER, "--headless", "--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    command += ["--virtual-time-budget=60000", "--dump-dom", page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    walk = re.search(r'<pre id="walk">(.*?)</pre>', dom, re.S)
    assert walk, "the walk did not come to its end"
    return json.loads(html.unescape(walk[1]))


def test_the_front_page(seen):
    for part in ("micro", "Headlines", "CFG on the routed model: FID", "How long it took"):
        assert part in seen["front"]


def test_every_table_shows(seen):
    assert set(seen["Tables"]) == {"1", "2", "3"}
    for number, shown in seen["Tables"].items():
        assert f"Table {number}" in shown["text"]
        assert "real images" in shown["text"]


def test_every_figure_shows(seen, micro):
    assert set(seen["Figures"]) == {
        path.stem for path in (micro / "figures" / "micro").glob("*.png")
    }
    for name, shown in seen["Figures"].items():
        assert shown["width"] > 400, name


def test_the_claims_show(seen):
    (shown,) = seen["Claims"].values()
    assert "SG has a lower FID than CFG" in shown["text"]
    assert "reproduced" in shown["text"]
