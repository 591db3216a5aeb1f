"""Rules about the best trial: the job's row and its best.json agree with the rows of its trials."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuning.analysis.best import Best, best_among, candidate_of, numbers_on_front
from tuning.analysis.guards import job_guards
from tuning.choices import TrialKind
from tuning.domain.selection.selection import best_trial
from tuning.ledger.files import best_of
from tuning.models import TuningJob
from tunix.pipeline.files import read_text
from tunix.pipeline.spec import FailureReason

from .finding import Found, rule
from .reading import JobRows

CORE_FIELDS = frozenset(
    {"job_id", "metric_name", "metric_mode", "best_trial", "best_run_id", "best_params", "best_value"}
)
"""Fields of best.json that files of every release have."""
ESTIMATE = "expected_value"
"""Not a fact of the rows: comparing it would read the scores of all items of all jobs."""


@rule("G6", hint="Resume or extend the job: when it ends, the best of all rows is chosen again.")
def best_is_the_best_of_the_rows(rows: JobRows) -> Iterator[Found]:
    """The best trial, run, parameters and value of a job are those of the best completed search trial."""
    best = best_of_rows(rows)
    wrong = _differing(rows.job, best)
    if wrong and (not _has_replicates(rows) or _differing(rows.job, _luckiest_of_rows(rows))):
        words = f"trial {best.trial.number}, {best.value}" if best else "no trial"
        yield Found(f"the best according to the rows is {words}; the job differs in {', '.join(wrong)}")


def best_of_rows(rows: JobRows) -> Best | None:
    """Chosen by the same function as at the end of a job."""
    return best_among(rows.trials, job_guards(rows.job, rows.trials), rows.job.metric_mode)


def _differing(job: TuningJob, best: Best | None) -> list[str]:
    expected = {
        "best_trial_id": best.trial.pk if best else None,
        "best_run_id": best.trial.run_id if best else None,
        "best_params_json": best.trial.params_json if best else None,
        "best_value": best.value if best else None,
    }
    return [name for name, value in expected.items() if getattr(job, name) != value]


def _has_replicates(rows: JobRows) -> bool:
    return any(trial.replicate for trial in rows.trials if trial.kind == TrialKind.SEARCH)


def _luckiest_of_rows(rows: JobRows) -> Best | None:
    """The best single run, which won among replicates before their mean did: jobs that ended then keep it."""
    trials = {trial.number: trial for trial in rows.trials if trial.kind == TrialKind.SEARCH}
    guards = job_guards(rows.job, rows.trials)
    alone = (replace(candidate_of(trial, guards.disqualified(trial)), configuration=None) for trial in trials.values())
    best = best_trial(alone, rows.job.metric_mode)
    return None if best is None or best.value is None else Best(trials[best.number], best.value)


@rule("G8", hint="Start `manage.py reconcile`, which publishes a staged file. If that does not help, resume the job.")
def best_file_says_the_same(rows: JobRows) -> Iterator[Found]:
    """best.json of a job that has run and ended agrees with the rows.

    It is renamed after the commit, so the staged file counts too. If the disk was full, it may be missing.
    """
    job = rows.job
    if not rows.is_terminal or job.epoch == 0 or job.reason == FailureReason.NO_SPACE:
        return
    folder, expected = job.work_dir(), _expected(rows)
    # best.json is read again at the end: the staged file may have been renamed between the first two reads.
    looked = (folder / "best.json", folder / f"best.{job.epoch}.json", folder / "best.json")
    if not any(_agrees(_content(path), expected) for path in looked):
        what = "differs from the rows" if looked[0].exists() else "is missing"
        yield Found(f"best.json {what}")


def _agrees(content: Any, expected: Mapping[str, Any]) -> bool:
    """Whether a file says what it should. One of another release is compared in the fields that both releases have."""
    if not isinstance(content, dict) or not content.keys() >= CORE_FIELDS:
        return False
    if content.get("version") == expected["version"]:
        return bool(content.keys() == expected.keys() and _without_estimate(content) == _without_estimate(expected))
    both = content.keys() & expected.keys() - {"version", ESTIMATE}
    return all(content[name] == expected[name] for name in both)


def _without_estimate(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != ESTIMATE}


def _expected(rows: JobRows) -> Any:
    best = best_of_rows(rows)
    if _differing(rows.job, best) and _has_replicates(rows):
        best = _luckiest_of_rows(rows)
    if best is not None:
        runs = {attempt.run_id: attempt.run for attempt in rows.attempts[best.trial.pk]}
        best.trial.run = runs.get(best.trial.run_id)
    searched = [trial for trial in rows.trials if trial.kind == TrialKind.SEARCH]
    front = numbers_on_front(rows.job, searched, job_guards(rows.job, rows.trials))
    return json.loads(json.dumps(best_of(rows.job, best, front)))


def _content(path: Path) -> Any:
    try:
        return json.loads(read_text(path))
    except (OSError, ValueError, RecursionError):
        return ...


BEST_RULES = (best_is_the_best_of_the_rows,)
BEST_FILE_RULES = (best_file_says_the_same,)
