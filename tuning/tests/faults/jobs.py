"""A job in an installation, as the fault tests create, run and inspect it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import psutil
from django.conf import settings

from tunix.work.orphans import MARK, mark_of
from tunix.work.tests.installation import Installation, wait_until

TASK = "tuning.run_tuning_job"
TERMINAL = ("completed", "failed", "canceled")
UNDER_RAY, WITHOUT_RAY = "noop", "inline"
"""Modes of a job that trains nothing."""


def add_job(installation: Installation, pattern: str, **columns: Any) -> Job:
    """A copy of the job `pattern` with these columns; one that waits is queued now."""
    job = Job(installation, str(uuid.uuid4()))
    if columns.get("status", "created") != "created":
        columns.setdefault("queued_at", datetime.now(UTC).isoformat(sep=" "))
    names = [name for name in column_names(installation, "tuning_tuningjob") if name not in {"id", *columns}]
    kept = "".join(f', "{name}"' for name in names)
    given = "".join(f', "{name}"' for name in columns)
    installation.query(
        f"INSERT INTO tuning_tuningjob (id{given}{kept}) "  # noqa: S608
        f"SELECT ?{', ?' * len(columns)}{kept} FROM tuning_tuningjob WHERE id = ?",
        uuid.UUID(job.id).hex,
        *columns.values(),
        uuid.UUID(pattern).hex,
    )
    return job


def column_names(installation: Installation, table: str) -> list[str]:
    if installation.database.url.startswith("sqlite"):
        return [row[1] for row in installation.query(f"PRAGMA table_info({table})")]
    sql = "SELECT column_name FROM information_schema.columns WHERE table_name = ? AND table_schema = 'public'"
    return [row[0] for row in installation.query(sql, table)]


def take_step(installation: Installation, name: str, *arguments: str, timeout: float = 120) -> Any:
    """One of `steps`, to its end; returns its answer."""
    command = [sys.executable, "-m", "tuning.tests.faults.steps", name, *arguments]
    done = subprocess.run(
        command, env=installation.env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class Job:
    """One job: its rows, and the processes that work for it."""

    def __init__(self, installation: Installation, job_id: str) -> None:
        self.installation, self.id, self.hex = installation, job_id, uuid.UUID(job_id).hex

    def column(self, name: str) -> Any:
        return self.installation.query(f"SELECT {name} FROM tuning_tuningjob WHERE id = ?", self.hex)[0][0]  # noqa: S608

    def update(self, **columns: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in columns)
        self.installation.query(f"UPDATE tuning_tuningjob SET {names} WHERE id = ?", *columns.values(), self.hex)  # noqa: S608

    @property
    def status(self) -> str:
        return str(self.column("status"))

    @property
    def epoch(self) -> int:
        return int(self.column("epoch"))

    def params(self) -> dict[int, tuple[str, str]]:
        """Trial number -> (parameters, their hash), as stored."""
        rows = self.installation.query(
            "SELECT number, params_json, params_hash FROM tuning_tuningtrial WHERE job_id = ?", self.hex
        )
        return {number: (params, params_hash) for number, params, params_hash in rows}

    def trials(self) -> list[tuple[str, str]]:
        """(status, reason) of the trials in their order."""
        sql = "SELECT status, reason FROM tuning_tuningtrial WHERE job_id = ? ORDER BY number"
        return [(status, reason) for status, reason in self.installation.query(sql, self.hex)]

    def attempts(self) -> list[tuple[int, int, str, str]]:
        """(trial, runner, outcome, reason) in the order of their starts; runners with attempts are numbered from 1.

        On a busy machine a runner may be lost before its first trial. Its epoch counts, but it has no attempt.
        """
        rows = self.installation.query(
            "SELECT t.number, a.epoch, a.outcome, a.reason FROM tuning_tuningattempt a "
            "JOIN tuning_tuningtrial t ON t.id = a.trial_id WHERE t.job_id = ? ORDER BY a.id",
            self.hex,
        )
        runners = sorted({epoch for _, epoch, _, _ in rows})
        return [(number, runners.index(epoch) + 1, outcome, reason) for number, epoch, outcome, reason in rows]

    def outcomes(self) -> list[str]:
        return [outcome for _, _, outcome, _ in self.attempts()]

    def events(self) -> list[str]:
        sql = "SELECT kind FROM tuning_tuningevent WHERE job_id = ? ORDER BY id"
        return [kind for (kind,) in self.installation.query(sql, self.hex)]

    def is_training(self) -> bool:
        """Whether a Ray worker has started a trial that is not recorded yet."""
        sql = (
            "SELECT a.run_id FROM tuning_tuningattempt a JOIN tuning_tuningtrial t ON t.id = a.trial_id "
            "WHERE t.job_id = ? AND a.outcome = 'running'"
        )
        runs = [uuid.UUID(str(run)) for (run,) in self.installation.query(sql, self.hex)]
        return any((self.installation.artifacts / "runs" / str(run) / "worker").exists() for run in runs)

    def wait_for(self, *statuses: str, timeout: float = 120) -> None:
        """Until the job has one of these statuses. Raises AssertionError with the runner logs."""
        try:
            wait_until(lambda: self.status in statuses, timeout)
        except TimeoutError:
            raise AssertionError(f"still {self.status}, trials {self.trials()}\n{self.runner_logs()}") from None

    def wait_until_training(self, timeout: float = 120) -> None:
        try:
            wait_until(self.is_training, timeout)
        except TimeoutError:
            raise AssertionError(f"no trial: {self.status}, {self.attempts()}\n{self.runner_logs()}") from None

    def runner_logs(self) -> str:
        logs = sorted((self.installation.artifacts / "tuning" / self.id).glob("runner.*.log"))
        return "\n".join(f"{path.name}:\n{path.read_text(errors='replace')[-3000:]}" for path in logs)

    def supervise(self) -> subprocess.Popen[str]:
        """Do the waiting job at a terminal, in the background."""
        return self.installation.start("tune", "--resume", self.id, "--json")

    def finish(self, timeout: float = 120) -> str:
        """Do the waiting job at a terminal, to its end; returns its status."""
        self.installation.run("tune", "--resume", self.id, "--json", timeout=timeout)
        return self.status

    def continue_without_ray(self) -> None:
        """From the next runner on, for tests whose fault concerns the first one: others prove a resume under Ray."""
        self.update(mode=WITHOUT_RAY)

    def runner(self) -> psutil.Process:
        """The living runner."""
        return wait_until(lambda: next(iter(self.installation.processes("tunix.work.runner")), None))

    def stop_runner(self) -> psutil.Process:
        """SIGSTOP the runner, not in the middle of a transaction: SQLite would block all other writers."""
        runner = self.runner()
        for _ in range(100):
            runner.suspend()
            if not self.installation.database.is_locked("tuning_tuningjob"):
                return runner
            runner.resume()
            time.sleep(0.05)
        raise AssertionError("the runner is always in a transaction")

    def start_runner(self, epoch: int = 1, **env: str) -> subprocess.Popen[bytes]:
        """Claim the job and start its runner without a supervisor: the test reads its exit code."""
        self.update(status="running", epoch=epoch, started_at=datetime.now(UTC).isoformat(sep=" "))
        scratch = self.installation.scratch / f"tunix-{self.id[:8]}-{epoch}"
        scratch.mkdir()
        folder = self.installation.artifacts / "tuning" / self.id
        folder.mkdir(parents=True, exist_ok=True)
        own = {MARK: mark_of("tuning_job", self.id, epoch), "TMPDIR": str(scratch)}
        with (folder / f"runner.{epoch}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tunix.work.runner", "tuning_job", self.id, str(epoch)],
                cwd=settings.BASE_DIR,
                env=os.environ | self.installation.env | own | env,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        assert process.stdin is not None
        process.stdin.write(b"{}\n")  # its secrets are in its environment
        process.stdin.flush()
        return process

    def end_orphans(self, epoch: int = 1) -> None:
        """Clean up, as a supervisor does, after a runner that was started without one."""
        for process in self.installation.orphans():
            process.kill()
        psutil.wait_procs(self.installation.orphans(), timeout=10)
        shutil.rmtree(self.installation.scratch / f"tunix-{self.id[:8]}-{epoch}", ignore_errors=True)
