"""Runs the trials of a sweep under Ray Tune. Only this module and `ray_stopping` import Ray.

Ray workers import this module, so it imports neither Django nor JAX. Parameters come from a TrialSource (the ledger).
Ray's own restore is never used, because it runs finished trials again: a resumed job is a new Tuner fed from the same
source.
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
from tunix.pipeline.allocator import with_allocator
from tunix.pipeline.engine.steps import Rung
from tunix.pipeline.spec import FailureReason

from .ray_walls import FOLDER
from .source import SOURCES, Death, NoMoreTrials, TrialSource
from .trainables import run_trial
from .worker import WorkerQuarantined

# Ray reads these on import, so they are set before it.
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_FUNCTION_THREAD_TIMEOUT_S": "30",  # a stopped trial must close its files in time, or its worker is replaced
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

REQUIRED_PROCESSES = frozenset({"raylet", "gcs_server"})
OUT_OF_MEMORY_WORDS = ("OutOfMemoryError", "running low on memory", "due to the node running low")
RAISED = re.compile(r"ray::\S+\(\)")
"""Starts Ray's text of an exception that was raised on a worker, and of no other error."""
PROJECT_ROOT = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True)
class Sweep:
    """What Ray needs to know about a job."""

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
    """The search space as Ray Tune objects, passed as `param_space`.

    Only Ray's own display and logs read these objects: all parameters come from the ledger. So approximations are
    enough. Our bounds are inclusive, but Ray's integer ranges exclude the upper one. Values with a step become a
    choice, because Ray requires bounds that are multiples of the step. A distribution that Ray does not have (a
    truncated normal, steps on a logarithmic scale) becomes the range of its values. Conditional and derived parameters
    are left out.
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
    """Ray's searcher: each suggestion is an execution that is already committed in the ledger.

    It does not hold the source itself, because Ray pickles searchers: the source is looked up by the sweep's name.
    """

    def __init__(self, source_name: str) -> None:
        super().__init__()
        self._source_name = source_name

    def set_search_properties(self, metric: str | None, mode: str | None, config: dict[str, Any], **spec: Any) -> bool:
        self._metric, self._mode = metric, mode
        return True  # accepted; the sampler of the ledger knows the space

    def suggest(self, trial_id: str) -> Any:
        """A configuration; None if Ray should ask again later; FINISHED if there are no more trials."""
        try:
            return SOURCES[self._source_name].next_config()
        except NoMoreTrials:
            return Searcher.FINISHED

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """LedgerCallback records the end: unlike this method, it receives the trial's configuration."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save: the state is in the ledger."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore."""


class LedgerCallback(Callback):
    """Records in the ledger how executions end. The source never raises: an exception in a hook changes outcomes."""

    def __init__(self, source_name: str) -> None:
        self._source_name = source_name

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        SOURCES[self._source_name].ended(trial.config, trial.last_result or {})

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        SOURCES[self._source_name].died(trial.config, _death_of(trial))


def _death_of(trial: Any) -> Death:
    """Why a worker died or raised an exception, as far as Ray knows."""
    try:
        text = Path(trial.error_file).read_text(errors="replace") if trial.error_file else ""
    except OSError:
        text = ""
    error = last_line(text) or "The trial's worker is gone."
    if WorkerQuarantined.__name__ in text:
        return Death(error, FailureReason.QUARANTINED)
    if any(word in text for word in OUT_OF_MEMORY_WORDS):
        return Death("The host ran low on memory, and Ray ended the worker.", FailureReason.OUT_OF_MEMORY)
    if RAISED.search(text):
        # The pipeline did not handle this exception: a bug, or a broken installation.
        return Death(error, FailureReason.ERROR)
    return Death(error, FailureReason.LOST)


def trial(config: dict[str, Any]) -> None:
    """The function that Ray executes on a warm worker, once per trial."""
    tune.report(run_trial(config, report_rung))


def report_rung(rung: Rung, value: float) -> None:
    """Report a rung to Ray and wait for its decision. Raises SystemExit if the trial is stopped."""
    tune.report({"rung": rung.number, "at": rung.at, "step": rung.step, "steps": rung.steps, "value": value})


def start_ray(address: str, sweep: Sweep) -> list[psutil.Process]:
    """Start a local Ray without dashboard and telemetry, or join the cluster at `address`.

    Returns the processes that a local Ray cannot run without. Their loss must be watched from outside: a driver waits
    forever for a dead raylet.
    """
    logging_level = logging.ERROR
    runtime_env = {"env_vars": with_allocator({"PYTHONPATH": PROJECT_ROOT})}
    if address != "local":
        ray.init(address=address, log_to_driver=False, logging_level=logging_level, runtime_env=runtime_env)
        return []
    os.environ["PYTHONPATH"] = PROJECT_ROOT  # inherited by the workers
    ray.init(
        address="local",
        # Enough for the maximum: the ledger decides how many trials run, and a user may raise that number later.
        num_cpus=sweep.threads * MAX_CONCURRENT_TRIALS,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging_level,
        _temp_dir=str(sweep.temp_dir / FOLDER),  # Ray makes it writable for everybody; the folder above it is not
        # Otherwise Ray starts a worker process for each of these CPUs at once.
        _system_config={"prestart_worker_first_driver": False},
    )
    started = psutil.Process().children(recursive=True)
    return [process for process in started if process.name() in REQUIRED_PROCESSES]


def run_sweep(sweep: Sweep, source: TrialSource) -> str | None:
    """Run trials until the source has no more. Returns the id of the run that Ray's own ResultGrid considers the best.

    1. With early stopping, rebuild one of Ray's schedulers from the ledger.
    2. Make a Tuner with the ledger as searcher and callback, reused workers, and without retries by Ray.
    3. Fit: the source provides each configuration and records each end.
    4. Read the best run from the ResultGrid.
    """
    SOURCES[sweep.name] = source
    scheduler = None
    try:
        if sweep.early_stopping is not None:
            scheduler = scheduler_of(sweep.name, sweep.early_stopping, sweep.seed, source.known_rungs())
        grid = _tuner(sweep, scheduler).fit()
    finally:
        del SOURCES[sweep.name]
    return _best_of(grid, sweep)


def _tuner(sweep: Sweep, scheduler: LedgerScheduler | None) -> tune.Tuner:
    metric: dict[str, Any] = {} if scheduler else {"metric": sweep.metric_name, "mode": sweep.metric_mode}
    return tune.Tuner(
        tune.with_resources(trial, {"cpu": sweep.threads}),
        param_space=ray_space(sweep.space),
        tune_config=tune.TuneConfig(
            **metric,  # not with a scheduler, which has its own: Ray refuses both
            scheduler=scheduler,
            search_alg=LedgerSearch(sweep.name),
            num_samples=-1,  # until the searcher returns FINISHED
            max_concurrent_trials=None,  # the ledger limits it, and users may change the limit while the job runs
            reuse_actors=True,  # keeps weights and compiled functions for the next trial
            trial_name_creator=_trial_name,
            trial_dirname_creator=_trial_name,
        ),
        run_config=tune.RunConfig(
            name=sweep.name,
            storage_path=str(sweep.storage_path),
            callbacks=[JsonLoggerCallback(), LedgerCallback(sweep.name)],
            failure_config=tune.FailureConfig(max_failures=0),  # the ledger decides about retries
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
