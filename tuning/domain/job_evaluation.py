"""How a job judges: its trials on one split, and the runs that prove its winner on the test split."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from tunix.pipeline.spec import MAX_ITEMS, EvaluationSpec

TEST_ITEMS: Final = 2048
"""Few runs are judged on the test split, so they can have more rows than each trial of the search."""


class JobEvaluation(EvaluationSpec):
    """How every trial is judged, and on how many rows of the test split a winner is proved.

    Jobs from before there was `test_items` have its default.
    """

    test_items: int = Field(default=TEST_ITEMS, ge=1, le=MAX_ITEMS)

    @property
    def of_trials(self) -> EvaluationSpec:
        """How a trial is judged that is chosen by its score."""
        return EvaluationSpec.model_validate(self.model_dump(exclude={"test_items"}))

    @property
    def of_proof(self) -> EvaluationSpec:
        """How a run is judged that proves the winner."""
        return self.of_trials.model_copy(update={"split": "test", "max_items": self.test_items})
