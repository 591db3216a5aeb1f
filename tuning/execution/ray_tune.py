"""The only module that knows Ray. It turns a search space into Ray objects and lets Ray schedule the trials.

Ray workers import this module, so it imports neither Django nor JAX. Parameters come from a TrialSource (the ledger);
Ray's own restore is never used: a resumed job is a new Tuner fed from the same source.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuning.domain.early_stopping.rules import EarlyStopping
from tuning.domain.job_definition import MAX_CONCURRENT_TRIALS
from tuning.domain.selection.selection import last_line
from tuning.domain.space.distributions.base import Distribution
from tuning.domain.space.distributions.choices import Constant
from tuning.domain.space.distributions.integers import Int
from tuning.domain.space.distributions.normal import Normal
from tuning.domain.space.distributions.ranges import LogUniform, Uniform
from tuning.domain.space.distributions.steps import QLogUniform
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.engine.steps import Rung
from tunix.pipeline.spec import FailureReason

from .source import SOURCES, Death, NoMoreTrials, TrialSource
from .trainables import run_trial
from .worker import WorkerSetAside

# Read by Ray when it is imported.
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_FUNCTION_THREAD_TIMEOUT_S": "30",  # for a stopped trial to close its files, or its worker is lost
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
}
os.environ.update(QUIET)

import psutil  # noqa: E402
import ray  # noqa: E402
from ray import tune  # noqa: E402
from ray.tune.callback import Callback  # noqa: E402
from ray.tune.logger import JsonLoggerCallback  # noqa: E402
from ray.tune.search import Searcher  # noqa: E402

from .ray_stopping import LedgerScheduler, scheduler_of  # noqa: E402

logger = logging.getLogger(__name__)

VITAL_PROCESSES = frozenset({"raylet", "gcs_server"})
OUT_OF_MEMORY_WORDS = ("OutOfMemoryError", "running low on memory", "due to the node running low")
RAISED = re.compile(r"ray::\S+\(\)")
"""Begins what Ray writes of an exception that a worker raised, and of nothing else."""
PROJECT_ROOT = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True)
class Sweep:
    """What Ray needs to know of a job."""

    name: str
    space: SearchSpace
    metric_name: str
    metric_mode: str
    threads: int
    storage_path: Path
    temp_dir: Path
    early_stopping: EarlyStopping | None = None
    seed: int = 0


def ray_space(space: SearchSpace) -> dict[str, Any]:
    """The search space as Ray Tune's objects, to be passed as `param_space`.

    Only Ray's own display reads these objects: the values of a trial come from the ledger. Our bounds are inclusive,
    whereas Ray's integer ranges exclude the upper one. Steps become a choice, because Ray requires bounds that are
    multiples of the step. Distributions that Ray lacks (truncated normal, steps on a logarithmic scale) become their
    range. Conditional and derived parameters are left out.
    """
    plain = {name: kind for name, kind in space.parameters.items() if name not in space.conditions}
    return {name: _ray_domain(kind) for name, kind in plain.items() if not kind.depends_on}


def _ray_domain(distribution: Distribution) -> Any:
    match distribution:
        case LogUniform(low, high) | QLogUniform(low, high):
            return tune.loguniform(low, high)
        case Uniform(low, high) | Normal(min=low, max=high):
            return tune.uniform(low, high)
        case Int(low, high, log=True):
            return tune.lograndint(low, high + 1)
        case Int(low, high, step=1):
            return tune.randint(low, high + 1)
        case Constant(value):
            return value
    if distribution.size is None:
        raise TypeError(f"There is no Ray range for {distribution.type}.")
    return tune.choice([distribution.value_at(index) for index in range(distribution.size)])


class LedgerSearch(Searcher):
    """Ray's way to ask for parameters: each suggestion is an execution that the ledger has stored already.

    Holds no ledger itself, since Ray pickles it: the source is found by the sweep's name.
    """

    def __init__(self, source_name: str) -> None:
        super().__init__()
        self._source_name = source_name

    def set_search_properties(self, metric: str | None, mode: str | None, config: dict[str, Any], **spec: Any) -> bool:
        self._metric, self._mode = metric, mode
        return True  # the space is known to the ledger's sampler

    def suggest(self, trial_id: str) -> Any:
        """A configuration, None to be asked again, or FINISHED."""
        try:
            return SOURCES[self._source_name].next_config()
        except NoMoreTrials:
            return Searcher.FINISHED

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """The ledger hears of it through LedgerCallback, which knows the trial's configuration."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save: the ledger is the truth."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore."""


class LedgerCallback(Callback):
    """Tells the ledger how executions ended. The source's methods never raise: a raising hook changes results."""

    def __init__(self, source_name: str) -> None:
        self._source_name = source_name

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        SOURCES[self._source_name].ended(trial.config, trial.last_result or {})

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        SOURCES[self._source_name].died(trial.config, _death_of(trial))


def _death_of(trial: Any) -> Death:
    """Why a worker died or raised, as far as Ray knows it."""
    text = _error_text(trial)
    error = last_line(text) or "The trial's worker is gone."
    if WorkerSetAside.__name__ in text:
        return Death(error, FailureReason.QUARANTINED)
    if any(word in text for word in OUT_OF_MEMORY_WORDS):
        return Death("The host ran low on memory, and Ray ended the worker.", FailureReason.OUT_OF_MEMORY)
    if RAISED.search(text):
        return Death(error, FailureReason.ERROR)  # it raised: a bug of ours or of the installation
    return Death(error, FailureReason.LOST)


def _error_text(trial: Any) -> str:
    try:
        return Path(trial.error_file).read_text(errors="replace") if trial.error_file else ""
    except OSError:
        return ""


def trial(config: dict[str, Any]) -> None:
    """The function Ray executes on a warm worker, once a trial."""
    tune.report(run_trial(config, report_rung))


def report_rung(rung: Rung, value: float) -> None:
    """Tell Ray where the trial stands, and wait for its answer: SystemExit where the trial is to end."""
    tune.report({"rung": rung.number, "at": rung.at, "step": rung.step, "steps": rung.steps, "value": value})


def start_ray(address: str, sweep: Sweep) -> list[psutil.Process]:
    """Start a local Ray without dashboard and telemetry, or join the cluster at `address`.

    Returns the processes whose loss a local Ray does not survive, without always noticing.
    """
    logging_level = logging.ERROR
    runtime_env = {"env_vars": {"PYTHONPATH": PROJECT_ROOT}}
    if address != "local":
        ray.init(address=address, log_to_driver=False, logging_level=logging_level, runtime_env=runtime_env)
        return []
    os.environ["PYTHONPATH"] = PROJECT_ROOT  # inherited by the workers
    ray.init(
        address="local",
        num_cpus=sweep.threads * MAX_CONCURRENT_TRIALS,  # the ledger decides how many run, and that may change
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging_level,
        _temp_dir=str(sweep.temp_dir),
        _system_config={"prestart_worker_first_driver": False},  # else it starts a worker for each of them at once
    )
    started = psutil.Process().children(recursive=True)
    return [process for process in started if process.name() in VITAL_PROCESSES]


def run_sweep(sweep: Sweep, source: TrialSource) -> str | None:
    """Run trials until the source has no more. Returns the run id that Ray's own ResultGrid calls the best.

    1. A Tuner with the space as `param_space`, the ledger as searcher, warm workers and no retries of Ray's own.
    2. Where trials may be stopped early, one of Ray's schedulers, which knows what the ledger knows.
    3. Fit: suggestions come from the source, ends are told to it.
    4. Ask the ResultGrid for its best.
    """
    SOURCES[sweep.name] = source
    try:
        grid = _tuner(sweep, _scheduler(sweep, source)).fit()
    finally:
        del SOURCES[sweep.name]
    return _best_of(grid, sweep)


def _scheduler(sweep: Sweep, source: TrialSource) -> LedgerScheduler | None:
    if sweep.early_stopping is None:
        return None
    return scheduler_of(sweep.name, sweep.early_stopping, sweep.seed, source.known_rungs())


def _tuner(sweep: Sweep, scheduler: LedgerScheduler | None) -> tune.Tuner:
    metric: dict[str, Any] = {} if scheduler else {"metric": sweep.metric_name, "mode": sweep.metric_mode}
    return tune.Tuner(
        tune.with_resources(trial, {"cpu": sweep.threads}),
        param_space=ray_space(sweep.space),
        tune_config=tune.TuneConfig(
            **metric,  # a scheduler has its own
            scheduler=scheduler,
            search_alg=LedgerSearch(sweep.name),
            num_samples=-1,
            max_concurrent_trials=None,
            reuse_actors=True,
            trial_name_creator=_trial_name,
            trial_dirname_creator=_trial_name,
        ),
        run_config=tune.RunConfig(
            name=sweep.name,
            storage_path=str(sweep.storage_path),
            callbacks=[JsonLoggerCallback(), LedgerCallback(sweep.name)],
            failure_config=tune.FailureConfig(max_failures=0),
            verbose=0,
        ),
    )


def _trial_name(trial: Any) -> str:
    return f"trial_{trial.config['number']:05d}_{trial.config['attempt_number']}"


def _best_of(grid: tune.ResultGrid, sweep: Sweep) -> str | None:
    reported = [grid[index].metrics or {} for index in range(len(grid))]
    if not any(sweep.metric_name in metrics for metrics in reported):
        return None
    best = grid.get_best_result(metric=sweep.metric_name, mode=sweep.metric_mode)
    return str(best.metrics["run_id"]) if best.metrics else None
