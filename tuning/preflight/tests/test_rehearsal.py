"""A rehearsal is measured in a process of its own, kept with the job, and told by the check."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from tuning.models import TuningJob
from tuning.preflight import check_job, rehearse_kept
from tuning.preflight import rehearsing as module
from tuning.preflight.expected import RAY_IMPORTS, Expected
from tuning.services.rehearsal_file import NAME, read_rehearsal, write_rehearsal
from tuning.services.rehearse import request_rehearsal
from tunix.api.exceptions import Conflict
from tunix.pipeline.rehearsal import Rehearsal

from ...tests.factories import job_request
from .added_jobs import add_tiny_model, import_rows, job_on, questions

pytestmark = pytest.mark.django_db

MEASURED = Rehearsal(
    import_seconds=1.0,
    setup_seconds=2.0,
    build_seconds=1.0,
    start_seconds=0.5,
    train_compile_seconds=10.0,
    train_compile_again_seconds=3.0,
    step_seconds=0.2,
    fixed_step_seconds=0.0,
    batch_size=8,
    length=12,
    evaluation_compile_seconds=4.0,
    evaluation_seconds=0.1,
    evaluation_batches=2,
    generation_compile_seconds=5.0,
    first_token_seconds=0.3,
    token_seconds=0.01,
    generation_batches=3,
    generation_programs=1,
    save_seconds=0.1,
    peak_bytes=1024**3,
)
MEASURE = module._measured
SPACE = {"batch_size": {"type": "choice", "values": [4, 8]}}
FIXED = {"num_steps": 100, "eval_every_steps": 0}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is replaced, but in the test of the process itself; there are processors for all workers."""
    monkeypatch.setattr(module, "_measured", lambda spec, on_line: on_line("Training.") and asdict(MEASURED))
    monkeypatch.setattr("tuning.preflight.expected.os.cpu_count", lambda: 8)


def job_of(**overrides: Any) -> TuningJob:
    data = import_rows("sound", questions("train"), questions("validation"))
    defaults = {"search_space_json": SPACE, "fixed_params_json": FIXED, "num_samples": 2}
    return job_on(data, **defaults | overrides)


def rehearsed(**overrides: Any) -> TuningJob:
    job = job_of(**overrides)
    write_rehearsal(job, "waiting")
    rehearse_kept(job)
    return job


def expected(job: TuningJob) -> Expected:
    found = check_job(job=job, needs_broker=False).expected
    assert found is not None
    return found


def messages(job: TuningJob, about: str) -> list[str]:
    findings = check_job(job=job, needs_broker=False).findings
    return [f"{one.level}: {one.message}" for one in findings if one.about == about]


def test_the_largest_setting_is_rehearsed() -> None:
    ranks, lengths = {"type": "choice", "values": [2, 16]}, {"type": "int", "min": 16, "max": 64}
    space = SPACE | {"lora_rank": ranks, "max_seq_length": lengths}
    job = job_of(base_model_id=add_tiny_model(), search_space_json=space, method="lora")

    spec = module.rehearsed_spec(job)

    large = {name: spec.hyperparameters[name] for name in ("batch_size", "max_seq_length", "lora_rank")}
    assert large == {"batch_size": 8, "max_seq_length": 64, "lora_rank": 16}
    assert (spec.method, spec.lora_max_rank, spec.prompt) == ("lora", 16, job.prompt)


def test_remat_is_not_the_largest_setting() -> None:
    space = SPACE | {"remat": {"type": "choice", "values": [True, False]}}

    assert module.rehearsed_spec(job_of(search_space_json=space)).hyperparameters["remat"] is False


def test_a_step_of_several_batches_is_rehearsed_as_one() -> None:
    space = SPACE | {
        "gradient_accumulation_steps": {"type": "choice", "values": [1, 4]},
        "packing": {"type": "choice", "values": [True, False]},
    }
    spec = module.rehearsed_spec(job_of(search_space_json=space))

    assert (spec.hyperparameters["gradient_accumulation_steps"], spec.hyperparameters["packing"]) == (4, False)


def test_a_job_that_packs_is_rehearsed_with_packing() -> None:
    assert module.rehearsed_spec(job_of(fixed_params_json=FIXED | {"packing": True})).hyperparameters["packing"]


def test_time_is_made_of_its_parts() -> None:
    found = expected(rehearsed(confirmation_json={"controls": False}))

    # two trials of 100 steps, of 4 or 8 rows; the rows are as long as those that were measured
    assert found.training == pytest.approx(2 * 100 * 0.2 * 0.75, rel=0.2)
    assert found.evaluating == pytest.approx(2 * 2 * 0.1)  # the loss before a training is known after the first
    assert found.generating == pytest.approx(2 * 3 * (0.3 + 0.01))
    assert found.starting == pytest.approx(RAY_IMPORTS + 3 + 2 * 0.1)
    assert found.compiling == pytest.approx(2 * 10 + 4 + 5)
    assert found.seconds == pytest.approx(sum(asdict(found)[name] for name in PARTS))


PARTS = ("starting", "compiling", "training", "evaluating", "generating", "other")


def test_what_does_not_grow_with_the_batch_is_not_scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    fixed = asdict(MEASURED) | {"fixed_step_seconds": 0.1}
    monkeypatch.setattr(module, "_measured", lambda spec, on_line: fixed)
    found = expected(rehearsed(confirmation_json={"controls": False}))

    assert found.training == pytest.approx(100 * (0.2 + 0.15), rel=0.01)  # 8 rows, and 4


def test_controls_and_proof_count() -> None:
    alone, with_controls = (
        expected(rehearsed(confirmation_json={"controls": controls, "seeds": 3})) for controls in (False, True)
    )

    # three default runs with the default batch of 32 rows, and one that trains nothing
    assert with_controls.training - alone.training == pytest.approx(3 * 100 * 0.2 * 4)
    assert with_controls.generating == pytest.approx(alone.generating * 6 / 2)


def test_a_proof_answers_the_rows_of_its_own_split() -> None:
    rows = {split: questions(split) for split in ("train", "validation", "test")}
    data = import_rows("whole", rows["train"], rows["validation"][:4], rows["test"])
    job = job_on(
        data,
        search_space_json=SPACE,
        fixed_params_json=FIXED,
        num_samples=2,
        confirmation_json={"automatic": True, "controls": False, "top": 1, "seeds": 2, "max_seeds": 3},
    )
    write_rehearsal(job, "waiting")
    rehearse_kept(job)

    # two trials and two finalists on four rows, and six runs on twelve
    assert expected(job).generating == pytest.approx(3 * (0.3 + 0.01) * (4 + 6 * 12 / 4))


def test_guards_are_answered_too() -> None:
    import_rows("other", questions("train"), questions("other"))
    guard = {"dataset": "other", "judge": "answer_correctness", "split": "validation", "max_drop": 0.1}
    alone, guarded = (expected(rehearsed(guards_json=guards)) for guards in ([], [guard]))

    assert guarded.generating == pytest.approx(2 * alone.generating)


def test_workers_share_the_trials_and_add_up_their_memory() -> None:
    one, two = (expected(rehearsed(max_concurrent_trials=count)) for count in (1, 2))

    assert two.peak_bytes - one.peak_bytes == MEASURED.peak_bytes
    assert one.seconds - two.seconds == pytest.approx((one.training + one.evaluating + one.generating + one.other) / 2)


def test_more_workers_than_processors_slow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuning.preflight.expected.os.cpu_count", lambda: 1)

    assert (
        expected(rehearsed(max_concurrent_trials=2)).seconds > expected(rehearsed(max_concurrent_trials=1)).seconds - 1
    )


def test_the_check_says_time_and_memory_in_words() -> None:
    job = rehearsed()

    (time,), (memory,) = messages(job, "time"), messages(job, "memory")
    assert time.startswith("ok: By the rehearsal, the job takes about ") and "compiling 3 training programs" in time
    assert "a trial takes up to 1.0 GiB of memory (batch_size 8, max_seq_length 256)" in memory


def test_too_little_memory_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuning.preflight.expected.memory_bytes", lambda: 1024**3)

    assert messages(rehearsed(), "memory")[0].startswith("problem: ")


def test_a_rehearsal_of_another_definition_does_not_count() -> None:
    job = rehearsed()
    job.fixed_params_json |= {"num_steps": 7}

    assert read_rehearsal(job) is None
    assert check_job(job=job, needs_broker=False).expected is None


def test_a_new_name_keeps_the_rehearsal() -> None:
    job = rehearsed()
    job.name, job.num_samples = "other", 4

    assert expected(job).training > 0


def test_a_failure_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_measured", lambda spec, on_line: {"error": "It did not fit."})

    assert messages(rehearsed(), "memory") == [
        "problem: The rehearsal with batch_size 8, max_seq_length 256 failed: It did not fit."
    ]


def test_an_unexpected_error_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError("no such program")

    monkeypatch.setattr(module, "_measured", broken)

    assert (kept := read_rehearsal(rehearsed())) is not None
    assert (kept.state, kept.error) == ("failed", "OSError: no such program")


@pytest.mark.parametrize(
    ("state", "error"), [("running", "Its worker is gone."), ("waiting", "No worker has begun it.")]
)
def test_one_that_says_nothing_for_long_has_failed(api: APIClient, state: str, error: str) -> None:
    job = job_of()
    silent(job, state)

    found = api.post(f"/api/tuning/jobs/{job.pk}/check").json()["rehearsal"]

    assert (found["state"], found["error"]) == ("failed", f"{error} Rehearse the job again.")
    assert request_rehearsal(job=job, actor=None)


def test_one_that_waited_for_long_is_still_rehearsed() -> None:
    job = job_of()
    silent(job, "waiting")
    rehearse_kept(job)

    assert (kept := read_rehearsal(job)) is not None and kept.state == "done"


def silent(job: TuningJob, state: str) -> None:
    """The rehearsal of the job in a state, of which nothing was heard for an hour."""
    kept = write_rehearsal(job, state)
    at = datetime.fromisoformat(kept.at) - timedelta(hours=1)
    (job.work_dir() / NAME).write_text(json.dumps(asdict(kept) | {"at": at.isoformat()}))


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ended_by(tmp_path, monkeypatch, "exec sleep 600", most_seconds=0.1)

    assert said == "The rehearsal did not end within 0.1 seconds. " + SMALLER


def test_a_process_that_is_killed_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ended_by(tmp_path, monkeypatch, "kill -9 $$")

    assert said == "The rehearsal was ended by signal 9: it probably did not fit into the memory. " + SMALLER


def test_what_libraries_write_is_no_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    ended_by(tmp_path, monkeypatch, "echo Training. >&2; echo W0000 slow operation >&2", on_line=lines.append)

    assert lines == ["Training."]


SMALLER = "Lower batch_size or max_seq_length, or set remat to true."


def ended_by(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    most_seconds: float = 60,
    on_line: Callable[[str], Any] = print,
) -> str:
    """The error of a rehearsal whose process runs this code."""
    (program := tmp_path / "program").write_text(f"#!/bin/sh\n{code}\n")
    program.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(program))
    monkeypatch.setattr(module, "MOST_SECONDS", most_seconds)
    return str(MEASURE(module.rehearsed_spec(job_of()), on_line)["error"])


def test_a_second_request_is_refused_while_the_first_waits() -> None:
    job = job_of()
    request_rehearsal(job=job, actor=None)

    with pytest.raises(Conflict, match="Cannot rehearse: It is being rehearsed"):
        request_rehearsal(job=job, actor=None)


def test_a_message_that_comes_twice_rehearses_once() -> None:
    job = rehearsed()
    before = read_rehearsal(job)
    rehearse_kept(job)

    assert read_rehearsal(job) == before


def test_the_page_and_the_api_show_it(api: APIClient, web: Client) -> None:
    job = rehearsed()
    found = api.post(f"/api/tuning/jobs/{job.pk}/check").json()
    page = web.get(job.get_absolute_url(), {"tab": "check"}).content.decode()

    assert found["rehearsal"]["state"] == "done"
    assert found["expected"]["programs"] == 3
    assert "memory of the job" in page


def test_the_page_says_how_far_it_is(web: Client) -> None:
    job = job_of()
    write_rehearsal(job, "running", doing="Compiling the training step.")

    assert "Compiling the training step." in web.get(job.get_absolute_url(), {"tab": "check"}).content.decode()


def test_the_command_rehearses_a_file(tmp_path: Path) -> None:
    job_of()
    (tmp_path / "job.json").write_text(json.dumps(job_request(dataset_key="sound")))
    call_command("tune", tmp_path / "job.json", "--check", "--rehearse", stdout=(out := StringIO()), stderr=StringIO())

    assert "ok       time: By the rehearsal" in out.getvalue()
