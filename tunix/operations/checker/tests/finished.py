"""One installation whose work has ended: what the planted damages are done to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from tuning.ledger.files import publish_best
from tuning.models import TuningJob
from tuning.tests.factories import imported_dataset
from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.models import Evaluation
from tunix.evaluation.recording import record_result, verdict_fields
from tunix.pipeline.folder import hashes
from tunix.runs.base_models.promotion import promote_single_run
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.results import read_result
from tunix.runs.tests.checkpoints import make_promotable_run
from tunix.runs.tests.factories import make_result, make_run

from .worlds import completed_job, write_folder


@dataclass(frozen=True)
class Finished:
    """A job, another one, a run that was judged again, and a promoted model. Paths are those of the test's copy."""

    job: TuningJob
    other: TuningJob
    single: TunixRun
    rejudged: Evaluation
    model: BaseModel

    @property
    def winner(self) -> TunixRun:
        """The best run of the job."""
        return TunixRun.objects.get(pk=self.job.best_run_id)

    @property
    def loser(self) -> TunixRun:
        """The run of the trial that completed and did not win."""
        return TunixRun.objects.get(pk=self.job.trials.get(number=0).run_id)

    @property
    def rows(self) -> Path:
        """The folder of the dataset."""
        return self.job.dataset.folder

    @property
    def model_folder(self) -> Path:
        return Path(settings.ARTIFACTS_DIR) / self.model.path


def make_finished() -> Finished:
    """Made by the functions that write it in earnest, without the training."""
    dataset = imported_dataset()
    job, other = completed_job(dataset=dataset), completed_job(dataset=dataset)
    for ended in (job, other):
        ended.refresh_from_db()
        publish_best(ended)
    single = make_run(dataset=dataset, status="running")
    write_folder(single, make_result(single))
    promoted = make_promotable_run(dataset=dataset, status="running")
    for run in (single, promoted):
        record_result(run, *read_result(run.work_dir()))
    model = promote_single_run(run=promoted, data={"name": "mine", "unconfirmed": True}, actor=None)
    return Finished(job, other, single, _judged_again(single), model)


def _judged_again(run: TunixRun) -> Evaluation:
    verdict = make_result(run).verdict
    assert verdict is not None
    columns = {"judge": verdict.judge, "split": verdict.split, "own_lease": True, "finished_at": timezone.now()}
    evaluation = Evaluation.objects.create(
        run=run, status=EvaluationStatus.COMPLETED, **columns, **verdict_fields(verdict)
    )
    folder = evaluation.work_dir()
    folder.mkdir(parents=True)
    for name in ("predictions.jsonl", "judgements.jsonl"):
        (folder / name).write_bytes((run.work_dir() / name).read_bytes())
    stored = {"version": 1, "run_id": run.run_id, "verdict": verdict.model_dump(), "files": hashes(folder)}
    (folder / "result.json").write_text(json.dumps(stored))
    return evaluation


def write_raw(row: object, **columns: object) -> None:
    """Write what no model would: past every check, as a damaged disk or a wrong statement does. On SQLite only."""
    meta = row._meta  # type: ignore[attr-defined]
    key = row.pk.hex if hasattr(row.pk, "hex") else row.pk  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = 1")
        for name, value in columns.items():
            column = meta.get_field(name).column
            cursor.execute(f"UPDATE {meta.db_table} SET {column} = %s WHERE id = %s", [value, key])  # noqa: S608
        cursor.execute("PRAGMA ignore_check_constraints = 0")
