"""Further objectives of a job: what may be asked, and what is resolved."""

import json

import pytest

from tuning.domain.job_definition import InvalidJob, JobDefinition
from tuning.domain.selection.objectives import ONE_OBJECTIVE, Objective, too_many_for, value_in, values_in
from tuning.domain.tests.factories import make_request
from tunix.pipeline.spec import JudgeResult, RunResult

SPEED = {"metric": "tokens_per_second", "mode": "max"}
LOSS = {"metric": "eval_loss", "mode": "min"}


def parse(objectives, **overrides):
    return JobDefinition.parse(make_request(objectives_json=objectives, **overrides))


def errors_of(objectives, **overrides):
    with pytest.raises(InvalidJob) as caught:
        parse(objectives, **overrides)
    return caught.value.errors


def test_objectives_are_read_back_the_same():
    definition = parse([SPEED, LOSS])
    assert definition.to_json()["objectives_json"] == [SPEED, LOSS]
    assert JobDefinition.parse(json.loads(json.dumps(definition.to_json()))) == definition


def test_a_metric_decides_its_mode():
    assert parse([{"metric": "eval_loss"}]).objectives == (Objective("eval_loss", "min"),)


@pytest.mark.parametrize("nothing", [None, []])
def test_no_further_objective_is_null(nothing):
    assert parse(nothing).to_json()["objectives_json"] is None


@pytest.mark.parametrize(
    ("objectives", "path", "words"),
    [
        ({}, "objectives_json", "list"),
        ([SPEED] * 5, "objectives_json", "At most 4"),
        (["eval_loss"], "objectives_json.0", "object"),
        ([SPEED, {}], "objectives_json.1.metric", "Required"),
        ([{"metric": "eval_los"}], "objectives_json.0.metric", "Did you mean 'eval_loss'?"),
        ([{"metric": "numeric_match"}], "objectives_json.0.metric", "Must be one of"),
        ([{"metric": "eval_loss", "mode": "less"}], "objectives_json.0.mode", "Must be one of max, min"),
        ([SPEED | {"weight": 2}], "objectives_json.0.weight", "Unknown field"),
        ([{"metric": "score_mean"}], "objectives_json.0.metric", "already"),
        ([{"metric": "answer_correctness"}], "objectives_json.0.metric", "already"),
        ([SPEED, SPEED], "objectives_json.1.metric", "already"),
    ],
)
def test_a_wrong_objective_is_refused_with_its_path(objectives, path, words):
    assert words in " ".join(errors_of(objectives)[path])


def test_the_wrong_direction_is_a_warning():
    assert "objectives_json.0.mode" in parse([SPEED | {"mode": "min"}]).warnings


@pytest.mark.parametrize("name", sorted(ONE_OBJECTIVE))
def test_a_sampler_of_one_objective_is_refused(name):
    assert "tpe, nsga2" in " ".join(too_many_for(name, [Objective("eval_loss", "min")])["algorithm_json.name"])
    assert too_many_for(name, []) == {}


@pytest.mark.parametrize("name", ["random", "sobol", "tpe"])
def test_other_samplers_take_several(name):
    assert parse([SPEED], algorithm_json={"name": name}).objectives


def test_values_that_are_no_finite_numbers_are_none():
    further = [Objective("eval_loss", "min"), Objective("train_loss", "min"), Objective("train_seconds", "min")]
    reported = {"eval_loss": 0.5, "train_loss": float("nan")}
    assert values_in(result(reported), further) == {"eval_loss": 0.5, "train_loss": None, "train_seconds": None}


@pytest.mark.parametrize("metric", ["score_mean", "gemma"])
def test_items_that_could_not_be_judged_have_the_worst_score(metric):
    scores = {"items": 4, "item_scores": [1.0, 0.0, 0.0, None], "score_mean": 0.25, "score_best": 0.5}
    judged = JudgeResult(judge="gemma", judge_version="1", split="validation", **scores)
    found = result({"score_mean": 0.25, "gemma": 0.25}, verdict=judged)
    assert [value_in(found, Objective(metric, mode)) for mode in ("max", "min")] == [0.25, 0.5]


def result(metrics, **fields):
    times = {"started_at": "2026-01-01T00:00:00+00:00", "finished_at": "2026-01-01T00:00:00+00:00"}
    return RunResult.model_construct(run_id="1", outcome="completed", metrics=metrics, **times, **fields)
