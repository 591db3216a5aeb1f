"""A complete check: applies every rule to every row, and counts what was checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef

from tuning.models import TuningAttempt
from tunix.datasets.models import Dataset
from tunix.evaluation.models import Evaluation
from tunix.runs.choices import RunOrigin
from tunix.runs.models import BaseModel, TunixRun

from .attempt_rules import ATTEMPT_RULES
from .best_rules import BEST_FILE_RULES, BEST_RULES
from .curve_rules import curve_findings
from .damaged_rows import Damaged
from .dataset_rules import DATASET_RULES
from .definition_rules import DEFINITION_RULES
from .files import FILE_RULES, MODEL_RULES, RunFiles
from .finding import Finding
from .job_rules import JOB_RULES
from .journal import Journal
from .processes import orphaned_processes
from .reading import JobRows, read_jobs, read_pages, with_lease_age
from .trial_rules import TRIAL_RULES
from .verdict_rules import VERDICT_RULES
from .work_rules import EVALUATION_RULES, OPEN_RUN_RULES, RUN_RULES, WORK_RULES

ROW_RULES = (*JOB_RULES, *TRIAL_RULES, *ATTEMPT_RULES, *BEST_RULES)


@dataclass
class Report:
    """The findings, and how many rows of each kind were checked."""

    findings: list[Finding] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        return {
            "clean": self.clean,
            "checked": dict(self.checked),
            "findings": [asdict(finding) for finding in self.findings],
        }


def check_ledger(*, job_id: object = None, files: bool = True, journal: Path | None = None) -> Report:
    """Check all jobs, runs and evaluations against the guarantees, or one job only.

    With `files`, every file of every run is read as well. `journal` is the file that trials wrote (TRIAL_JOURNAL).
    """
    report = Report(checked=Counter(jobs=0, trials=0, attempts=0, runs=0, evaluations=0))
    recorded = Journal.read(journal) if journal else None
    damaged = Damaged()
    for chunk in read_jobs(job_id, damaged):
        for rows in chunk:
            report.findings.extend(_of_job(rows, files, recorded))
            report.checked.update(
                jobs=1, trials=len(rows.trials), attempts=sum(len(tries) for tries in rows.attempts.values())
            )
    if job_id is None:
        report.findings.extend(_of_work(report.checked, files, damaged))
        report.findings.extend(recorded.unexpected() if recorded else ())
    if files:
        report.findings.extend(_of_further_files(report.checked, damaged, job_id))
    report.findings.extend(damaged.findings())
    report.findings.extend(orphaned_processes(job_id))
    return report


def _of_job(rows: JobRows, files: bool, journal: Journal | None) -> Iterator[Finding]:
    job_id = rows.job.pk
    for rule in (*ROW_RULES, *((*BEST_FILE_RULES, *DEFINITION_RULES) if files else ())):
        yield from rule.findings(rows, job_id)
    if files:
        for trial, attempt in rows.executions():
            counting = trial if trial.run_id == attempt.run_id else None
            of_run = RunFiles(attempt.run, attempt.run_id in rows.judged, counting)
            for rule_of_files in FILE_RULES:
                yield from rule_of_files.findings(of_run, job_id, trial.number)
    if journal:
        yield from journal.findings(rows)


def _of_work(checked: Counter[str], files: bool, damaged: Damaged) -> Iterator[Finding]:
    """Single runs, runs whose job was deleted, evaluations, and open runs without a running attempt."""
    judged = Evaluation.objects.recorded_with_run().filter(run=OuterRef("pk"))
    runs = with_lease_age(TunixRun.objects.filter(attempt=None)).annotate(is_judged=Exists(judged))
    for page in read_pages(runs, damaged):
        checked["runs"] += len(page)
        yield from _apply((*WORK_RULES, *RUN_RULES), page)
        if files:
            yield from _apply(FILE_RULES, (RunFiles(run, run.is_judged) for run in page))  # type: ignore[attr-defined]
    evaluations = Evaluation.objects.defer("item_groups", "metrics_json", "usage_json")
    for verdicts in read_pages(with_lease_age(evaluations), damaged):
        checked["evaluations"] += len(verdicts)
        yield from _apply((*WORK_RULES, *EVALUATION_RULES), verdicts)
    open_runs = TunixRun.objects.filter(origin=RunOrigin.TRIAL).exclude(status__in=TunixRun.TERMINAL)
    for page in read_pages(open_runs.select_related("attempt"), damaged):
        yield from _apply(OPEN_RUN_RULES, page)


def _of_further_files(checked: Counter[str], damaged: Damaged, job_id: object) -> Iterator[Finding]:
    """Verdicts, curves and datasets of all jobs and runs, or of one job; models with files."""
    attempts, evaluations = TuningAttempt.objects.all(), Evaluation.objects.select_related("run")
    datasets = Dataset.objects.all()
    if job_id is not None:
        attempts = attempts.filter(trial__job=job_id)
        evaluations = evaluations.filter(run__attempt__trial__job=job_id)
        datasets = datasets.filter(tuning_jobs=job_id)
    for verdicts in read_pages(evaluations, damaged):
        yield from _apply(VERDICT_RULES, verdicts)
    yield from curve_findings(attempts, damaged)
    for page in read_pages(datasets, damaged):
        checked["datasets"] += len(page)
        yield from _apply(DATASET_RULES, page)
    if job_id is None:
        for models in read_pages(
            BaseModel.objects.exclude(source=BaseModel.Source.BUILT_IN).exclude(content_hash=""), damaged
        ):
            checked["models"] += len(models)
            yield from _apply(MODEL_RULES, models)


def _apply(rules: Iterable[Any], rows: Iterable[Any]) -> Iterator[Finding]:
    for row in rows:
        for rule in rules:
            yield from rule.findings(row)
