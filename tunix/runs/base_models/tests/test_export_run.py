"""Exporting runs whose base model is a folder, apart from the comparison with the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tunix.access.models import Act, AuditEntry, AuditKind
from tunix.api.exceptions import Conflict
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.runs import exporting
from tunix.runs.choices import RunStatus
from tunix.runs.exporting import Export, export_run
from tunix.runs.models import TunixRun
from tunix.runs.tests.checkpoints import make_promotable_run
from tunix.runs.tests.factories import make_run
from tunix.runs.tests.folder_runs import make_folder_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smoke_test")]

CHECK = {
    "score": 0.5,
    "exported_score": 0.4375,
    "rows": 16,
    "largest_difference": 0.0213,
    "largest_logit": 18.25,
    "prompts": 8,
    "equal_answers": 15,
    "compared_answers": 16,
}
SENTENCES = (
    "it scores 0.4375 on the 16 rows on which the run scored 0.5000, a difference of -0.0625. After 8 prompts the "
    "logits differ by at most 0.021; the largest is 18.2. 15 of 16 greedy answers are equal."
)


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replaces the comparison: what it finds, which a test may change."""
    found: dict[str, Any] = dict(CHECK)
    monkeypatch.setattr(exporting, "run_json_process", lambda *args, **options: dict(found))
    return found


def exported(run: TunixRun, target: Path, **options: Any) -> Export:
    return export_run(run=run, target=target, **options)


@pytest.mark.usefixtures("check")
def test_merged_model_and_adapter_are_written_side_by_side(tmp_path: Path) -> None:
    found = exported(make_folder_run(tmp_path / "base"), tmp_path / "out")

    assert (found.merged, found.adapter) == (tmp_path / "out" / "merged", tmp_path / "out" / "adapter")
    assert inspect_folder(tmp_path / "out" / "merged").configuration.family.name == "llama3"
    config = json.loads((tmp_path / "out" / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(tmp_path / "base")


@pytest.mark.usefixtures("check")
def test_the_commands_serve_both_with_vllm(tmp_path: Path) -> None:
    found = exported(make_folder_run(tmp_path / "base", name="sums"), tmp_path / "out")

    assert found.commands == [
        f"vllm serve {tmp_path}/out/merged",
        f"vllm serve {tmp_path}/base --enable-lora --lora-modules sums={tmp_path}/out/adapter",
    ]


@pytest.mark.usefixtures("check")
def test_the_card_of_the_merged_model_states_the_gap_and_the_license(tmp_path: Path) -> None:
    exported(make_folder_run(tmp_path / "base"), tmp_path / "out")

    text = (tmp_path / "out" / "merged" / "README.md").read_text()
    assert SENTENCES in text
    assert f"vllm serve {tmp_path}/out/merged" in text
    assert inspect_folder(tmp_path / "out" / "merged").license == "apache-2.0 (README.md)"


def test_a_comparison_that_fails_is_stated_too(tmp_path: Path, check: dict[str, Any]) -> None:
    check.clear()
    check["error"] = "The process was ended by signal 9."

    exported(make_folder_run(tmp_path / "base"), tmp_path / "out")

    assert "could not be compared with the run: The process was" in (tmp_path / "out/merged/README.md").read_text()


@pytest.mark.usefixtures("check")
def test_a_run_of_which_all_weights_were_trained_has_no_adapter(tmp_path: Path) -> None:
    run = make_folder_run(tmp_path / "base", full=True)

    assert exported(run, tmp_path / "out").adapter is None
    with pytest.raises(Conflict, match="it has no adapter"):
        exported(run, tmp_path / "other", merged=False)


@pytest.mark.usefixtures("check")
def test_nothing_is_overwritten(tmp_path: Path) -> None:
    run = make_folder_run(tmp_path / "base")
    exported(run, tmp_path / "out")

    with pytest.raises(Conflict, match="merged exists already"):
        exported(run, tmp_path / "out")


def test_a_built_in_model_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="tiny-gemma3 is not a folder in the layout of Hugging Face"):
        exported(make_promotable_run(), tmp_path / "out")


def test_only_a_completed_run_is_exported(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="this one is failed"):
        exported(make_run(status=RunStatus.FAILED), tmp_path / "out")


def test_a_base_that_has_changed_is_refused(tmp_path: Path) -> None:
    run = make_folder_run(tmp_path / "base")
    (tmp_path / "base" / "generation_config.json").write_text('{"eos_token_id": 3}')

    with pytest.raises(Conflict, match="was changed since it was added"):
        exported(run, tmp_path / "out")


@pytest.mark.usefixtures("check")
def test_the_command_prints_folders_gap_and_commands(tmp_path: Path, capsys: Any) -> None:
    run = make_folder_run(tmp_path / "base", name="sums")

    call_command("export_run", run.run_id, "--to", tmp_path / "out")

    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"merged  {tmp_path}/out/merged", f"adapter  {tmp_path}/out/adapter"]
    assert SENTENCES in lines[2] and lines[3].startswith("vllm serve")


@pytest.mark.usefixtures("check")
def test_the_command_writes_one_folder_if_asked(tmp_path: Path) -> None:
    call_command("export_run", make_folder_run(tmp_path / "base").run_id, "--to", tmp_path / "out", "--adapter")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["adapter"]
    assert AuditEntry.objects.filter(act=Act.EXPORTED, subject_kind=AuditKind.RUN, actor=None).count() == 1


def test_the_command_says_why_it_refuses(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a folder in the layout"):
        call_command("export_run", make_promotable_run().run_id, "--to", tmp_path / "out")


@pytest.mark.usefixtures("check")
def test_both_cards_say_how_to_prompt_and_where_answers_end(tmp_path: Path) -> None:
    run = make_folder_run(tmp_path / "base")
    run.config_json |= {"prompt": {"format": "text", "template": "Q:\n```{prompt}", "examples": 4}}

    exported(run, tmp_path / "out")

    merged, adapter = ((tmp_path / "out" / name / "README.md").read_text() for name in ("merged", "adapter"))
    for text in (merged, adapter):
        described = json.loads(text.partition("```json\n")[2].partition("\n```\n")[0])
        assert described.pop("end_token_ids") == [2, 5]
        assert described == {"format": "text", "template": "Q:\n```{prompt}", "system": "", "examples": 4}
        assert "without a chat template" in text
    assert "generation_config.json states them" in merged and "stop_token_ids" in adapter
