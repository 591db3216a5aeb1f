"""`manage.py soak`: half a minute of random faults ends with a clean ledger, and never happens in production."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command


def test_it_is_refused_in_production(settings: Any) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="refused in production"):
        call_command("soak", "--seconds", "1")


@pytest.mark.slow
def test_random_faults_leave_a_clean_ledger() -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "soak", "--seconds=30", "--seed=5", "--json", "--without", "trial_hangs"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = json.loads(ended.stdout)
    assert report["checker"]["findings"] == []
    assert sum(report["faults"].values()) > 0  # the soak itself asks for each kind where there is time
    assert report["trials"]["completed"] > 0
