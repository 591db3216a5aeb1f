"""The spec of a run and its result: versioned values that are stored and sent as JSON."""

from __future__ import annotations

from collections.abc import Sized
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tunix.validation.values import Scalar as Scalar

SPEC_VERSION: Final = 1
MAX_ITEMS: Final = 100_000
MAX_NEW_TOKENS: Final = 4096
MAX_THREADS: Final = 1024
MAX_TEMPERATURE: Final = 5.0
MAX_SAMPLES: Final = 64
MAX_EXAMPLES: Final = 64
MAX_PROMPT_TEXT: Final = 20_000

Method = Literal["full", "lora", "qlora", "untuned"]
"""What is trained: all weights, low-rank adapters, adapters on a quantized base model, or nothing."""

RowOrder = Literal["file", "prompt_hash"]
"""Which rows are taken where not all are: the first of the file, or a sample in the order of a hash of the prompt."""

TRAINED: Final[tuple[Method, ...]] = ("full", "lora", "qlora")
ADAPTED: Final[tuple[Method, ...]] = ("lora", "qlora")


def _is_empty(value: Sized) -> bool:
    return not value


def _method(value: object) -> object:
    """Specs from before there were several methods say `sft`, which trained all weights."""
    return "full" if value == "sft" else value


class Value(BaseModel):
    """An immutable value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DatasetRef(Value):
    """The dataset in `artifacts/datasets/<key>/`; the version of its manifest is verified before training."""

    key: str
    version: str


class EvaluationSpec(Value):
    """How a trained model is judged: by which judge, on which rows, with how many generated tokens."""

    judge: str = "answer_correctness"
    split: Literal["train", "validation", "test"] = "validation"
    max_items: int = Field(default=256, ge=1, le=MAX_ITEMS)
    max_new_tokens: int = Field(default=32, ge=1, le=MAX_NEW_TOKENS)
    temperature: float = Field(default=0.0, ge=0, le=MAX_TEMPERATURE, exclude_if=lambda value: value == 0)
    """0: the most likely token each time. Above it: drawn, from a seed of the run; omitted from the JSON if 0."""
    samples: int = Field(default=1, ge=1, le=MAX_SAMPLES, exclude_if=lambda value: value == 1)
    """Answers per prompt. With several the score of a row is the mean of theirs; omitted from the JSON if 1."""
    judge_options: dict[str, float | str | list[str]] = Field(default={}, exclude_if=_is_empty)
    """What the judge's options are set to; omitted from the JSON if none is."""

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    @property
    def chooses_labels(self) -> bool:
        """Whether nothing is generated: an answer is the most likely of the dataset's labels."""
        return self.judge_options.get("decode") == "likelihood"


class PromptSpec(Value):
    """How a row becomes the text that a model reads; in training, evaluation and use alike.

    `format`: the chat template of the base model, or `template` around the prompt; `auto` is chat if there is one. In a
    chat, `template` makes the text of the user's turn. `examples` training rows are shown before each prompt.
    `too_long` says what happens to rows that are longer than max_seq_length.
    """

    format: Literal["auto", "chat", "text"] = "auto"
    template: str = Field(default="{prompt}", max_length=MAX_PROMPT_TEXT)
    system: str = Field(default="", max_length=MAX_PROMPT_TEXT)
    examples: int = Field(default=0, ge=0, le=MAX_EXAMPLES)
    too_long: Literal["cut", "drop", "refuse"] = "cut"


class GuardSpec(Value):
    """Another dataset that a trained model is scored on, to show what it unlearned."""

    dataset: DatasetRef
    evaluation: EvaluationSpec = EvaluationSpec()


class Rungs(Value):
    """The points at which a training reports a metric, so that a search may stop it: as shares or as steps."""

    metric: Literal["eval_loss", "train_loss"] = "eval_loss"
    unit: Literal["share", "steps"] = "share"
    at: list[float]


class RaceSpec(Value):
    """What a run must be able to reach in order to be judged on all its rows.

    `expected` holds what trials before scored on each row, in the order in which rows are judged; the mean of it is the
    score to reach. `chance`: how often a run that reaches it may be raced out. The race is part of the spec, so that a
    reproduction of the run is decided alike.
    """

    expected: list[float] = Field(min_length=2)
    chance: float = Field(default=0.01, gt=0, lt=1)


class Reuse(Value):
    """A completed run with the same spec, and the sha256 of its result, which is taken in place of training."""

    run_id: str
    result_hash: str


class RunSpec(Value):
    """Everything that determines the outcome of one fine-tuning run.

    `hyperparameters` are resolved: every one of the method with its value. The method `untuned` trains nothing and
    judges the base model. `base_model_hash` identifies the weights behind the base
    model's id; it is verified before training unless it is empty. `threads` is part of the spec because the number of
    CPU threads changes the last bits of a result.
    """

    version: Literal[1] = SPEC_VERSION
    run_id: str
    method: Annotated[Method, BeforeValidator(_method)] = "full"
    base_model_id: str
    base_model_hash: str = ""
    dataset: DatasetRef
    hyperparameters: dict[str, Scalar]
    evaluation: EvaluationSpec = EvaluationSpec()
    threads: int = Field(default=1, ge=1, le=MAX_THREADS)
    max_judge_cost: float | None = Field(default=None, ge=0)
    """The spending limit of judging; if it is reached, the run fails."""
    guards: list[GuardSpec] = Field(default=[], exclude_if=_is_empty)
    """Omitted from the JSON if there are none, so that the JSON of such a spec is the same as in older versions."""
    judge_twice: bool = Field(default=False, exclude_if=lambda asked: not asked)
    """Whether a judge that calls a service judges the outputs again, past its cache, to measure its noise."""
    prompt: PromptSpec = Field(default=PromptSpec(), exclude_if=lambda prompt: prompt == PromptSpec())
    """Omitted from the JSON if it is the default."""
    lora_max_rank: int = Field(default=0, ge=0, exclude_if=lambda rank: rank == 0)
    """The largest rank of the job's trials, so that they share compiled programs; 0: the run's own rank."""
    lora_drops: bool = Field(default=False, exclude_if=lambda drops: not drops)
    """Whether any trial of the job has dropout, for the same reason."""
    untuned_dtype: Literal["float32", "bfloat16"] = Field(default="float32", exclude_if=lambda kind: kind == "float32")
    untuned_quantization: Literal["", "nf4", "int8"] = Field(default="", exclude_if=lambda kind: not kind)
    """Only of an untuned run: the base model is judged as the trials of its job start from it."""
    row_order: RowOrder = Field(default="file", exclude_if=lambda order: order == "file")
    """Of the rows that are judged, of those of eval_loss, and of examples in prompts. Specs from before there was a
    choice say nothing, and took the first rows."""
    rungs: Rungs | None = Field(default=None, exclude_if=lambda asked: asked is None)
    """Only for trials that a search may stop early. They add evaluations to the training, and change no weight."""
    race: RaceSpec | None = Field(default=None, exclude_if=lambda asked: asked is None)
    """Only for trials that may be judged on fewer rows, if they clearly cannot be among the best."""
    reuse: Reuse | None = Field(default=None, exclude_if=lambda asked: asked is None)
    """Only for controls of a job, if an earlier job has trained the same. If that run was changed, this one is trained.
    """


class RunOutcome(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class FailureReason(StrEnum):
    """Why a run or an execution of it failed. Those of INFRASTRUCTURE are not the fault of the configuration."""

    DIVERGED = "diverged"
    USER_ERROR = "user_error"
    JUDGE_ERROR = "judge_error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    ERROR = "error"
    NO_SPACE = "no_space"
    LOST = "lost"
    """The worker process is gone."""
    RUNNER_LOST = "runner_lost"
    """The process that ran the whole job is gone, or released the job."""
    QUARANTINED = "set_aside"
    """The worker was quarantined before the run began."""


INFRASTRUCTURE: Final = frozenset(
    {FailureReason.NO_SPACE, FailureReason.LOST, FailureReason.RUNNER_LOST, FailureReason.QUARANTINED}
)


class Usage(Value):
    """A judge's use of a service. `cost` is in the currency of the configured prices; 0 without prices."""

    calls: int = 0
    cache_hits: int = 0
    """Items whose judgement was in the cache."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


class RacedOut(Value):
    """What is known of a run of which only the first `rows` of `planned` rows were judged.

    Scores from 0 to 1: `judged_mean` on the judged rows, `estimate` on all of them with its 95% interval, and
    `to_reach`, the score that it clearly could not reach.
    """

    rows: int
    planned: int
    judged_mean: float
    to_reach: float
    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"Raced out after {self.rows} of {self.planned} rows: {self.judged_mean:.4f} on these, about"
            f" {self.estimate:.4f} ({self.low:.4f} to {self.high:.4f}) on all, and {self.to_reach:.4f} to reach."
        )


class JudgeResult(Value):
    """A judge's result for one run and split, stored as `verdict`. `score_mean`, 0 to 1, is the mean of the scores.

    An item that could not be judged has no score, and counts 0 in the mean; `failures` lists the most frequent reasons.
    `usage` is None if the judge called no service.
    """

    judge: str
    judge_version: str
    split: str
    items: int
    score_mean: float
    score_best: float | None = Field(default=None, exclude_if=lambda score: score is None)
    """The mean if each item that could not be judged had the best score. None in results from before such items counted
    0: they left them out of the mean."""
    metrics: dict[str, float] = {}
    item_scores: list[float | None]
    failed_items: int = 0
    failures: list[str] = []
    usage: Usage | None = None
    second_scores: list[float | None] | None = Field(default=None, exclude_if=lambda scores: scores is None)
    """The scores of a second judging of the same outputs; None if there was none, or it failed."""
    row_order: RowOrder = Field(default="file", exclude_if=lambda order: order == "file")
    """The order of the items. Only items of one order are the same rows at the same index."""
    item_groups: list[int] | None = Field(default=None, exclude_if=lambda groups: groups is None)
    """A number for each item that items of one group share; None if the rows have no groups."""
    raced_out: RacedOut | None = Field(default=None, exclude_if=lambda found: found is None)
    """Of a run that was judged on a part of its rows: the items are these, and `score_mean` is the estimate for all."""


class GuardResult(Value):
    """The judge's result for one guard of a run's spec, and the guard's dataset."""

    dataset: DatasetRef
    verdict: JudgeResult


class RunResult(Value):
    """The result of a run, written last as `result.json`.

    `metrics` contains finite numbers only, under the names of `metrics.METRICS`. `files` maps each file of the
    run's folder to its sha256. `environment` is the small part of the environment snapshot.
    """

    version: Literal[1] = SPEC_VERSION
    run_id: str
    outcome: RunOutcome
    reason: FailureReason | None = None
    error: str = ""
    step: int = 0
    metrics: dict[str, float] = {}
    verdict: JudgeResult | None = None
    guards: list[GuardResult] = Field(default=[], exclude_if=_is_empty)
    """In the order of the spec's guards: all of them, or none if the run ended earlier."""
    judge_usage: Usage | None = None
    """Recorded even if the run failed or was canceled while it was judged."""
    environment: dict[str, Any] = {}
    timings: dict[str, float] = {}
    files: dict[str, str] = {}
    started_at: str
    finished_at: str
