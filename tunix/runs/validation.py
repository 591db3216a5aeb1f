"""Checks a request for a run against what exists: the rows of the dataset, and the judges that can judge here."""

from __future__ import annotations

from typing import Any

from tunix.datasets.models import Dataset
from tunix.pipeline.data.labels import why_no_labels
from tunix.pipeline.data.row_order import load_sample
from tunix.pipeline.data.rows import DatasetError, load_split
from tunix.pipeline.judges import JUDGES, ServiceJudge
from tunix.pipeline.judges.answers import why_unfit
from tunix.pipeline.judges.options import judge_of
from tunix.pipeline.spec import EvaluationSpec
from tunix.pipeline.spec_fields import read_evaluation
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

MAX_NAME_LENGTH = 200
MAX_PROJECT_LENGTH = 64


def read_usable_evaluation(
    data: Any, dataset: Dataset | None, faults: Faults, path: str = "evaluation_json"
) -> EvaluationSpec:
    """How to judge, with defaults filled in. Whether the split has rows is checked only when the dataset is known."""
    fields = Fields(data, faults, path=path, known=EvaluationSpec.model_fields)
    evaluation = read_evaluation(fields)
    if why := why_no_judge(evaluation.judge):
        fields.refuse("judge", why)
    if dataset is not None and not fields.is_faulty("split") and not dataset.rows_of(evaluation.split):
        fields.refuse("split", f"The dataset has no rows in its {evaluation.split} split.")
    if dataset is not None and not faults and (why := why_unfit_for(dataset, evaluation)):
        fields.refuse("judge", why)
    return evaluation


def why_no_judge(name: str) -> str:
    """Why this judge cannot judge with the settings of this installation, and what to set; empty when it can."""
    judge = JUDGES[name]
    return judge.unavailable() if isinstance(judge, ServiceJudge) else ""


def why_unfit_for(dataset: Dataset, evaluation: EvaluationSpec) -> str:
    """Why the judge cannot read the answers of the rows that it would judge, or there are no labels to choose among.

    Empty if it can judge them. Rows that are missing or damaged are no fault of the judge.
    """
    try:
        rows = load_sample(dataset.folder, evaluation.split, evaluation.max_items).rows
        trained = load_split(dataset.folder, "train") if evaluation.chooses_labels else []
    except DatasetError:
        return ""
    if evaluation.chooses_labels and (why := why_no_labels(trained)):
        return why
    return why_unfit(
        judge_of(evaluation), (row.answer for row in rows), f"the {evaluation.split} rows of {dataset.key}"
    )
