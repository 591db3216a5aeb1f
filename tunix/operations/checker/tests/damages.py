"""Damages that are planted in finished work, each with the rule that finds it, or why it does no harm."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone

from tuning.models import TrialMetric, TuningAttempt, TuningEvent, TuningJob, TuningTrial
from tunix.datasets.models import Dataset
from tunix.evaluation.models import Evaluation
from tunix.runs.models import BaseModel, TunixRun

from .finished import Finished, write_raw

Plant = Callable[[Finished], object]


@dataclass(frozen=True)
class Damage:
    """What is done, and the rule that finds it; of a harmless damage, why it is none."""

    name: str
    plant: Plant
    rule: str = ""
    harmless: str = ""
    sqlite_only: bool = False


def removed(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garbage(path: Path) -> None:
    path.write_bytes(b"\xff\x00\xfe" * 40)


def nested(path: Path) -> None:
    path.write_text("[" * 100_000)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def flipped(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(reversed(lines)))


def one_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def edited(**values: Any) -> Callable[[Path], None]:
    """Sets fields of an object in a file."""

    def edit(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    edit.__name__ = f"edited {values}"
    return edit


def without(name: str) -> Callable[[Path], None]:
    """Removes a field of an object in a file."""

    def edit(path: Path) -> None:
        path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != name}))

    edit.__name__ = f"without {name}"
    return edit


def a_list(path: Path) -> None:
    path.write_text("[]")


def columns(row: Callable[[Finished], Any], **values: Any) -> Plant:
    """Sets columns of a row."""

    def plant(finished: Finished) -> None:
        found = row(finished)
        type(found)._default_manager.filter(pk=found.pk).update(**values)

    return plant


def raw(row: Callable[[Finished], Any], **values: Any) -> Plant:
    """Sets columns of a row past every check."""
    return lambda finished: write_raw(row(finished), **values)


# Where a damage is done.


def job(finished: Finished) -> TuningJob:
    return finished.job


def trial(finished: Finished) -> TuningTrial:
    return finished.job.trials.get(number=1)


def attempt(finished: Finished) -> TuningAttempt:
    return trial(finished).attempts.latest("number")


def winner(finished: Finished) -> TunixRun:
    return finished.winner


def single(finished: Finished) -> TunixRun:
    return finished.single


def verdict(finished: Finished) -> Evaluation:
    return finished.winner.evaluations.get()


def rejudged(finished: Finished) -> Evaluation:
    return finished.rejudged


def dataset(finished: Finished) -> Dataset:
    return finished.job.dataset


def model(finished: Finished) -> BaseModel:
    return finished.model


def point(finished: Finished) -> TrialMetric:
    return TrialMetric.objects.filter(attempt=attempt(finished)).latest("step")


def event(finished: Finished) -> TuningEvent:
    return finished.job.events.latest("pk")


def _file(where: Callable[[Finished], Path], name: str, rule: str, *edits: Callable[[Path], None]) -> Iterator[Damage]:
    for edit in edits:
        label = f"{where.__name__.removeprefix('of_')}/{name}: {edit.__name__}"
        yield Damage(label, partial(_plant_in_file, where, name, edit), rule)


def _plant_in_file(
    where: Callable[[Finished], Path], name: str, edit: Callable[[Path], None], finished: Finished
) -> None:
    edit(where(finished) / name)


def of_job(finished: Finished) -> Path:
    return finished.job.work_dir()


def of_winner(finished: Finished) -> Path:
    return finished.winner.work_dir()


def of_single(finished: Finished) -> Path:
    return finished.single.work_dir()


def of_rejudged(finished: Finished) -> Path:
    return finished.rejudged.work_dir()


def of_dataset(finished: Finished) -> Path:
    return finished.rows


def of_model(finished: Finished) -> Path:
    return finished.model_folder


def _files() -> Iterator[Damage]:
    best = (removed, cut_in_half, garbage, nested, pipe, folder, circle, a_list)
    yield from _file(of_job, "best.json", "best_file_says_the_same", *best, edited(best_value=0.9), without("guards"))
    yield from _file(of_job, "best.json", "best_file_says_the_same", edited(verdict={"outcome": "better"}))
    for name in ("request.json", "param_space.json"):
        yield from _file(of_job, name, "definition_files_are_there", removed, cut_in_half, nested, pipe, a_list)
    yield from _file(of_job, "request.json", "definition_is_as_it_was", edited(seed=7), without("search_space_json"))
    yield from _file(of_job, "param_space.json", "definition_is_as_it_was", edited(search={}), edited(fixed={}))
    yield from _file(of_job, "param_space.json", "definition_is_as_it_was", edited(dataset_version="0"))
    result = (removed, cut_in_half, garbage, nested, pipe, folder, circle, a_list, edited(step=99), one_byte)
    yield from _file(of_winner, "result.json", "files_are_as_they_were", *result)
    for name in ("predictions.jsonl", "judgements.jsonl", "metrics.jsonl", "spec.json", "log.txt"):
        yield from _file(of_winner, name, "files_are_as_they_were", removed, one_byte, pipe)
    yield from _file(of_winner, "checkpoint/weights.safetensors", "files_are_as_they_were", removed, one_byte, pipe)
    yield from _file(of_winner, "checkpoint", "weights_are_kept", removed)
    yield from _file(of_single, "checkpoint", "weights_are_kept", removed)
    yield from _file(of_winner, "", "files_are_as_they_were", removed)
    yield from _file(of_rejudged, "", "verdicts_are_as_they_were", removed)
    yield from _file(of_rejudged, "result.json", "verdicts_are_as_they_were", removed, cut_in_half, nested, pipe)
    yield from _file(of_rejudged, "judgements.jsonl", "judged_files_are_as_they_were", removed, one_byte, pipe)
    rows = (removed, one_byte, flipped, pipe, folder)
    yield from _file(of_dataset, "train.jsonl", "datasets_are_as_they_were", *rows)
    manifest = (removed, cut_in_half, nested, garbage, pipe, a_list, edited(splits={}), without("splits"))
    yield from _file(of_dataset, "manifest.json", "datasets_are_as_they_were", *manifest)
    yield from _file(of_dataset, "manifest.json", "datasets_are_as_they_were", edited(schema="conversations"))
    yield from _file(of_dataset, "", "datasets_are_as_they_were", removed)
    for name in ("weights.safetensors", "tokenizer.json"):
        yield from _file(of_model, name, "model_is_as_it_was", removed, one_byte, pipe, folder)
    yield from _file(of_model, "lineage.json", "model_is_as_it_was", removed, cut_in_half, nested, pipe)
    yield from _file(of_model, "", "model_is_as_it_was", removed)


def _rows() -> Iterator[Damage]:
    hour = timedelta(hours=1)
    changed: list[tuple[Callable[[Finished], Any], dict[str, Any], str]] = [
        (job, {"best_value": 0.9}, "best_is_the_best_of_the_rows"),
        (job, {"best_params_json": {}}, "best_is_the_best_of_the_rows"),
        (job, {"best_run": None}, "best_is_the_best_of_the_rows"),
        (job, {"metric_mode": "min"}, "best_is_the_best_of_the_rows"),
        (job, {"search_space_json": {"batch_size": {"type": "choice", "values": [1]}}}, "definition_is_as_it_was"),
        (job, {"search_space_json": "loguniform"}, "definition_is_as_it_was"),
        (job, {"fixed_params_json": {"num_epochs": 9}}, "definition_is_as_it_was"),
        (job, {"algorithm_json": {"name": "tpe"}}, "definition_is_as_it_was"),
        (job, {"evaluation_json": {}}, "definition_is_as_it_was"),
        (job, {"constraints_json": ["batch_size < 3"]}, "definition_is_as_it_was"),
        (job, {"seed": 7}, "definition_is_as_it_was"),
        (job, {"metric_name": "eval_loss"}, "definition_is_as_it_was"),
        (job, {"guards_json": [{"dataset_key": "x"}]}, "definition_is_as_it_was"),
        (job, {"num_samples": 1}, "slots_are_used"),
        (job, {"status": "failed"}, "history_tells_the_state"),
        (job, {"epoch": 0}, "epochs_rise"),
        (job, {"verdict_json": {"outcome": "better"}}, "best_file_says_the_same"),
        (trial, {"metric_value": 0.99}, "values_are_those_of_the_runs"),
        (trial, {"params_json": {"batch_size": 64}}, "parameters_are_as_they_were"),
        (trial, {"params_json": []}, "parameters_are_as_they_were"),
        (trial, {"status": "failed"}, "trials_are_counted_once"),
        (trial, {"number": 5}, "trials_are_numbered"),
        (trial, {"run": None}, "trials_name_the_run_that_counts"),
        (trial, {"trained_steps": 3}, "trials_are_as_their_results"),
        (trial, {"guards_json": [0.5]}, "trials_are_as_their_results"),
        (attempt, {"epoch": 7}, "epochs_rise"),
        (attempt, {"outcome": "lost"}, "trials_are_counted_once"),
        (attempt, {"number": 4}, "attempts_are_numbered"),
        (winner, {"metrics_json": {"score_mean": 0.99}}, "values_are_those_of_the_runs"),
        (winner, {"metrics_json": []}, "runs_are_as_their_results"),
        (winner, {"config_json": []}, "runs_have_their_trials_parameters"),
        (winner, {"config_json": {}}, "runs_have_their_trials_parameters"),
        (winner, {"result_hash": "0" * 64}, "files_are_as_they_were"),
        (winner, {"environment_json": {"threads": 64}}, "runs_are_as_their_results"),
        (winner, {"seed": 99}, "runs_are_as_their_results"),
        (winner, {"output_dir": "runs/elsewhere"}, "runs_are_as_their_results"),
        (winner, {"status": "lost"}, "attempts_and_runs_agree"),
        (single, {"metrics_json": {"score_mean": 0.99}}, "runs_are_as_their_results"),
        (single, {"finished_at": None}, "ended_work_is_closed"),
        (verdict, {"score_mean": 0.99}, "verdicts_are_as_they_were"),
        (verdict, {"score_low": 0.01}, "verdicts_are_as_they_were"),
        (verdict, {"item_scores": [1.0, 1.0, 1.0, 1.0]}, "verdicts_are_as_they_were"),
        (verdict, {"judge_version": "99"}, "verdicts_are_as_they_were"),
        (verdict, {"split": "test"}, "verdicts_are_as_they_were"),
        (rejudged, {"score_mean": 0.99}, "verdicts_are_as_they_were"),
        (rejudged, {"item_scores": "none"}, "verdicts_are_as_they_were"),
        (point, {"value": 0.01}, "curves_are_as_they_were"),
        (point, {"step": 11}, "curves_are_as_they_were"),
        (dataset, {"version": "0" * 64}, "datasets_are_as_they_were"),
        (dataset, {"train_rows": 9}, "datasets_are_as_they_were"),
        (dataset, {"manifest_json": {"splits": {}}}, "datasets_are_as_they_were"),
        (model, {"content_hash": "0" * 64}, "model_is_as_it_was"),
    ]
    for row, values, rule in changed:
        yield Damage(f"{row.__name__}: {values}", columns(row, **values), rule)
    yield Damage("job: ended before its time", columns(job, finished_at=None), "ended_jobs_are_closed")
    yield Damage("attempt: removed", lambda at: attempt(at).delete(), "trials_are_counted_once")
    yield Damage("trial: removed", lambda at: at.job.trials.filter(number=0).delete(), "trials_are_numbered")
    yield Damage("verdict: removed", lambda at: verdict(at).delete(), "verdicts_are_recorded")
    yield Damage("single: verdict removed", lambda at: at.single.evaluations.all().delete(), "verdicts_are_recorded")
    yield Damage("point: removed", lambda at: point(at).delete(), "curves_are_as_they_were")
    yield Damage("point: all removed", lambda at: TrialMetric.objects.all().delete(), "curves_are_as_they_were")
    yield Damage("event: removed", lambda at: at.job.events.all().delete(), "history_tells_the_state")
    late = columns(job, paused_at=timezone.now() - hour, status="running", finished_at=None)
    yield Damage("job: runs again by itself", late, "history_tells_the_state")


def _unreadable() -> Iterator[Damage]:
    text = "{not json"
    found: list[tuple[Callable[[Finished], Any], dict[str, Any]]] = [
        (job, {"search_space_json": text}),
        (job, {"created_at": "yesterday"}),
        (job, {"budget_json": text}),
        (trial, {"params_json": text}),
        (attempt, {"started_at": "soon"}),
        (trial, {"run": "nobody"}),
        (winner, {"config_json": text}),
        (winner, {"metrics_json": text}),
        (single, {"config_json": text}),
        (single, {"created_at": "2026-13-45"}),
        (single, {"epoch": "first"}),
        (verdict, {"item_scores": text}),
        (rejudged, {"metrics_json": text}),
        (dataset, {"manifest_json": text}),
        (model, {"details_json": text}),
        (event, {"job": "nobody"}),
    ]
    for row, values in found:
        name = f"{row.__name__}: {values}"
        rule = "history_tells_the_state" if "job" in values else "rows_can_be_read"
        yield Damage(name, raw(row, **values), rule, sqlite_only=True)
    numbers: list[tuple[Callable[[Finished], Any], dict[str, Any], str]] = [
        (job, {"num_samples": "many"}, "slots_are_used"),
        (job, {"epoch": "last"}, "epochs_rise"),
        (trial, {"metric_value": "good"}, "values_are_those_of_the_runs"),
        (verdict, {"score_mean": "good"}, "completed_evaluations_have_a_score"),
        (point, {"value": "low"}, "curves_are_as_they_were"),
    ]
    for row, values, rule in numbers:
        yield Damage(f"{row.__name__}: {values}", raw(row, **values), rule, sqlite_only=True)


def _harmless() -> Iterator[Damage]:
    def written(name: str) -> Plant:
        return lambda at: (of_job(at) / name).write_text("changed")

    at_another_end = columns(job, ray_storage_path="/elsewhere", progress_at=None)
    yield Damage("job: progress of a past epoch", at_another_end, harmless="only a running job reads it")
    yield Damage("runner's log: changed", written("runner.1.log"), harmless="nothing reads it but people")
    yield Damage("stray file", written("notes.txt"), harmless="prune_artifacts removes what no row names")
    yield Damage("job: notes", columns(job, notes="other"), harmless="a person may change them at any time")
    yield Damage("job: heartbeat", columns(job, heartbeat_at=None), harmless="a job that has ended has no lease")
    yield Damage("loser: weights", lambda at: removed(at.loser.work_dir() / "checkpoint"), harmless="they are pruned")


DAMAGES = [*_files(), *_rows(), *_unreadable(), *_harmless()]
