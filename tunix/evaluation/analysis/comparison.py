"""Compares a run with a baseline, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tunix.api.exceptions import Conflict
from tunix.pipeline.data.row_order import FILE_ORDER
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.judges.versions import without_options
from tunix.runs.models import TunixRun
from tunix.runs.outputs import Predictions
from tunix.statistics.regression import Regression, find_regression
from tunix.statistics.results import Comparison
from tunix.statistics.unjudged import counted

from ..choices import EvaluationStatus
from ..models import Baseline, Evaluation

ITEMS_SHOWN = 50


@dataclass(frozen=True)
class ChangedItem:
    """A row with a different score, by its index in its split, and both predictions. `difference`: run minus baseline.

    What could not be judged has the score 0. Of a row with several answers, each side shows one: see `most_different`.
    """

    index: int
    difference: float
    score: float
    baseline_score: float
    prompt: str
    answer: str
    prediction: str
    baseline_prediction: str


@dataclass(frozen=True)
class BaselineComparison:
    """Both verdicts, their comparison, and whether the run is a regression."""

    baseline: Baseline
    ours: Evaluation
    theirs: Evaluation
    comparison: Comparison
    regression: Regression

    def changed_items(self, limit: int = ITEMS_SHOWN) -> list[ChangedItem]:
        """Up to `limit` items with different scores, the worst first."""
        pairs = zip(counted(self.ours.item_scores), counted(self.theirs.item_scores), strict=True)
        items = [(index, ours, theirs) for index, (ours, theirs) in enumerate(pairs)]
        changed = sorted((one for one in items if one[1] != one[2]), key=lambda one: (one[1] - one[2], one[0]))
        return list(islice(self._items(changed), limit))

    def _items(self, changed: list[tuple[int, float, float]]) -> Iterator[ChangedItem]:
        now, before = Predictions(self.ours.outputs_dir()), Predictions(self.theirs.outputs_dir())
        for index, ours, theirs in changed:
            new, old = most_different(now.of_item(index), before.of_item(index), is_worse=ours < theirs)
            yield ChangedItem(
                index=new.get("row", index),
                difference=ours - theirs,
                score=ours,
                baseline_score=theirs,
                prompt=new.get("prompt", ""),
                answer=new.get("answer", ""),
                prediction=new.get("prediction", ""),
                baseline_prediction=old.get("prediction", ""),
            )


def most_different(
    new: Sequence[Mapping[str, Any]], old: Sequence[Mapping[str, Any]], *, is_worse: bool
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The two answers to a row that show why its score differs: of several, the worst of the worse side, and the best
    of the other.
    """

    def score(answer: Mapping[str, Any]) -> float:
        return answer.get("score") or 0.0

    of_ours, of_theirs = (min, max) if is_worse else (max, min)
    return of_ours(new, key=score, default={}), of_theirs(old, key=score, default={})


def compare_with_baseline(*, baseline: Baseline, run: TunixRun, max_drop: float = 0.0) -> BaselineComparison:
    """Compares `run` with the baseline over the same items. Raises Conflict if the items differ."""
    from tunix.statistics.paired import compare_items  # imports numpy

    ours, theirs = _verdicts(baseline, run)
    try:
        groups = ours.item_groups or theirs.item_groups  # the same rows; older verdicts have no groups
        comparison = compare_items(counted(ours.item_scores), counted(theirs.item_scores), groups=groups)
    except ValueError as error:
        raise Conflict(f"The two cannot be compared: {error}") from error
    return BaselineComparison(baseline, ours, theirs, comparison, find_regression(comparison, max_drop))


def _verdicts(baseline: Baseline, run: TunixRun) -> tuple[Evaluation, Evaluation]:
    """The verdicts on the run and on the baseline's run over the same items. Raises Conflict."""
    _refuse_other_data(baseline, run)
    ours = _verdicts_like(baseline, run)
    theirs = _verdicts_like(baseline, baseline.run)
    in_order = [evaluation for evaluation in theirs if evaluation.row_order == ours[0].row_order]
    for evaluation in in_order:
        if len(evaluation.item_scores) == len(ours[0].item_scores):
            return ours[0], evaluation
    if not in_order:
        raise Conflict(_in_other_order(ours[0]))
    raise Conflict(
        f"Different items: the baseline was judged on {len(in_order[0].item_scores)} items, this run on"
        f" {len(ours[0].item_scores)}. Rejudge one of them on as many rows."
    )


def _in_other_order(ours: Evaluation) -> str:
    """Why items cannot be paired of which one side was judged before rows were sampled, and what to do."""
    first, sample = ("this run", "the baseline") if ours.row_order == FILE_ORDER else ("the baseline", "this run")
    return (
        f"Different rows: an older version judged {first} on the first rows of the file, and {sample} was judged on a"
        f" sample of them. Rejudge {first}."
    )


def _refuse_other_data(baseline: Baseline, run: TunixRun) -> None:
    ours, theirs = (one.config_json["dataset"] for one in (run, baseline.run))
    if ours["key"] != theirs["key"]:
        raise Conflict(f"Different datasets: the baseline is for '{theirs['key']}', this run for '{ours['key']}'.")
    if ours["version"] != theirs["version"]:
        raise Conflict(
            f"Different rows: the baseline is for version {theirs['version'][:12]} of '{theirs['key']}',"
            f" this run for version {ours['version'][:12]}."
        )


def _verdicts_like(baseline: Baseline, run: TunixRun) -> list[Evaluation]:
    """The run's verdicts by the baseline's judge on its split, latest first. Raises Conflict if there are none."""
    asked = f"{baseline.judge} version {baseline.judge_version} on {baseline.split}"
    verdicts = Evaluation.objects.filter(run=run, status=EvaluationStatus.COMPLETED)
    found = list(verdicts.filter(judge=baseline.judge, split=baseline.split, judge_version=baseline.judge_version))
    if found:
        return found
    others = [f"{one.judge} version {one.judge_version} on {one.split}" for one in verdicts.defer("item_scores")]
    judged = f"was judged by {', '.join(dict.fromkeys(others))}" if others else "has no verdict"
    raise Conflict(f"The baseline is for {asked}; run {run.run_id[:8]} {judged}. {_way_to_judge_alike(baseline)}")


def _way_to_judge_alike(baseline: Baseline) -> str:
    judge = JUDGES.get(baseline.judge)
    if judge is None or judge.version == without_options(baseline.judge_version):
        return "Rejudge it with the judge of the baseline and its options."
    return (
        f"Now {judge.name} has version {judge.version}: rejudge this run and that of the baseline, and set the judge of"
        " the baseline again."
    )
