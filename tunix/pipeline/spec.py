"""What goes into one run and what comes out of it: versioned values that travel as JSON both ways."""

from __future__ import annotations

from collections.abc import Sized
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from tunix.validation.values import Scalar as Scalar

SPEC_VERSION: Final = 1
MAX_ITEMS: Final = 100_000
MAX_NEW_TOKENS: Final = 4096
MAX_THREADS: Final = 1024


class Value(BaseModel):
    """An immutable value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DatasetRef(Value):
    """Rows under `artifacts/datasets/<key>/`; `version`, the manifest's, is verified before training."""

    key: str
    version: str


class EvaluationSpec(Value):
    """How a trained model is judged: which judge, on which rows, with how many generated tokens at most."""

    judge: str = "answer_correctness"
    split: Literal["train", "validation", "test"] = "validation"
    max_items: int = Field(default=256, ge=1, le=MAX_ITEMS)
    max_new_tokens: int = Field(default=32, ge=1, le=MAX_NEW_TOKENS)


class GuardSpec(Value):
    """Other rows that a trained model is scored on as well, so that what it unlearned is seen."""

    dataset: DatasetRef
    evaluation: EvaluationSpec = EvaluationSpec()


class Rungs(Value):
    """Where a training tells how it stands, so that a search may end it: after which shares of it, or which steps."""

    metric: Literal["eval_loss", "train_loss"] = "eval_loss"
    unit: Literal["share", "steps"] = "share"
    at: list[float]


def _is_empty(value: Sized) -> bool:
    return not value


class RunSpec(Value):
    """Everything that decides the outcome of one fine-tuning run.

    `hyperparameters` are fully resolved: every name of `hyperparameters.HYPERPARAMETERS` that applies, with
    its value. The method `untuned` trains nothing: the base model is judged as it is. `base_model_hash`, verified
    before training where it is known, says which weights the base model's id stood for. `threads` is part of the
    spec because the number of CPU threads changes a result's last bits.
    """

    version: Literal[1] = SPEC_VERSION
    run_id: str
    method: Literal["sft", "untuned"] = "sft"
    base_model_id: str
    base_model_hash: str = ""
    dataset: DatasetRef
    hyperparameters: dict[str, Scalar]
    evaluation: EvaluationSpec = EvaluationSpec()
    threads: int = Field(default=1, ge=1, le=MAX_THREADS)
    max_judge_cost: float | None = Field(default=None, ge=0)
    """The most that judging may cost before it is ended; it decides whether there is a verdict, not which."""
    guards: list[GuardSpec] = Field(default=[], exclude_if=_is_empty)
    """Left out of the JSON where there are none, so that such a spec reads as it always did."""
    judge_twice: bool = Field(default=False, exclude_if=lambda asked: not asked)
    """Whether a judge that asks a service judges the outputs again, past its cache: how far it agrees with itself."""
    rungs: Rungs | None = Field(default=None, exclude_if=lambda asked: asked is None)
    """Only trials that a search may stop early have them; to a training they are evaluations, and change no weight."""


class RunOutcome(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class FailureReason(StrEnum):
    """Why a run failed, or an execution of it died. Those of INFRASTRUCTURE say nothing against the configuration."""

    DIVERGED = "diverged"
    USER_ERROR = "user_error"
    JUDGE_ERROR = "judge_error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    ERROR = "error"
    NO_SPACE = "no_space"
    LOST = "lost"
    """Its worker process is gone."""
    RUNNER_LOST = "runner_lost"
    """The process that ran the whole job is gone, or handed the job back."""
    QUARANTINED = "set_aside"
    """Its worker had been set aside before it began."""


INFRASTRUCTURE: Final = frozenset(
    {FailureReason.NO_SPACE, FailureReason.LOST, FailureReason.RUNNER_LOST, FailureReason.QUARANTINED}
)


class Usage(Value):
    """What a judge asked of a service. `cost` is in the currency of the prices that were set; 0 where none was."""

    calls: int = 0
    cache_hits: int = 0
    """Items whose judgement was known, so that nobody was asked."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


class JudgeVerdict(Value):
    """One judge's verdict on one run on one split; `score_mean`, 0 to 1, is the mean of the scores of judged items.

    An item that the judge could not judge has no score; `failures` names the first reasons. `usage` is None where
    the judge asked no service.
    """

    judge: str
    judge_version: str
    split: str
    items: int
    score_mean: float
    metrics: dict[str, float] = {}
    item_scores: list[float | None]
    failed_items: int = 0
    failures: list[str] = []
    usage: Usage | None = None
    second_scores: list[float | None] | None = Field(default=None, exclude_if=lambda scores: scores is None)
    """What the judge made of the same outputs when it was asked once more; None where it was not, or did not end."""


class GuardVerdict(Value):
    """The verdict on one guard of a run's spec, and on the rows of which data set it was given."""

    dataset: DatasetRef
    verdict: JudgeVerdict


class RunResult(Value):
    """What a run leaves behind, written last as `result.json`.

    `metrics` holds finite numbers only, under the names of `metrics.METRICS`. `files` maps each file of the
    run's folder to its sha256. `environment` is the capsule: see `capsule.py`.
    """

    version: Literal[1] = SPEC_VERSION
    run_id: str
    outcome: RunOutcome
    reason: FailureReason | None = None
    error: str = ""
    step: int = 0
    metrics: dict[str, float] = {}
    verdict: JudgeVerdict | None = None
    guards: list[GuardVerdict] = Field(default=[], exclude_if=_is_empty)
    """In the order of the spec's guards: all of them, or none where the run did not come that far."""
    judge_usage: Usage | None = None
    """Also of a run that failed or was canceled while it was judged."""
    environment: dict[str, Any] = {}
    timings: dict[str, float] = {}
    files: dict[str, str] = {}
    started_at: str
    finished_at: str
