from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunix.pipeline.failures import JudgeFailed, UnknownJudge
from tunix.pipeline.folder import read_predictions, write_predictions
from tunix.pipeline.judges import JUDGES, Judge, JudgeContext, JudgeItem, Judgement, Outputs
from tunix.pipeline.judges.judging import judge_items, judge_result, scores_of_rows
from tunix.pipeline.judges.options import judge_named
from tunix.pipeline.spec import JudgeResult


def test_unknown_judge_names_the_nearest() -> None:
    with pytest.raises(UnknownJudge, match="Did you mean 'numeric_match'"):
        judge_named("numeric_mach")


class Broken:
    name = "broken"
    version = "1"
    help = ""

    def __init__(self, scores: list[float] | None) -> None:
        self.scores = scores

    def judge(self, items: object) -> list[float]:
        if self.scores is None:
            raise RuntimeError("no")
        return self.scores


def judged(judge: Judge, items: list[JudgeItem], truncated: list[bool]) -> JudgeResult:
    return judge_result(judge, "test", judge_items(judge, items, JudgeContext()), Outputs(items, truncated))


@pytest.mark.parametrize("scores", [None, [], [1.0, 1.0], [2.0], [float("nan")]])
def test_judge_that_fails_is_said_to_have_failed(scores: list[float] | None) -> None:
    with pytest.raises(JudgeFailed, match="broken"):
        judged(Broken(scores), [JudgeItem("a", "b", "c")], [False])


def test_the_result_is_the_mean_of_the_scores() -> None:
    items = [JudgeItem("a", "1", "1"), JudgeItem("a", "1", "2")]
    result = judged(JUDGES["answer_correctness"], items, [False, True])
    assert (result.score_mean, result.item_scores) == (0.5, [1.0, 0.0])
    assert result.metrics == {"truncated_share": 0.5}


def test_the_score_of_a_row_is_the_mean_of_its_samples() -> None:
    items = [JudgeItem("a", "1", text) for text in ("1", "2", "1", "1", "2", "1")]
    outputs = Outputs(items, [False] * 6, samples=2)
    judge = JUDGES["answer_correctness"]
    result = judge_result(judge, "test", judge_items(judge, items, JudgeContext()), outputs)
    assert (result.items, result.item_scores) == (3, [0.5, 1.0, 0.5])


def test_a_sample_without_a_score_counts_0_in_its_row() -> None:
    judgements = [Judgement(1.0), Judgement(None, error="no"), Judgement(None), Judgement(None)]
    assert scores_of_rows(judgements, samples=2) == [0.5, None]


@pytest.mark.parametrize(("samples", "places"), [(1, [5, 0, 3, 1, 2, 9]), (3, [7, 2]), (3, [])])
def test_predictions_are_read_as_they_were_written(samples: int, places: list[int], tmp_path: Path) -> None:
    outputs = Outputs([JudgeItem("a", "b", str(number)) for number in range(6)], [True] * 6, samples, places)
    write_predictions(tmp_path, outputs)
    assert read_predictions(tmp_path) == outputs


def test_the_best_score_counts_samples_without_one_as_right() -> None:
    items = [JudgeItem("a", "1", "1")] * 4
    judgements = [Judgement(0.5), Judgement(None, error="no"), Judgement(0.0), Judgement(0.0)]
    result = judge_result(JUDGES["answer_correctness"], "test", judgements, Outputs(items, [False] * 4, samples=2))
    assert (result.score_mean, result.score_best, result.item_scores) == (0.125, 0.375, [0.25, 0.0])


@pytest.mark.parametrize("share", ["0.1", "0.5"])
def test_an_item_without_a_score_counts_0_in_the_mean(share: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_MAX_FAILED_SHARE", share)
    items = [JudgeItem("a", "1", "1"), JudgeItem("a", "[", "1")]
    result = judged(JUDGES["regex_match"], items, [False, False])
    assert (result.score_mean, result.item_scores, result.failed_items) == (0.5, [1.0, None], 1)
    assert result.score_best == 1.0
    assert result.failures == ["The pattern is not a regular expression: unterminated character set at position 1."]


@pytest.mark.parametrize(("share", "message"), [("0", "could not judge 1 of 2"), ("1", "could not judge 2 of 2")])
def test_too_many_items_without_a_score_give_no_result(
    share: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE_MAX_FAILED_SHARE", share)
    items = [JudgeItem("a", "1" if share == "0" else "[", "1"), JudgeItem("a", "[", "1")]
    with pytest.raises(JudgeFailed, match=message):
        judged(JUDGES["regex_match"], items, [False, False])


def test_of_few_items_one_may_fail_and_no_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_MAX_FAILED_SHARE", "0.1")
    items = [JudgeItem("a", "1", "1")] * 6 + [JudgeItem("a", "[", "1")] * 2
    assert judged(JUDGES["regex_match"], items[:7], [False] * 7).failed_items == 1
    with pytest.raises(JudgeFailed, match="could not judge 2 of 8"):
        judged(JUDGES["regex_match"], items, [False] * 8)


def test_a_result_from_before_failures_were_counted_can_be_read() -> None:
    old = '{"judge": "x", "judge_version": "1", "split": "test", "items": 1, "score_mean": 1.0, "item_scores": [1.0]}'
    result = JudgeResult.model_validate_json(old)
    assert (result.failed_items, result.failures, result.usage, result.score_best) == (0, [], None, None)
    assert result.model_dump(mode="json", exclude_defaults=True) == json.loads(old)
