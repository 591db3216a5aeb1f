from __future__ import annotations

from typing import Any

import pytest

from tunix.pipeline import stamps
from tunix.runs.base_models import addition
from tunix.runs.base_models.tests.added import PASSED


@pytest.fixture
def smoke_test(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replaces the smoke test: what it finds, which a test may change. Files count as settled."""
    found: dict[str, Any] = dict(PASSED)
    monkeypatch.setattr(addition, "run_smoke_test", lambda folder: dict(found))
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", -60)
    return found
