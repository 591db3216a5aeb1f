"""The curl lines of docs/tuning.md, run unchanged with a running service."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tunix.access.tokens import make_token

from .factories import make_base_model, make_dataset

ROOT = Path(settings.BASE_DIR)
LINES = re.findall(r"^curl .*$", (ROOT / "docs" / "tuning.md").read_text(), re.MULTILINE)

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None and "CI" not in os.environ, reason="there is no curl on this machine"
)


def run_curl(line: str, **variables: str) -> dict[str, Any]:
    """What the line prints, as JSON."""
    done = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=True, timeout=60
    )
    return dict(json.loads(done.stdout))


def test_the_curl_lines_create_start_list_and_show_a_job(live_server: Any, user: Any) -> None:
    make_dataset(), make_base_model()
    variables = {"URL": live_server.url, "TOKEN": make_token(user=user, name="docs")[1]}

    created = run_curl(LINES[0], **variables)
    variables["JOB"] = created["id"]
    started, listed, shown, trials = (run_curl(line, **variables) for line in LINES[1:])

    assert (created["status"], started["status"], shown["status"]) == ("created", "queued", "queued")
    assert (listed["count"], trials["count"]) == (0, 0)


def test_the_first_line_sent_again_gives_the_same_job(live_server: Any, user: Any) -> None:
    make_dataset(), make_base_model()
    variables = {"URL": live_server.url, "TOKEN": make_token(user=user, name="docs")[1]}

    answers = [run_curl(LINES[0], **variables) for _ in range(2)]

    assert answers[0]["id"] == answers[1]["id"]
