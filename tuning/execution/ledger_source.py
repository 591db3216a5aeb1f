"""The ledger as a source of trials for Ray.

Its methods are called inside Ray's hooks, where an exception would change the outcome of a trial. So a query is
retried while the database does not answer. After that, and after a lost lease, the process exits without changing a
row, and the next epoch continues from what is committed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from tuning.analysis import early_stopping
from tuning.analysis.observations import observation_of
from tuning.domain.early_stopping.decisions import KnownRungs, Reached
from tuning.domain.early_stopping.stopping_rule import Basis
from tuning.domain.sampling.algorithm import Algorithm
from tuning.domain.sampling.proposal import Proposal
from tuning.domain.sampling.sampling import Sampler
from tuning.ledger.assignment import Assignment, Finished, Wait
from tuning.ledger.fence import LeaseLost
from tuning.ledger.prune import note_rung
from tuning.models import TuningJob, TuningTrial
from tuning.services.warm_start import history_of
from tunix.pipeline.faults import fault_point
from tunix.pipeline.folder import run_dir
from tunix.pipeline.spec import FailureReason, RunOutcome
from tunix.runs.outputs import read_curves
from tunix.runs.results import ResultUnreadable, read_result, storable
from tunix.work.database_retries import retry_database
from tunix.work.keeper import end_process
from tunix.work.log_context import log_context

from ..ledger.assign import next_trial
from ..ledger.record import record_death, record_outcome
from .source import Death, NoMoreTrials
from .worker import worker_of

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
CURVE_METRICS = ("eval_loss",)


class LedgerSource:
    """Assigns trials that are committed in the ledger, and records how they end."""

    def __init__(self, job: TuningJob, epoch: int, trainable: str) -> None:
        self.job, self.epoch, self.trainable = job, epoch, trainable
        self.end = Finished()
        self._version, self._sampler = job.trials_version, sampler_of(job)
        self._stopped: set[int] = set()
        """Attempts that were stopped at a rung. Their folders are not read: the worker may still be writing to them."""

    def next_config(self) -> dict[str, Any] | None:
        answer = self._retry_or_exit(self._next)
        if isinstance(answer, Finished):
            self.end = answer
            raise NoMoreTrials
        if isinstance(answer, Wait):
            return None
        config = {
            **answer.params,
            "number": answer.number,
            "kind": answer.kind,
            "attempt_id": answer.attempt_id,
            "attempt_number": answer.attempt_number,
            "trainable": self.trainable,
            "artifacts_dir": str(settings.ARTIFACTS_DIR),
            "spec": answer.spec,
            "max_seconds": answer.max_seconds,
            "quarantined": list(answer.quarantined),
        }
        with log_context(**ids_in(config)):
            logger.info("job %s: trial %s, run %s", self.job.pk, answer.number, answer.run_id)
        return config

    def ended(self, config: dict[str, Any], reported: dict[str, Any]) -> None:
        if config["attempt_id"] in self._stopped:
            return
        with log_context(**ids_in(config)):
            self._retry_or_exit(lambda: self._record(config, reported))

    def died(self, config: dict[str, Any], death: Death) -> None:
        with log_context(**ids_in(config)):
            self._retry_or_exit(lambda: self._record_death(config, death))

    def reached(self, config: dict[str, Any], reached: Reached, stop: Basis | None) -> None:
        with log_context(**ids_in(config)):
            self._retry_or_exit(lambda: self._note_rung(config, reached, stop))

    def known_rungs(self) -> list[KnownRungs]:
        return self._retry_or_exit(lambda: early_stopping.known_rungs(self.job))

    def _next(self) -> Assignment | Wait | Finished:
        fault_point("hook.suggest")
        answer = next_trial(self.job.pk, self.epoch, self._propose)
        if isinstance(answer, Assignment):
            fault_point("offer.committed")
        return answer

    def _propose(self, slot: int) -> Proposal:
        self._take_in_changes()
        return self._sampler.propose(slot)

    def _take_in_changes(self) -> None:
        """Give the sampler all trials again if a service has changed some of them, for example excluded one."""
        version = TuningJob.objects.values_list("trials_version", flat=True).get(pk=self.job.pk)
        if version != self._version:
            tell_all_trials(self._sampler, self.job)
            self._version = version

    def _record(self, config: dict[str, Any], reported: dict[str, Any]) -> None:
        fault_point("hook.ended")
        folder = run_dir(settings.ARTIFACTS_DIR, config["spec"]["run_id"])
        try:
            result, digest = read_result(folder)
        except ResultUnreadable as error:
            death = Death(f"The run left no readable result: {error}")
            # A run that could not write its result reported the reason to Ray; a run that was killed did not.
            if reported.get("outcome") == RunOutcome.FAILED and reported.get("reason"):
                death = Death(str(reported.get("error") or error), FailureReason(reported["reason"]))
            self._record_death(config, death)
            return
        curve, worker = curve_of(folder), worker_of(folder)
        fault_point("record.before")
        trial = record_outcome(self.job.pk, self.epoch, config["attempt_id"], result, digest, curve, worker)
        fault_point("record.committed")
        self._tell_sampler(trial)

    def _note_rung(self, config: dict[str, Any], reached: Reached, stop: Basis | None) -> None:
        fault_point("rung.before")
        attempt_id = config["attempt_id"]
        worker = worker_of(run_dir(settings.ARTIFACTS_DIR, config["spec"]["run_id"]))
        trial = note_rung(self.job.pk, self.epoch, attempt_id, reached, stop, worker)
        if stop is not None:
            fault_point("prune.committed")
            self._stopped.add(attempt_id)
            self._tell_sampler(trial)

    def _record_death(self, config: dict[str, Any], death: Death) -> None:
        worker = worker_of(run_dir(settings.ARTIFACTS_DIR, config["spec"]["run_id"]))
        self._tell_sampler(
            record_death(self.job.pk, self.epoch, config["attempt_id"], storable(death.error), death.reason, worker)
        )

    def _tell_sampler(self, trial: TuningTrial | None) -> None:
        if trial is not None and trial.slot is not None:
            replicates = trial.job.trials.filter(slot=trial.slot).select_related("job").order_by("replicate")
            self._sampler.tell(observation_of(list(replicates)))

    def _retry_or_exit(self, action: Callable[[], Answer]) -> Answer:
        try:
            return retry_database(action)
        except LeaseLost as lost:
            end_process(str(lost))
        except Exception:  # outside of this hook it would change the outcome of trials
            logger.exception("job %s: the ledger could not be reached", self.job.pk)
            end_process("a hook failed; no row of the trial was changed")
        raise AssertionError("unreachable: end_process does not return")


def sampler_of(job: TuningJob) -> Sampler:
    """The job's sampler, rebuilt from all trials in the ledger."""
    sampler = Sampler(
        space=job.space(),
        algorithm=Algorithm.parse(job.algorithm_json),
        seed=job.seed,
        metric_mode=job.metric_mode,
        further_modes=[objective.mode for objective in job.further_objectives],
        history=history_of(job),
    )
    tell_all_trials(sampler, job)
    return sampler


def tell_all_trials(sampler: Sampler, job: TuningJob) -> None:
    """Give a sampler the observation of every slot, with all replicates."""
    proposed = job.trials.filter(slot__isnull=False).select_related("job").order_by("slot", "replicate")
    for _, trials in groupby(proposed, key=lambda trial: trial.slot):
        sampler.tell(observation_of(list(trials)))


def ids_in(config: dict[str, Any]) -> dict[str, Any]:
    """The ids of an execution for the log context. Never raises: it is used inside hooks."""
    run_id = config.get("spec", {}).get("run_id")
    return {"trial": config.get("number"), "attempt": config.get("attempt_number"), "run_id": run_id}


def curve_of(folder: Path) -> list[tuple[int, str, float]]:
    """(step, name, value) of the intermediate metrics that are kept in the database."""
    curves = read_curves(folder)
    return [(int(point["step"]), name, point["value"]) for name in CURVE_METRICS for point in curves.get(name, [])]
