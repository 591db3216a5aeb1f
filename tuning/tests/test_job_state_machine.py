"""Any order of requests, runners and losses, against a model in plain Python. JOB_MACHINE_RUNS says how many orders."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tuning.ledger.assignment import Assignment, Finished, Wait
from tuning.ledger.fence import LeaseLost
from tuning.models import TuningAttempt, TuningJob, TuningTrial
from tuning.services.extend import extend_job
from tuning.services.pause import pause_job, unpause_job
from tuning.services.retry import retry_failed_trials, retry_trial
from tunix.api.exceptions import ServiceError
from tunix.datasets.models import Dataset
from tunix.pipeline.spec import FailureReason
from tunix.work import lease

from ..ledger.finish import finish_job, release_job
from ..ledger.record import record_death, record_outcome
from ..services.jobs import delete_job, update_job
from ..services.run import cancel_job, resume_job, start_job
from .factories import imported_dataset, make_job
from .job_model import LIVE, MAX_ATTEMPTS, MAX_RESTARTS, TERMINAL, JobModel
from .ledger_steps import ask, complete, result_of, take

RUNS = int(os.environ.get("JOB_MACHINE_RUNS", 60))
STEPS = 30
BUDGET_SECONDS = 600
RUNNING = precondition(lambda self: self.model.status == "running")
ASSIGNED = precondition(lambda self: bool(self.assignments))
EPOCHS = st.integers(0, 2)
"""How many epochs ago a runner was claimed: 0 is the current one, the others are late."""

RECENT = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
"""Which assignment, counted from the newest."""

SCORES = [0.5, 0.1, 0.9]


class JobMachine(RuleBasedStateMachine):
    """One job. Every step is taken by the model and by the real functions; then all rows are compared."""

    dataset: ClassVar[Dataset]
    """No step changes it, so that all runs share it."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(
        samples=st.integers(1, 4),
        concurrency=st.integers(1, 2),
        failures=st.integers(0, 3),
        begun=st.sampled_from([True, True, False]),
    )
    def create(self, samples: int, concurrency: int, failures: int, begun: bool) -> None:
        self.model = JobModel(samples, concurrency, failures)
        self.assignments: list[tuple[int, Assignment]] = []
        self.job = make_job(
            dataset=self.dataset,
            num_samples=samples,
            max_concurrent_trials=concurrency,
            budget_json={"max_seconds": BUDGET_SECONDS, "max_failed_trials": failures, "max_trial_seconds": None},
        )
        if begun:
            self.start()
            self.claim()
            self.assign()

    @rule()
    def start(self) -> None:
        self.same(self.model.start(), lambda: start_job(job=self.job, actor=None))

    @rule()
    def cancel(self) -> None:
        self.same(self.model.cancel(), lambda: cancel_job(job=self.job, actor=None))

    @precondition(lambda self: self.model.status in (*TERMINAL, "queued"))
    @rule()
    def resume_and_claim(self) -> None:
        self.resume()
        self.claim()

    @rule()
    def resume(self) -> None:
        self.same(self.model.resume(), lambda: resume_job(job=self.job, actor=None))

    @rule(number=st.integers(1, 5))
    def change_samples(self, number: int) -> None:
        change = {"num_samples": number}
        self.same(self.model.change_samples(number), lambda: update_job(job=self.job, data=change, actor=None))

    @rule(number=st.integers(1, 2))
    def change_concurrency(self, number: int) -> None:
        change = {"max_concurrent_trials": number}
        expected = self.model.change_concurrency(number)
        self.same(expected, lambda: update_job(job=self.job, data=change, actor=None))

    @rule()
    def pause(self) -> None:
        self.same(self.model.pause(), lambda: pause_job(job=self.job, actor=None))

    @rule()
    def unpause(self) -> None:
        self.same(self.model.unpause(), lambda: unpause_job(job=self.job, actor=None))

    @rule(number=st.integers(1, 2))
    def extend(self, number: int) -> None:
        self.same(self.model.extend(number), lambda: extend_job(job=self.job, data={"num_samples": number}, actor=None))

    @precondition(lambda self: bool(self.model.trials))
    @rule(index=st.integers(0, 3))
    def retry(self, index: int) -> None:
        number = index % len(self.model.trials)
        trial = TuningTrial.objects.select_related("job").get(job=self.job, number=number)
        self.same(self.model.retry(number), lambda: retry_trial(trial=trial, actor=None).job)

    @rule()
    def retry_all_that_failed(self) -> None:
        self.same(self.model.retry_failed(), lambda: retry_failed_trials(job=self.job, actor=None))

    @precondition(lambda self: self.model.status != "created")
    @rule()
    def change_what_is_settled(self) -> None:
        self.same("refused", lambda: update_job(job=self.job, data={"seed": 7}, actor=None))

    @precondition(lambda self: self.model.status in ("queued", "running") or len(self.assignments) > 3)
    @rule()
    def delete(self) -> None:
        if self.model.delete() == "refused":
            self.same("refused", lambda: delete_job(job=self.job, actor=None))
            return
        delete_job(job=self.job, actor=None)
        assert not TuningJob.objects.filter(pk=self.job.pk).exists()
        assert self.refuses(lambda: take(self.job, self.model.epoch))
        self.create(2, 1, 1, begun=True)

    @rule()
    def claim(self) -> None:
        assert lease.claim(TuningJob, self.job.pk) == self.model.claim()

    @rule(ago=EPOCHS)
    def beat(self, ago: int) -> None:
        beat = lease.beat(TuningJob, self.job.pk, self.model.epoch - ago)
        assert beat.held == self.model.holds(self.model.epoch - ago)
        assert not beat.held or beat.cancel_requested == self.model.stopping

    @RUNNING
    @rule()
    def assign_twice(self) -> None:
        self.assign()
        self.assign()

    @RUNNING
    @rule()
    def assign(self) -> None:
        expected = self.model.next_trial()
        got = take(self.job, self.model.epoch)
        if isinstance(got, Assignment):
            self.assignments.append((self.model.epoch, got))
            assert (got.number, got.params) == (expected, ask(got.number).params)
            assert got.attempt_number == len(self.model.trials[got.number].attempts)
        else:
            assert expected == {Wait: "pause", Finished: "end"}[type(got)]

    @RUNNING
    @rule(values=st.lists(st.sampled_from(SCORES), min_size=1, max_size=3))
    def run_some(self, values: list[float]) -> None:
        """As it goes where nothing goes wrong."""
        for value in values:
            self.assign()
            if self.assignments:
                self.record(0, value)

    @rule(ago=EPOCHS)
    def assign_to_a_late_runner(self, ago: int) -> None:
        epoch = self.model.epoch - ago
        if not self.model.holds(epoch):
            assert self.refuses(lambda: take(self.job, epoch))

    @ASSIGNED
    @rule(index=RECENT, value=st.sampled_from(SCORES))
    def record(self, index: int, value: float) -> None:
        self.report(index, lambda n: self.model.complete(n, value), lambda e, o: complete(self.job, o, value, e))

    @ASSIGNED
    @rule(index=RECENT, reason=st.sampled_from(["diverged", "error", "no_space"]))
    def record_failure(self, index: int, reason: str) -> None:
        failed = {"outcome": "failed", "metrics": {}, "verdict": None, "reason": FailureReason(reason), "error": "x"}
        self.report(
            index,
            lambda n: self.model.fail(n, reason),
            lambda e, o: record_outcome(self.job.pk, e, o.attempt_id, result_of(o, **failed), "f" * 64),
        )

    @ASSIGNED
    @rule(index=RECENT)
    def lose_worker(self, index: int) -> None:
        self.report(index, self.model.lose_worker, lambda e, o: record_death(self.job.pk, e, o.attempt_id, "gone"))

    @rule(ago=EPOCHS)
    def lose_runner(self, ago: int) -> None:
        epoch = self.model.epoch - ago
        expected = self.model.take_back() if self.model.holds(epoch) else None
        assert lease.take_back(self.job, epoch, "gone") == expected

    @rule(ago=EPOCHS)
    def release(self, ago: int) -> None:
        epoch = self.model.epoch - ago
        if self.model.holds(epoch):
            assert self.model.release() == release_job(self.job.pk, epoch, "paused").status
        else:
            assert self.refuses(lambda: release_job(self.job.pk, epoch, "paused"))

    @rule(ago=EPOCHS, status=st.sampled_from(["completed", "failed", "canceled"]))
    def finish(self, ago: int, status: Any) -> None:
        epoch, error = self.model.epoch - ago, "x" if status == "failed" else ""
        if self.model.holds(epoch):
            assert self.model.finish(status) == finish_job(self.job.pk, epoch, status, error=error).status
        else:
            assert self.refuses(lambda: finish_job(self.job.pk, epoch, status, error=error))

    @RUNNING
    @rule()
    def use_up_the_budget(self) -> None:
        long_ago = timezone.now() - timedelta(seconds=2 * BUDGET_SECONDS)  # more than a pause here can give back
        TuningJob.objects.filter(pk=self.job.pk).update(started_at=long_ago)
        self.model.expired = True

    @invariant()
    def rows_are_as_the_model(self) -> None:
        self.job.refresh_from_db()
        job, model = self.job, self.model
        assert (job.status, job.epoch, job.restarts) == (model.status, model.epoch, model.restarts)
        assert (job.num_samples, job.cancel_requested_at is not None) == (model.num_samples, model.stopping)
        assert (job.is_paused, job.max_concurrent_trials) == (
            model.paused and model.status in LIVE,
            model.concurrency,
        )
        assert (job.finished_at is not None) == (model.status in TERMINAL)
        stored = {trial.pk: trial for trial in job.trials.all()}
        trials = {t.number: (t.status, t.metric_value, t.reason, t.params_json) for t in stored.values()}
        assert trials == {n: (t.status, t.value, t.reason, ask(n).params) for n, t in model.trials.items()}
        attempts: dict[int, list[tuple[int, str, str]]] = {number: [] for number in trials}
        rows = TuningAttempt.objects.filter(trial__in=stored).order_by("number")
        for trial_id, *row in rows.values_list("trial_id", "epoch", "outcome", "reason"):
            attempts[stored[trial_id].number].append(tuple(row))
        assert attempts == {n: t.attempts for n, t in model.trials.items()}
        assert (stored[job.best_trial_id].number if job.best_trial_id else None) == model.best()

    def same(self, expected: str, act: Callable[[], Any]) -> None:
        """`act` leads to the state of the model, or both refuse it."""
        try:
            job = act()
        except ServiceError as error:
            assert expected == "refused", error
        else:
            assert job.status == expected

    def report(self, index: int, on_model: Callable[[int], Any], act: Callable[[int, Assignment], Any]) -> None:
        """A report on an execution: accepted once, from the current epoch only."""
        epoch, assignment = self.assignments[-1 - index % len(self.assignments)]
        if not self.model.holds(epoch):
            assert self.refuses(lambda: act(epoch, assignment))
            return
        attempts = self.model.trials[assignment.number].attempts
        if attempts[assignment.attempt_number - 1] == (epoch, "running", ""):
            on_model(assignment.number)
            act(epoch, assignment)
        else:
            assert act(epoch, assignment) is None

    def refuses(self, act: Callable[[], Any]) -> bool:
        try:
            act()
        except LeaseLost:
            return True
        return False


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.timeout(3600)
def test_a_job_is_as_its_model_in_any_order_of_steps(settings_of_work: None) -> None:
    JobMachine.dataset = imported_dataset()
    chosen = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(JobMachine, settings=chosen)


@pytest.fixture
def settings_of_work(settings: Any) -> None:
    settings.MAX_ATTEMPTS, settings.MAX_RESTARTS = MAX_ATTEMPTS, MAX_RESTARTS
    settings.PAUSE_RELEASE_SECONDS = 3600  # the steps decide when a runner releases the job
