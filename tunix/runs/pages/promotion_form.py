"""Shared by the pages of runs and jobs: the promotion form, and initial values of forms from the query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFILLED = ("base_model_id", "dataset_key")


class PromotionForm:
    """Mixin for views that promote: reads the name, and whether an unconfirmed score is accepted."""

    permission_required = "runs.add_basemodel"
    done = "The model was promoted. Jobs and runs can start from it."
    request: Any

    def asked(self) -> dict[str, Any]:
        """The equivalent request body of the API."""
        posted = self.request.POST
        return {"name": posted.get("name", "").strip(), "unconfirmed": posted.get("unconfirmed") == "true"}


def prefilled(query: Mapping[str, Any]) -> dict[str, Any]:
    """Initial values of the form of a new job or run, from the query."""
    return {name: query[name] for name in PREFILLED if query.get(name)}
