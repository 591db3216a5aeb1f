"""Exports the model of a run into folders that other tools load, and compares them with the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from tunix.api.exceptions import Conflict
from tunix.pipeline.exporting import ADAPTER, MERGED, TrainedModel, trained_model
from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.export.errors import ExportError
from tunix.pipeline.models.export.surroundings import replace_card
from tunix.pipeline.models.pretrained.licenses import CARD
from tunix.work.disk import refuse_full_disk, refuse_without_space
from tunix.work.json_process import run_json_process

from .base_models.card import code, plain
from .base_models.serving import commands, comparison_section, prompt_section, serving_section
from .choices import RunStatus
from .kept_exports import DONE, export_dir, write_export
from .models import TunixRun

_NO_SPACE = "There is no space for the exported model. Free some space and export it again."


@dataclass(frozen=True)
class Export:
    """The folders of an export, the commands that serve them, and how the merged one compares with the run."""

    merged: Path | None
    adapter: Path | None
    commands: list[str]
    check: Mapping[str, Any] = field(default_factory=dict)


def export_run(
    *,
    run: TunixRun,
    target: Path | None = None,
    merged: bool = True,
    adapter: bool = True,
    float32: bool = False,
    checked: bool = True,
) -> Export:
    """Exports a completed run whose base is a folder, into `merged` and `adapter` below `target`.

    Without a target that is the run's folder below `artifacts/exports`, where the result is kept for its page. A run of
    which all weights were trained has no adapter; it is left out unless nothing else is asked for. With `checked` the
    merged folder is compared with the run. Raises Conflict and NoSpace.
    """
    if run.status != RunStatus.COMPLETED:
        raise Conflict(f"Only a completed run can be exported; this one is {run.get_status_display()}.")
    refuse_without_space()
    place = (target or export_dir(run)).resolve()
    try:
        trained = trained_model(run.spec, settings.ARTIFACTS_DIR)
        adapter = adapter and (isinstance(trained.trained, StoredAdapters) or not merged)
        found = _written(
            run, trained, place / MERGED if merged else None, place / ADAPTER if adapter else None, float32
        )
    except ExportError as error:
        raise Conflict(str(error)) from error
    if found.merged is not None and checked:
        found = _compared(run, trained, found, found.merged)
    if target is None:
        keep_export(run, found)
    return found


def compare_export(*, run: TunixRun, target: Path | None = None) -> Export:
    """Compares a merged folder that was exported with the run again, and says so in its README.md.

    `target` is as for `export_run`. Raises Conflict if there is no such folder, or the run cannot be exported.
    """
    place = (target or export_dir(run)).resolve()
    merged, adapter = place / MERGED, place / ADAPTER
    if not (merged / CARD).is_file():
        raise Conflict(f"There is no exported model in {merged}. Export the run first.")
    try:
        trained = trained_model(run.spec, settings.ARTIFACTS_DIR)
    except ExportError as error:
        raise Conflict(str(error)) from error
    there = adapter if adapter.is_dir() else None
    found = _compared(run, trained, Export(merged, there, _commands(run, trained, merged, there)), merged)
    if target is None:
        keep_export(run, found)
    return found


def keep_export(run: TunixRun, found: Export) -> None:
    """Keeps what the page of the run shows."""
    folders = {name: str(folder) for name, folder in (("merged", found.merged), ("adapter", found.adapter)) if folder}
    write_export(run, DONE, commands=found.commands, check=dict(found.check), **folders)


def _compared(run: TunixRun, trained: TrainedModel, found: Export, merged: Path) -> Export:
    """Loads the merged folder again in a process of its own, compares it with the run, and states it in README.md."""
    check = run_json_process(
        "tunix.pipeline.export_check", str(settings.ARTIFACTS_DIR), run.run_id, str(merged), what="The comparison"
    )
    replace_card(merged, _card(run, trained, found.commands, check))
    return replace(found, check=check)


def _commands(run: TunixRun, trained: TrainedModel, merged: Path | None, adapter: Path | None) -> list[str]:
    return commands(trained, merged, adapter, run.name if run.name.isidentifier() else f"run-{run.run_id[:8]}")


def _written(run: TunixRun, trained: TrainedModel, merged: Path | None, adapter: Path | None, float32: bool) -> Export:
    lines = _commands(run, trained, merged, adapter)
    with refuse_full_disk(_NO_SPACE):
        if merged is not None:
            trained.export_merged(merged, card=_card(run, trained, lines, {}), float32=float32)
        if adapter is not None:
            trained.export_adapter(adapter, card=_card(run, trained, lines, None))
    return Export(merged, adapter, lines)


def _card(run: TunixRun, trained: TrainedModel, lines: list[str], check: Mapping[str, Any] | None) -> str:
    """The text of README.md. `check` is None for an adapter, which is not compared by itself."""
    score = run.metrics_json.get("score_mean")
    scored = "" if score is None else f" It scored {score:.4f} ({code(run.spec.evaluation.judge)})."
    sections = [
        f"# {plain(run.name or f'Run {run.run_id[:8]}')}",
        f"{code(run.base_model_id)} trained on the dataset {code(run.dataset.key)} ({code(run.method)}), "
        f"run {code(run.run_id)}.{scored}",
        serving_section(lines),
        prompt_section(trained.described_prompt(), is_adapter=check is None),
    ]
    if check is not None:
        sections.append(comparison_section(check))
    return "\n\n".join(sections) + "\n"
