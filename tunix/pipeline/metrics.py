"""The metrics of a run, and whether higher or lower is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tunix.pipeline.judges import JUDGES

Mode = Literal["max", "min"]


@dataclass(frozen=True)
class Metric:
    """A number that a run ends with; `mode` says whether it is maximized or minimized."""

    name: str
    mode: Mode
    unit: str
    help: str


_OF_A_RUN = (
    Metric("score_mean", "max", "", "Mean of the judge's scores over the judged rows, 0 to 1."),
    Metric("eval_loss", "min", "nats per token", "Loss on validation rows after training, over answer tokens only."),
    Metric(
        "eval_bpb",
        "min",
        "bits per byte",
        "The same loss in bits per byte of the answers in UTF-8: comparable between tokenizers.",
    ),
    Metric(
        "train_loss",
        "min",
        "nats per token",
        "Mean training loss of the last steps, over answer tokens only.",
    ),
    Metric("train_seconds", "min", "s", "Training time, including evaluations."),
    Metric("tokens_per_second", "max", "tokens/s", "Training tokens per second, without padding."),
    Metric("evaluation_share", "min", "", "Share of the run's time spent on generating and judging answers, 0 to 1."),
    Metric("truncated_share", "min", "", "Share of predictions that did not end within max_new_tokens, 0 to 1."),
)
FACTS = (
    Metric(
        "train_compilations",
        "min",
        "programs",
        "How often the training step was compiled: 0 if a run before on the same worker had the same shapes.",
    ),
    Metric("trained_parameters", "min", "", "Number of parameters that were trained."),
    Metric("peak_memory_bytes", "min", "bytes", "Most memory that the worker process has taken so far."),
)
"""Numbers of a run that no search is led by."""

OF_VALIDATION = ("eval_loss", "eval_bpb")
"""The metrics that a run has only if its dataset has validation rows."""

_OF_JUDGES = tuple(
    Metric(judge.name, "max", "", f"score_mean of this judge: {judge.help}") for judge in JUDGES.values()
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in (*_OF_A_RUN, *FACTS, *_OF_JUDGES)}


def metric_names(judge: str) -> list[str]:
    """The metrics of a run judged by `judge`: those of every run, and the judge's name as an alias of score_mean."""
    return [*(metric.name for metric in _OF_A_RUN), judge]


def default_mode(name: str) -> Mode:
    """Whether the metric is maximized or minimized. Raises KeyError for an unknown one."""
    return METRICS[name].mode
