"""docs/datasets.md: its commands run as they stand, and it names every option and no other."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from tunix.access.tokens import make_token
from tunix.datasets.management.commands.import_dataset import Command
from tunix.datasets.models import Dataset

from .making import jsonl, pairs

TEXT = (Path(settings.BASE_DIR) / "docs" / "datasets.md").read_text()
BLOCKS = re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
IMPORTS = [shlex.split(block.replace("\\\n", " "))[2:] for block in BLOCKS if "manage.py" in block]
CURL = next(block for block in BLOCKS if block.startswith("curl"))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that the commands name, small, in the current folder."""
    monkeypatch.chdir(tmp_path)
    worked = [{"question": f"What is {n} + 1?", "answer": f"It is {n + 1}.\n#### {n + 1}"} for n in range(90)]
    lines = [json.dumps(row) for row in worked]
    Path("train.jsonl").write_text("\n".join(lines[:80]))
    Path("test.jsonl").write_text("\n".join(lines[80:]))
    Path("train.csv").write_text("text,category\n" + "".join(f"text {n},c{n % 7}\n" for n in range(80)))
    Path("test.csv").write_text("text,category\ntext 1,c1\ntext 90,c6\n")
    Path("rows.jsonl").write_bytes(jsonl(pairs(200)))
    written = "".join(f"text {n},c{n % 7},author {n % 60}\n" for n in range(180))
    Path("reviews.csv").write_text(f"text,category,author\n{written}")


@pytest.mark.django_db
@pytest.mark.parametrize("words", IMPORTS, ids=lambda words: words[1])
def test_the_commands_run(words: list[str], files: None) -> None:
    call_command(*words)
    assert Dataset.objects.get(key=words[1]).validation_rows > 0


@pytest.mark.skipif(shutil.which("curl") is None and "CI" not in os.environ, reason="there is no curl")
@pytest.mark.django_db(transaction=True)
def test_the_curl_line_runs(live_server: Any, user: Any, files: None) -> None:
    variables = {"URL": live_server.url, "TOKEN": make_token(user=user, name="docs")[1]}
    done = subprocess.run(
        ["sh", "-c", CURL], env=os.environ | variables, capture_output=True, text=True, check=True, timeout=60
    )
    assert '"key":"my-rows"' in done.stdout


def test_every_option_is_named() -> None:
    parser = Command().create_parser("manage.py", "import_dataset")
    of_django = set(Command.base_stealth_options) | {"help", "version", "settings", "pythonpath", "traceback"}
    of_django |= {"verbosity", "no_color", "force_color", "skip_checks"}
    options = {action.option_strings[-1] for action in parser._actions if action.option_strings}
    options -= {f"--{name.replace('_', '-')}" for name in of_django}
    named = set(re.findall(r"`(--[a-z-]+)`", TEXT.split("## Every option")[1].split("## Files")[0]))
    assert named == options
