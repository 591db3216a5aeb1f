"""Production settings: nothing to complain about, and nothing works without secrets."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

PRODUCTION = {
    "TUNIX_ENV": "production",
    "SECRET_KEY": "long-and-random-characters-0123456789-" * 2,
    "ALLOWED_HOSTS": "tuning.example.org",
}


def manage(*arguments: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | {"ARTIFACTS_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_check_deploy_reports_nothing(tmp_path: Path) -> None:
    answer = manage("check", "--deploy", "--fail-level", "DEBUG", tmp_path=tmp_path, **PRODUCTION)

    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


def test_production_does_not_start_without_a_secret_key(tmp_path: Path) -> None:
    answer = manage("check", tmp_path=tmp_path, **(PRODUCTION | {"SECRET_KEY": ""}))

    assert answer.returncode != 0
    assert "SECRET_KEY" in answer.stderr
