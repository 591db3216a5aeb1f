"""Shared by the forms on the tab *Evaluations* of a run's page."""

from __future__ import annotations

from typing import Any


class OnEvaluationsTab:
    """A verb on a run that redirects to that tab if it is refused."""

    def back_url(self, target: Any) -> str:
        return f"{target.get_absolute_url()}?tab=evaluations"
