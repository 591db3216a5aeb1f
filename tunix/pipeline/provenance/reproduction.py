"""The report on a reproduction: which results are the same, which differ, and which inputs differ."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from tunix.pipeline.metrics import FACTS
from tunix.pipeline.provenance.differences import Difference, differences
from tunix.pipeline.provenance.row_changes import FIRST, SplitChange, clipped, row_changes
from tunix.pipeline.provenance.run_record import RunRecord, ScoredPrediction
from tunix.pipeline.spec import Value

TIMES: Final = frozenset({"train_seconds", "tokens_per_second", "evaluation_share", *(fact.name for fact in FACTS)})
"""Metrics of the worker and its machine, which may differ between any two runs; they are not compared."""


class Outcome(StrEnum):
    """`identical`: the same rows, predictions and scores. `not_compared`: one of the runs cannot be read."""

    IDENTICAL = "identical"
    SAME_SCORE = "same_score"
    DIFFERENT = "different"
    NOT_COMPARED = "not_compared"


class PredictionChange(Value):
    """The two predictions for the row at `index` in its split; null if a run has no such row."""

    index: int
    prompt: str
    old: str | None
    new: str | None


class PredictionChanges(Value):
    """How many of the `compared` rows have different predictions, and the first of them."""

    compared: int = 0
    differing: int = 0
    first: list[PredictionChange] = []


class MetricPair(Value):
    """A metric of both runs; null if a run does not have it."""

    old: float | None
    new: float | None


class ReproductionReport(Value):
    """The result of a reproduction: `sentence` for people, the other fields for programs."""

    version: Literal[1] = 1
    outcome: Outcome
    sentence: str
    differences: list[Difference] = []
    rows: list[SplitChange] = []
    predictions: PredictionChanges = PredictionChanges()
    metrics: dict[str, MetricPair] = {}


def compare(old: RunRecord, new: RunRecord) -> ReproductionReport:
    """The report on `new`, a reproduction of `old`."""
    pairs = _pairs(old, new)
    changes = [change for place, pair in pairs if (change := _prediction_change(place, *pair))]
    predictions = PredictionChanges(compared=len(pairs), differing=len(changes), first=changes[:FIRST])
    before, now = _numbers(old), _numbers(new)
    names = sorted({*before, *now} - TIMES)
    metrics = {name: MetricPair(old=before.get(name), new=now.get(name)) for name in names}
    outcome = _outcome(old, new, predictions)
    found, rows = differences(old, new), row_changes(old, new)
    sentence = f"{_results_in_words(outcome, predictions, metrics)} {_inputs_in_words(outcome, found)}"
    return ReproductionReport(
        outcome=outcome, sentence=sentence, differences=found, rows=rows, predictions=predictions, metrics=metrics
    )


def not_compared(why: str) -> ReproductionReport:
    """The report if one of the runs can no longer be read."""
    return ReproductionReport(outcome=Outcome.NOT_COMPARED, sentence=f"The two runs could not be compared: {why}")


def _outcome(old: RunRecord, new: RunRecord, predictions: PredictionChanges) -> Outcome:
    same_rows = [found.row for found in old.predictions] == [found.row for found in new.predictions]
    same_scores = [found.score for found in old.predictions] == [found.score for found in new.predictions]
    if same_rows and same_scores and not predictions.differing:
        return Outcome.IDENTICAL
    same_score = old.result.metrics.get("score_mean") == new.result.metrics.get("score_mean")
    return Outcome.SAME_SCORE if same_score else Outcome.DIFFERENT


_Pair = tuple[ScoredPrediction | None, ScoredPrediction | None]


def _pairs(old: RunRecord, new: RunRecord) -> list[tuple[int, _Pair]]:
    """The predictions of both runs for each row of the split, and the row's place in it."""
    before, now = ({(one.place, one.sample): one for one in record.predictions} for record in (old, new))
    return [(key[0], (before.get(key), now.get(key))) for key in sorted({*before, *now})]


def _prediction_change(
    place: int, old: ScoredPrediction | None, new: ScoredPrediction | None
) -> PredictionChange | None:
    if old and new and old.prediction == new.prediction:
        return None
    prompt = (new or old).prompt  # type: ignore[union-attr]  # one of them is there
    texts = {name: clipped(one.prediction) if one else None for name, one in (("old", old), ("new", new))}
    return PredictionChange(index=place, prompt=clipped(prompt), **texts)


def _numbers(record: RunRecord) -> dict[str, float]:
    """The run's metrics, and its score on each guard."""
    guards = {
        f"guard {index} ({guard.dataset.key}, {guard.verdict.judge})": guard.verdict.score_mean
        for index, guard in enumerate(record.result.guards)
    }
    return record.result.metrics | guards


def _results_in_words(outcome: Outcome, predictions: PredictionChanges, metrics: dict[str, MetricPair]) -> str:
    score = metrics.get("score_mean", MetricPair(old=None, new=None))
    counted = f"{predictions.differing} of {predictions.compared} predictions"
    if outcome == Outcome.IDENTICAL:
        others = [name for name, pair in metrics.items() if pair.old != pair.new]
        but = f" Different metrics: {', '.join(others)}." if others else ""
        return (
            f"Identical: all {predictions.compared} predictions and the score {_number(score.new)} are the same.{but}"
        )
    if outcome == Outcome.SAME_SCORE:
        what = f"{counted} are not" if predictions.differing else "the rows or their scores are not"
        return f"The score is the same, {_number(score.new)}, but {what}."
    return f"Different: the score was {_number(score.old)} and is {_number(score.new)}; {counted} differ."


def _inputs_in_words(outcome: Outcome, found: list[Difference]) -> str:
    if found:
        groups = dict.fromkeys(difference.group.value.replace("_", " ") for difference in found)
        return f"Inputs that differ: {', '.join(groups)}."
    if outcome == Outcome.IDENTICAL:
        return "All inputs are the same."
    return (
        "All recorded inputs are the same. Look for a cause that is not recorded, such as a driver, another program"
        " that uses the device, or an accelerator that sums in no fixed order."
    )


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"
