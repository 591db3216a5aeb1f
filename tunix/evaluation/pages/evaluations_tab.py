"""The forms that stand on the tab Evaluations of a run's page."""

from __future__ import annotations

from typing import Any


class OnEvaluationsTab:
    """A verb on a run that leads back to that tab when it is refused."""

    def back_url(self, target: Any) -> str:
        return f"{target.get_absolute_url()}?tab=evaluations"
