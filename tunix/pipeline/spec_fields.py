"""Reads the parts of a run's specification from a request. Single runs, evaluations and tuning jobs share them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.hyperparameters import check
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.judges.options import read_judge_options
from tunix.pipeline.spec import MAX_ITEMS, MAX_NEW_TOKENS, MAX_THREADS, EvaluationSpec, Scalar
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields


def read_evaluation(fields: Fields, *, splits: Sequence[str] = SPLITS) -> EvaluationSpec:
    """How to judge. A field that is absent or faulty has its default."""
    default = EvaluationSpec()
    judge = fields.choice("judge", JUDGES, default.judge)
    return EvaluationSpec.model_validate(
        {
            "judge": judge,
            "split": fields.choice("split", splits, default.split),
            "max_items": fields.whole("max_items", default=default.max_items, low=1, high=MAX_ITEMS),
            "max_new_tokens": fields.whole(
                "max_new_tokens", default=default.max_new_tokens, low=1, high=MAX_NEW_TOKENS
            ),
            "judge_options": {} if fields.is_faulty("judge") else read_judge_options(fields, JUDGES[judge]),
        }
    )


def read_threads(data: Any, faults: Faults) -> int:
    """`resources_json`: the CPU threads of a run."""
    fields = Fields(data, faults, path="resources_json", known=("threads",))
    return fields.whole("threads", default=1, low=1, high=MAX_THREADS)


def read_hyperparameters(data: Any, faults: Faults) -> dict[str, Scalar]:
    """`hyperparameters_json`: values by name, those that are absent left out."""
    path = "hyperparameters_json"
    if data is None:
        return {}
    if not isinstance(data, dict):
        faults.add(path, "Must be an object.")
        return {}
    errors, _ = check(data)
    faults.merge(errors, path)
    return data
