"""Runs on rows in groups or with several answers, compared with a baseline, and what their evaluations say."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tunix.evaluation.analysis.comparison import compare_with_baseline
from tunix.evaluation.analysis.ties import TieBy, mark_ties
from tunix.evaluation.models import Evaluation
from tunix.evaluation.tests.factories import make_evaluation
from tunix.runs.models import TunixRun
from tunix.runs.outputs import Predictions
from tunix.runs.tests.factories import make_run, write_lines

from .compared import make_baseline, make_judged_run

pytestmark = pytest.mark.django_db

GROUPS = [index // 5 for index in range(100)]


def in_groups(wrong: set[int], **verdict: Any) -> TunixRun:
    """A run on 20 groups of five rows, of which the rows of some groups are all wrong."""
    return make_judged_run([0.0 if group in wrong else 1.0 for group in GROUPS], item_groups=GROUPS, **verdict)


def test_groups_are_the_units_of_a_comparison_with_a_baseline() -> None:
    baseline = make_baseline(run=in_groups({0, 1, 2}))
    compared = compare_with_baseline(baseline=baseline, run=in_groups({3, 4, 5, 6}))

    assert "over 20 groups" in compared.comparison.method
    assert compared.comparison.p > 0.5
    assert compared.comparison.losses == 20


def test_a_verdict_from_before_there_were_groups_has_those_of_the_other_side() -> None:
    baseline = make_baseline(run=make_judged_run([0.0 if group in {0, 1} else 1.0 for group in GROUPS]))
    compared = compare_with_baseline(baseline=baseline, run=in_groups({3}))

    assert "over 20 groups" in compared.comparison.method


def test_groups_are_the_units_of_ties_on_the_leaderboard() -> None:
    in_groups(set())
    in_groups({0, 1})
    ranked = Evaluation.objects.leaderboard()
    entries = list(ranked)
    mark_ties(entries, ranked)

    assert entries[1].tie.by == TieBy.PAIRED
    assert entries[1].tie.p == 0.5  # two groups that differ; as ten rows they would have p 0.002


def sampled(answers: list[list[str]], **verdict: Any) -> TunixRun:
    """A run with several answers for each row, which are right if they are "right"."""
    run, samples = make_run(), len(answers[0])
    lines, judged, scores = [], [], []
    for row, texts in enumerate(answers):
        for sample, text in enumerate(texts):
            index = row * samples + sample
            said = {"index": index, "row": 10 + row, "sample": sample, "prompt": f"p{row}", "answer": "right"}
            lines.append(said | {"prediction": text, "truncated": False})
            judged.append({"index": index, "score": float(text == "right")})
        scores.append(sum(text == "right" for text in texts) / samples)
    write_lines(run.work_dir() / "predictions.jsonl", lines)
    write_lines(run.work_dir() / "judgements.jsonl", judged)
    mean = sum(scores) / len(scores)
    make_evaluation(run, items=len(scores), samples=samples, item_scores=scores, score_mean=mean, **verdict)
    return run


def test_a_changed_row_shows_its_own_answers_and_those_that_make_the_difference() -> None:
    baseline = make_baseline(run=sampled([["right", "right"], ["right", "right"], ["x", "right"]]))
    run = sampled([["right", "right"], ["right", "wrong in 1"], ["x", "right"]])
    (changed,) = compare_with_baseline(baseline=baseline, run=run).changed_items()

    assert (changed.index, changed.prompt, changed.difference) == (11, "p1", -0.5)
    assert (changed.prediction, changed.baseline_prediction) == ("wrong in 1", "right")


def test_a_row_that_is_better_shows_the_best_answer_and_the_worst_of_the_baseline() -> None:
    baseline = make_baseline(run=sampled([["right", "no"], ["right", "right"]]))
    run = sampled([["right", "right"], ["right", "right"]])
    (changed,) = compare_with_baseline(baseline=baseline, run=run).changed_items()

    assert (changed.prediction, changed.baseline_prediction) == ("right", "no")


@pytest.mark.parametrize("samples", [1, 3])
def test_answers_are_counted_by_row(samples: int) -> None:
    found = Predictions(sampled([["a"] * samples, ["b"] * samples]).work_dir())

    assert found.samples == samples
    assert [row["prediction"] for row in found.of_item(1)] == ["b"] * samples
    assert found.of_item(2) == []


def test_the_page_counts_answers_where_a_row_has_several(web: Client) -> None:
    """One of ten answers is not judged; its row has a score by the other one."""
    run = sampled([["right", "x"]] * 5, failed_items=0, score_best=0.6, failures_json=["no JSON"])
    page = web.get(run.evaluations.get().get_absolute_url()).content.decode()

    assert "1 of 10 answers could not be judged" in page
    assert "0 of 5 rows" not in page


def test_the_page_counts_rows_where_each_has_one_answer(web: Client) -> None:
    run = make_judged_run([None, 1.0], failed_items=1, score_best=1.0, failures_json=["no JSON"])

    assert "1 of 2 rows could not be judged" in web.get(run.evaluations.get().get_absolute_url()).content.decode()
