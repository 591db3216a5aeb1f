"""What the pages of runs and jobs share about promotion: the small form, and forms filled in with a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFILLED = ("base_model_id", "dataset_key")


class PromotionForm:
    """A verb whose form asks for a name, and for the word that an unconfirmed run will do."""

    permission_required = "runs.add_basemodel"
    done = "The model is promoted: jobs and runs can start from it."
    request: Any

    def asked(self) -> dict[str, Any]:
        """The body that the API would get."""
        posted = self.request.POST
        return {"name": posted.get("name", "").strip(), "unconfirmed": posted.get("unconfirmed") == "true"}


def prefilled(query: Mapping[str, Any]) -> dict[str, Any]:
    """What the address of a new job or run fills in."""
    return {name: query[name] for name in PREFILLED if query.get(name)}
