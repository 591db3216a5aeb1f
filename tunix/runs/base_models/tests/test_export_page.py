"""A run is exported by a button on its page, and an export is compared with its run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tunix.runs import exporting
from tunix.runs.base_models import export_checks
from tunix.runs.base_models.promotion import promote_single_run
from tunix.runs.export_requests import export_waiting
from tunix.runs.kept_exports import NAME, export_dir, read_export, write_export
from tunix.runs.models import TunixRun
from tunix.runs.tests.checkpoints import make_promotable_run
from tunix.runs.tests.folder_runs import make_folder_run

from .test_export_run import CHECK, SENTENCES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smoke_test", "artifacts_dir")]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replaces the comparison: what it finds, which a test may change."""
    found: dict[str, Any] = dict(CHECK)
    for module in (exporting, export_checks):
        monkeypatch.setattr(module, "run_json_process", lambda *args, **options: dict(found))
    return found


@pytest.fixture
def run(tmp_path: Path) -> TunixRun:
    return make_folder_run(tmp_path / "base", name="sums")


def press(web: Client, run: TunixRun) -> str:
    return web.post(reverse("runs:run-export", args=[run.pk]), follow=True).content.decode()


@pytest.mark.usefixtures("check")
def test_the_button_has_a_worker_export_the_run(
    web: Client, run: TunixRun, sent_tasks: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        waiting = press(web, run)
    export_waiting(run)
    page = web.get(run.get_absolute_url()).content.decode()

    assert sent_tasks == [("tunix.runs.export_run", [str(run.pk)])]
    assert "A worker writes the folders" in waiting and 'hx-trigger="every 2s"' in waiting
    assert f"vllm serve {export_dir(run)}/merged\nvllm serve" in page and "15 of 16 greedy answers are equal" in page
    assert "Move its folders away to export it again." in page


def test_a_refusal_is_shown(web: Client, run: TunixRun) -> None:
    write_export(run, "waiting")

    assert "The run is being exported." in press(web, run)


def test_an_export_that_fails_says_why(web: Client, run: TunixRun, tmp_path: Path) -> None:
    (tmp_path / "base" / "generation_config.json").write_text('{"eos_token_id": 3}')
    press(web, run)
    export_waiting(run)

    assert "was changed since it was added" in web.get(run.get_absolute_url()).content.decode()


@pytest.mark.usefixtures("check")
def test_a_message_that_comes_twice_exports_once(run: TunixRun) -> None:
    write_export(run, "waiting")
    export_waiting(run)
    before = read_export(run)
    export_waiting(run)

    assert before is not None and before.state == "done" and read_export(run) == before


def test_an_export_whose_worker_is_gone_has_failed(run: TunixRun) -> None:
    write_export(run, "running")
    kept = json.loads((export_dir(run) / NAME).read_text())
    (export_dir(run) / NAME).write_text(json.dumps(kept | {"at": "2025-03-12T10:00:00+00:00"}))

    assert (found := read_export(run)) is not None
    assert (found.state, found.error) == ("failed", "Its worker is gone. Export the run again.")


def test_the_page_of_a_run_of_a_built_in_model_offers_no_export(web: Client) -> None:
    assert 'id="export"' not in web.get(make_promotable_run().get_absolute_url()).content.decode()


def test_the_comparison_of_an_export_is_repeated(
    run: TunixRun, tmp_path: Path, check: dict[str, Any], capsys: Any
) -> None:
    exporting.export_run(run=run, target=tmp_path / "out", checked=False)
    call_command("compare_export", run.run_id, "--to", tmp_path / "out")

    assert SENTENCES in capsys.readouterr().out
    assert SENTENCES in (tmp_path / "out" / "merged" / "README.md").read_text()


def test_the_comparison_of_a_promoted_model_is_repeated(run: TunixRun, check: dict[str, Any], capsys: Any) -> None:
    model = promote_single_run(run=run, data={"name": "sums", "unconfirmed": True}, actor=None)
    check.clear()
    check["error"] = "It did not fit."

    with pytest.raises(SystemExit):
        call_command("compare_export", model.base_model_id)

    assert "could not be compared with the run: It did not fit." in capsys.readouterr().out


def test_what_was_not_exported_is_said(run: TunixRun) -> None:
    with pytest.raises(CommandError, match=r"There is no exported model in .*Export the run first"):
        call_command("compare_export", run.run_id)
    with pytest.raises(CommandError, match="promoted/none@1 is not a model"):
        call_command("compare_export", "promoted/none@1")
