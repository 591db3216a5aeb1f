"""Running a completed run again: what is asked of the new run, what is refused, what the report says."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tunix.api.exceptions import Conflict, InvalidInput, OverQuota
from tunix.pipeline.data.rows import version_on_disk
from tunix.pipeline.spec import RunOutcome
from tunix.runs.choices import RunOrigin, RunStatus
from tunix.runs.models import TunixRun
from tunix.runs.reproducing import report_on, reproduce_run
from tunix.runs.tests.factories import make_dataset, make_run, write_result

from .reproduced import change_row, leave_files, make_trained_run

pytestmark = pytest.mark.django_db


def reproduced(source: TunixRun) -> TunixRun:
    return reproduce_run(run=source, actor=None)


def test_the_new_run_is_asked_for_the_same(user: Any) -> None:
    source = make_trained_run(name="first", project="nlp", hyperparameters={"seed": 7, "learning_rate": 1e-3})
    run = reproduce_run(run=source, actor=user)

    assert run.config_json | {"run_id": ""} == source.config_json | {"run_id": ""}
    assert (run.status, run.reproduces, run.owner, run.project) == (RunStatus.PENDING, source, user, "nlp")
    assert (run.seed, run.name) == (7, "reproduction of first")


def test_a_worker_is_woken(sent_tasks: Any, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = reproduced(make_trained_run())

    assert sent_tasks == [(TunixRun.TASK, [run.run_id])]


def test_a_trial_is_reproduced_as_a_single_run() -> None:
    assert reproduced(make_trained_run(origin=RunOrigin.TRIAL)).origin == RunOrigin.SINGLE


def test_changed_files_of_the_data_set_are_what_is_asked_for() -> None:
    source = make_trained_run()
    change_row(source.dataset)
    run = reproduced(source)

    assert run.spec.dataset.version == version_on_disk(source.dataset.folder) != source.spec.dataset.version


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.FAILED, RunStatus.PRUNED])
def test_only_a_completed_run_is_reproduced(status: RunStatus) -> None:
    with pytest.raises(Conflict, match="Only a completed run"):
        reproduced(make_run(status=status))


def test_a_run_without_files_has_nothing_to_compare_with() -> None:
    with pytest.raises(Conflict, match="could not be compared"):
        reproduced(make_run())


def test_a_run_whose_predictions_were_changed_is_refused() -> None:
    source = make_trained_run()
    (source.work_dir() / "predictions.jsonl").write_text("")

    with pytest.raises(Conflict, match=r"predictions\.jsonl"):
        reproduced(source)


def test_another_result_than_the_recorded_one_is_refused() -> None:
    source = make_trained_run()
    write_result(source, leave_files(source).model_copy(update={"step": 99}))

    with pytest.raises(Conflict, match=r"result\.json"):
        reproduced(source)


def test_a_data_set_whose_files_are_gone_is_told() -> None:
    source = make_trained_run()
    source.config_json["dataset"]["key"] = make_dataset("mine").key

    with pytest.raises(InvalidInput) as caught:
        reproduced(source)
    assert "missing" in caught.value.errors["dataset_key"][0]


def test_a_base_model_that_is_gone_is_told() -> None:
    source = make_trained_run()
    source.config_json["base_model_id"] = "none"

    with pytest.raises(InvalidInput) as caught:
        reproduced(source)
    assert list(caught.value.errors) == ["base_model_id"]


def test_a_judge_that_is_gone_is_told() -> None:
    source = make_trained_run()
    source.config_json["evaluation"]["judge"] = "none"

    with pytest.raises(InvalidInput) as caught:
        reproduced(source)
    assert list(caught.value.errors) == ["evaluation_json.judge"]


def test_the_quota_of_single_runs_counts(settings: Any) -> None:
    settings.MAX_ACTIVE_RUNS = 1
    source = make_trained_run()
    reproduced(source)

    with pytest.raises(OverQuota):
        reproduced(source)


def test_the_same_files_are_reported_as_identical() -> None:
    run = reproduced(make_trained_run())

    assert report_on(run, leave_files(run))["outcome"] == "identical"


def test_a_changed_row_is_in_the_report() -> None:
    source = make_trained_run()
    change_row(source.dataset, index=1)
    run = reproduced(source)
    report = report_on(run, leave_files(run))

    (split,) = report["rows"]
    assert (split["split"], split["changed"], split["first"][0]["index"]) == ("validation", 1, 1)
    assert split["first"][0]["new_answer"] == "changed"


def test_a_changed_training_row_is_in_the_report() -> None:
    source = make_trained_run()
    change_row(source.dataset, "train", index=3)
    run = reproduced(source)

    assert report_on(run, leave_files(run))["rows"][0]["sentence"].startswith("The train split changed in row 3 ")


def test_a_source_that_is_lost_meanwhile_is_told_in_the_report() -> None:
    source = make_trained_run()
    run = reproduced(source)
    shutil.rmtree(source.work_dir())

    assert report_on(run, leave_files(run))["outcome"] == "not_compared"


def test_a_damaged_file_costs_the_report_and_not_the_run() -> None:
    run = reproduced(make_trained_run())
    result = leave_files(run)
    (run.work_dir() / "predictions.jsonl").write_text("no json\n")

    report = report_on(run, result)
    assert (report["outcome"], "Line 1 of predictions.jsonl is damaged." in str(report)) == ("not_compared", True)


def test_a_reproduction_that_failed_has_no_report() -> None:
    run = reproduced(make_trained_run())

    assert report_on(run, leave_files(run, outcome=RunOutcome.FAILED, verdict=None)) == {}


def test_other_runs_have_no_report() -> None:
    run = make_trained_run()

    assert report_on(run, leave_files(run)) == {}


def test_a_run_from_before_a_hyperparameter_was_asked_for_the_same() -> None:
    source = make_trained_run()
    del source.config_json["hyperparameters"]["packing"]
    source.save()
    run = reproduced(source)
    metrics = {"score_mean": 0.25, "eval_loss": 0.5}
    report = report_on(run, leave_files(run, metrics=metrics | {"train_compilations": 1, "peak_memory_bytes": 10}))

    assert report["differences"] == []
    assert not {"train_compilations", "peak_memory_bytes"} & report["metrics"].keys()


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_race_is_held_again_over_the_same_rows_only(is_changed: bool) -> None:
    source = make_trained_run()
    source.config_json["race"] = {"expected": [0.5, 0.25], "chance": 0.01}
    source.config_json["dataset"]["version"] = version_on_disk(source.dataset.folder)
    source.save()
    if is_changed:
        change_row(source.dataset)

    race = reproduced(source).spec.race
    assert (race is None) == is_changed
    assert is_changed or race == source.spec.race
