"""What a job's guards need: their datasets, rows and judges."""

from __future__ import annotations

from collections.abc import Iterator

from tunix.datasets.models import Dataset

from ..domain.selection.guards import guard_path
from ..models import TuningJob
from .findings import Finding, problem
from .inputs import check_dataset
from .means import check_judge


def check_guards(job: TuningJob) -> Iterator[Finding]:
    """Whether every guard can be scored, before the first trial fails of it."""
    for index, guard in enumerate(job.guards):
        dataset = Dataset.objects.filter(key=guard.dataset).first()
        if dataset is None:
            yield problem(guard_path(index, "dataset"), f"There is no dataset {guard.dataset} any more.")
            continue
        yield from check_dataset(guard_path(index, "dataset"), dataset)
        if not dataset.rows_of(guard.evaluation.split):
            what = f"The dataset {dataset.key} has no {guard.evaluation.split} rows."
            yield problem(guard_path(index, "split"), what)
        yield from check_judge(guard_path(index, "judge"), guard.evaluation.judge)
