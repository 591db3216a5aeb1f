"""What must hold after every fault, checked in the rows, the files and the list of processes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from tuning.domain.space.params_hash import params_hash
from tunix.work.tests.installation import Installation, wait_until

from .jobs import TERMINAL, Job

Params = dict[int, tuple[str, str]]


def assert_nothing_is_lost(job: Job, status: str = "completed", before: Params | None = None) -> None:
    """The job ended so; every guarantee about its rows, files and processes holds.

    `before` are parameters seen earlier: they are the same now.
    """
    assert_job_is_true(job, status, before)
    assert_checker_is_clean(job.installation)


def assert_job_is_true(job: Job, status: str = "completed", before: Params | None = None) -> None:
    """The same without the checker, which looks at all jobs at once."""
    assert job.status == status, f"{job.status}: {job.column('error')}\n{job.runner_logs()}"
    _assert_params_are_unchanged(job, before or {})
    _assert_each_trial_counts_once(job)
    _assert_files_match(job)
    _assert_nothing_runs(job)


def assert_checker_is_clean(installation: Installation) -> None:
    """`manage.py check_ledger` finds nothing, also when it compares with the journal of the trials."""
    done = installation.run("check_ledger", "--json", "--journal", installation.env["TRIAL_JOURNAL"])
    assert done.returncode == 0, done.stdout or done.stderr


def _assert_params_are_unchanged(job: Job, before: Params) -> None:
    after = job.params()
    assert {number: after.get(number) for number in before} == before
    for params, stored in after.values():
        assert params_hash(json.loads(params)) == stored


def _assert_each_trial_counts_once(job: Job) -> None:
    completed = Counter(number for number, _, outcome, _ in job.attempts() if outcome == "completed")
    assert set(completed.values()) <= {1}
    assert completed.keys() == {n for n, (status, _) in enumerate(job.trials()) if status == "completed"}
    if job.status in TERMINAL:
        assert "running" not in job.outcomes()
        assert not {"running", "pending"} & {status for status, _ in job.trials()}
    if job.status == "completed":
        assert len(job.trials()) == job.column("num_samples")


def _assert_files_match(job: Job) -> None:
    """Each result has the hash that its row says; best.json is what the row of the job says."""
    artifacts = job.installation.artifacts
    rows = job.installation.query(
        "SELECT r.output_dir, r.result_hash FROM runs_tunixrun r JOIN tuning_tuningtrial t ON t.run_id = r.id "
        "WHERE t.job_id = ? AND t.status = 'completed'",
        job.hex,
    )
    for folder, digest in rows:
        assert hashlib.sha256((artifacts / folder / "result.json").read_bytes()).hexdigest() == digest
    if job.status == "completed":
        best = json.loads((artifacts / "tuning" / job.id / "best.json").read_text())
        assert best["best_value"] == job.column("best_value") == _best_value(job)


def _best_value(job: Job) -> float:
    sql = "SELECT max(metric_value) FROM tuning_tuningtrial WHERE job_id = ? AND status = 'completed'"
    return float(job.installation.query(sql, job.hex)[0][0])


def _assert_nothing_runs(job: Job) -> None:
    """No process and no temporary folder is left. Who ends them may be a moment behind the row."""
    installation = job.installation
    wait_until(lambda: not installation.orphans(), timeout=10)
    wait_until(lambda: not list(installation.scratch.glob("tunix-*")), timeout=10)
