"""How a job judges: its trials on one split, and the runs that prove its winner on the test split."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from tunix.pipeline.spec import MAX_ITEMS, EvaluationSpec

TEST_ITEMS: Final = 2048
"""Few runs are judged on the test split, so they can have more rows than each trial of the search."""


class JobEvaluation(EvaluationSpec):
    """How every trial is judged, and on how many rows of the test split a winner is proved.

    `racing`: a trial of the search that clearly cannot be among the best is judged on fewer rows. Jobs from before
    there were these fields have their defaults.
    """

    test_items: int = Field(default=TEST_ITEMS, ge=1, le=MAX_ITEMS)
    racing: bool = False

    @property
    def of_trials(self) -> EvaluationSpec:
        """How a trial is judged that is chosen by its score."""
        return EvaluationSpec.model_validate(self.model_dump(exclude={"test_items", "racing"}))

    @property
    def of_proof(self) -> EvaluationSpec:
        """How a run is judged that proves the winner."""
        return self.of_trials.model_copy(update={"split": "test", "max_items": self.test_items})
