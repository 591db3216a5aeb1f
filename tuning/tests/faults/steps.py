"""Steps that need Django on an installation's own database: `python -m tuning.tests.faults.steps STEP [ARGUMENT ...]`.

Each prints its answer as JSON. They run in a process of their own, since the tests' Django has another database.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

STEPS: dict[str, Callable[..., Any]] = {}


def step(function: Callable[..., Any]) -> Callable[..., Any]:
    STEPS[function.__name__] = function
    return function


@step
def prepare() -> dict[str, str]:
    """A created job that trains nothing, to be copied, and the session of a signed-in administrator."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tuning.models import TuningJob
    from tuning.services.jobs import create_job
    from tunix.operations.benchmarks.jobs import ARITHMETIC

    job = create_job(data=ARITHMETIC | {"name": "pattern", "num_samples": 2, "seed": 3}, owner=None)
    TuningJob.objects.filter(pk=job.pk).update(mode="noop")
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("ada", password="a-long-password"))
    return {"job": str(job.pk), "session": client.cookies["sessionid"].value}


@step
def take_back(job_id: str, epoch: str) -> str | None:
    """What a reconciler of another machine does, which cannot kill processes of this one."""
    from tuning.models import TuningJob
    from tunix.work import lease

    return lease.take_back(TuningJob.objects.get(pk=job_id), int(epoch), "Its heartbeat stopped")


@step
def reconcile(shift: str) -> None:
    """`manage.py reconcile` on a machine whose clock is `shift` seconds off."""
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone

    now = timezone.now
    timezone.now = lambda: now() + timedelta(seconds=float(shift))  # type: ignore[assignment]
    call_command("reconcile")


@step
def cancel(*job_ids: str) -> dict[str, str]:
    """The cancel button on each job: the status of the job then, or why the button was refused."""
    from tuning.models import TuningJob
    from tuning.services.run import cancel_job
    from tunix.api.exceptions import Conflict

    answers = {}
    for job_id in job_ids:
        try:
            answers[job_id] = str(cancel_job(job=TuningJob.objects.get(pk=job_id), actor=None).status)
        except Conflict as error:
            answers[job_id] = f"refused: {error}"
    return answers


@step
def race_cancel_with_finish(*job_ids: str) -> dict[str, list[str]]:
    """For each running job under epoch 1, cancel and finish at once: [answer of the one, answer of the other]."""
    from threading import Barrier, Thread

    from django.db import connection

    from tuning.choices import JobStatus
    from tuning.ledger.finish import finish_job

    def finish(job_id: str) -> str:
        return str(finish_job(job_id, 1, JobStatus.COMPLETED).status)

    def both(job_id: str) -> list[str]:
        answers, barrier = ["", ""], Barrier(2)

        def run(place: int, action: Callable[[str], str]) -> None:
            barrier.wait()
            answers[place] = action(job_id)
            connection.close()

        threads = [Thread(target=run, args=(0, lambda pk: cancel(pk)[pk])), Thread(target=run, args=(1, finish))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    return {job_id: both(job_id) for job_id in job_ids}


@step
def end_trials_with(texts_json: str) -> None:
    """Take the first trial of each running job, and end it with this `result.json`: {job: text}.

    RUN in a text is the id of the trial's run; an empty text is no file.
    """
    from tuning.execution.ledger_source import LedgerSource
    from tuning.models import TuningJob
    from tunix.runs.models import TunixRun

    for job_id, text in json.loads(texts_json).items():
        source = LedgerSource(TuningJob.objects.get(pk=job_id), 1, "noop")
        config = source.next_config()
        assert config is not None
        folder = TunixRun.objects.get(pk=config["spec"]["run_id"]).work_dir()
        folder.mkdir(parents=True)
        if text:
            (folder / "result.json").write_text(text.replace("RUN", config["spec"]["run_id"]))
        source.ended(config, {})


@step
def prove(job_id: str, die_at_json: str = "[]") -> dict[str, Any]:
    """Carry out the proof of a job as its runner does, and SIGKILL this process with each number of held-out trials
    in `die_at_json`: it has been assigned then, and nothing of it recorded. Returns what was decided.
    """
    import signal

    from tuning.choices import TrialKind
    from tuning.ledger.assignment import Assignment
    from tuning.ledger.finish import give_up_epoch
    from tuning.models import TuningJob
    from tuning.tests.ledger_steps import take
    from tuning.tests.proof_steps import record_share, run_proof, share_of
    from tunix.evaluation.access_to_test_set import accesses_to_test_set

    job = TuningJob.objects.get(pk=job_id)
    give_up_epoch(job, 1, "killed")
    while isinstance(assignment := take(job), Assignment):
        proving = job.trials.filter(kind=TrialKind.HELD_OUT).exclude(status="pending").count()
        if assignment.kind == TrialKind.HELD_OUT and proving in json.loads(die_at_json):
            os.kill(os.getpid(), signal.SIGKILL)
        record_share(job, assignment, share_of(job, assignment))
    job = run_proof(job)
    assert job.verdict is not None
    looks = accesses_to_test_set(job.dataset)
    return {"outcome": str(job.verdict.outcome), "seeds": job.verdict.seeds, "looks": looks}


@step
def start(*job_ids: str) -> None:
    """The start button on each job."""
    from tuning.models import TuningJob
    from tuning.services.run import start_job

    for job_id in job_ids:
        start_job(job=TuningJob.objects.get(pk=job_id), actor=None)


@step
def change_job(job_id: str, verb: str, data_json: str = "{}") -> dict[str, Any]:
    """pause, unpause or update a job, as its page does; returns its state."""
    from django.db import transaction

    from tuning.models import TuningJob
    from tuning.services.jobs import update_job
    from tuning.services.pause import pause_job, unpause_job

    job, data = TuningJob.objects.get(pk=job_id), json.loads(data_json)
    if verb == "update":
        with transaction.atomic():  # a job that trains nothing cannot be requested, so it cannot be changed either
            jobs, mode = TuningJob.objects.filter(pk=job_id), job.mode
            jobs.update(mode="local")
            job = update_job(job=job, data=data, actor=None)
            jobs.update(mode=mode)
    else:
        job = {"pause": pause_job, "unpause": unpause_job}[verb](job=job, actor=None)
    return {"status": str(job.status), "paused": job.is_paused}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunix.settings")
    import django

    django.setup()
    sys.stdout.write(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])) + "\n")
