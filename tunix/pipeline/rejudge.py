"""Judges a completed run again: with another judge, on more rows, or on another split."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tunix.pipeline.data.labels import labels_for
from tunix.pipeline.data.row_order import HASH_ORDER, Sample
from tunix.pipeline.data.rows import DatasetError
from tunix.pipeline.data.verified import VerifiedDataset, verified_dataset
from tunix.pipeline.engine.progress import Report
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.files import read_text, sha256, write_text
from tunix.pipeline.folder import (
    JUDGEMENT_CACHE,
    PREDICTIONS,
    RESULT,
    dataset_dir,
    hashes,
    read_predictions,
    run_dir,
    write_judgements,
    write_predictions,
)
from tunix.pipeline.judges import JudgeContext, Meter, Outputs
from tunix.pipeline.judges.judging import available_judge, judge_items, judge_result, refuse_unfit
from tunix.pipeline.spec import EvaluationSpec, JudgeResult, RowOrder, RunSpec
from tunix.pipeline.stored_model import stored_model

_DECIDE_OUTPUTS = ("split", "max_new_tokens", "temperature", "samples", "chooses_labels")
"""Fields of an evaluation on which the generated text depends."""


def judge_again(
    spec: RunSpec,
    *,
    artifacts_dir: Path,
    evaluation: EvaluationSpec,
    output_dir: Path,
    report: Report,
    meter: Meter | None = None,
) -> JudgeResult:
    """Another result for the run of `spec`; predictions, judgements and result are written to `output_dir`.

    Stored predictions of the run are judged if they are sufficient, without loading JAX; otherwise its checkpoint
    generates new ones. `meter` counts what the judge uses, even if it fails. Raises EvaluationUnavailable,
    UnknownJudge, JudgeFailed, and what `report` raises.
    """
    judge = available_judge(evaluation)
    found = _outputs(spec, artifacts_dir, evaluation, report)
    outputs = found.outputs
    write_predictions(output_dir, outputs)
    context = JudgeContext(
        cache_dir=artifacts_dir / JUDGEMENT_CACHE, progress=lambda done: report(0, {}), meter=meter or Meter()
    )
    judgements = judge_items(judge, outputs.items, context)
    write_judgements(output_dir, judgements)
    result = judge_result(judge, evaluation.split, judgements, outputs, context.meter.usage)
    result = result.model_copy(update={"row_order": found.order, "item_groups": found.groups})
    stored = {"version": 1, "run_id": spec.run_id, "verdict": result.model_dump(), "files": hashes(output_dir)}
    write_text(output_dir / RESULT, json.dumps(stored, indent=2) + "\n")
    return result


@dataclass(frozen=True)
class _Found:
    """Outputs, the order of their rows, and the groups of these."""

    outputs: Outputs
    order: RowOrder = HASH_ORDER
    groups: list[int] | None = None


def _outputs(spec: RunSpec, artifacts_dir: Path, evaluation: EvaluationSpec, report: Report) -> _Found:
    """What is to be judged: a sample of the rows, whatever the order was when the run was judged.

    1. Stored predictions, if they have all rows of the sample. 2. Those that the checkpoint generates. 3. If it cannot,
    stored predictions for the first rows of the file, of a run from before there was a sample.
    """
    stored = _stored(spec, artifacts_dir, evaluation)
    try:
        sample = _sample(spec, artifacts_dir, evaluation)
    except EvaluationUnavailable:
        if stored is None:
            raise
        return _Found(stored.first(evaluation.max_items), spec.row_order)
    if stored is not None and (chosen := _in_order(stored, sample, spec.row_order)) is not None:
        return _Found(chosen, groups=sample.groups)
    try:
        return _Found(_generated(spec, artifacts_dir, evaluation, sample, report), groups=sample.groups)
    except EvaluationUnavailable:
        if stored is None:
            raise
        return _Found(stored.first(evaluation.max_items), spec.row_order)


def _in_order(stored: Outputs, sample: Sample, order: RowOrder) -> Outputs | None:
    """The stored outputs for the rows of the sample; None if some of them are missing."""
    if order == HASH_ORDER:
        return stored.first(len(sample.rows))
    if max(sample.places) >= stored.rows:
        return None
    return replace(stored.of_rows(sample.places), places=list(sample.places))


def _stored(spec: RunSpec, artifacts_dir: Path, evaluation: EvaluationSpec) -> Outputs | None:
    """The run's own predictions, if they were generated the same way, are unchanged, and are enough."""
    own, folder = spec.evaluation, run_dir(artifacts_dir, spec.run_id)
    if any(getattr(own, name) != getattr(evaluation, name) for name in _DECIDE_OUTPUTS):
        return None
    if not _is_intact(folder):
        return None
    outputs = read_predictions(folder)
    # A run with fewer predictions than its limit had reached the end of the split: there are no more rows.
    if own.max_items <= outputs.rows < evaluation.max_items:
        return None
    return outputs


def _is_intact(folder: Path) -> bool:
    try:
        files = json.loads(read_text(folder / RESULT))["files"]
        return bool(files[PREDICTIONS] == sha256(folder / PREDICTIONS))
    except (FileNotFoundError, ValueError, KeyError):
        return False


def _sample(spec: RunSpec, artifacts_dir: Path, evaluation: EvaluationSpec) -> Sample:
    """The rows to be judged, at least one."""
    try:
        sample = _dataset(spec, artifacts_dir).sample(evaluation.split, evaluation.max_items, HASH_ORDER)
    except DatasetError as error:
        raise EvaluationUnavailable(str(error)) from error
    if not sample.rows:
        raise EvaluationUnavailable(f"The {evaluation.split} split of '{spec.dataset.key}' has no rows.")
    return sample


def _dataset(spec: RunSpec, artifacts_dir: Path) -> VerifiedDataset:
    return verified_dataset(dataset_dir(artifacts_dir, spec.dataset.key), spec.dataset.version)


def _generated(
    spec: RunSpec, artifacts_dir: Path, evaluation: EvaluationSpec, sample: Sample, report: Report
) -> Outputs:
    rows = sample.rows
    try:
        labels = labels_for(evaluation, _dataset(spec, artifacts_dir))
    except DatasetError as error:
        raise EvaluationUnavailable(str(error)) from error
    refuse_unfit(
        available_judge(evaluation),
        (row.answer for row in rows),
        f"the {evaluation.split} rows of {spec.dataset.key}",
    )
    model, tokenizer = stored_model(spec, artifacts_dir)
    from tunix.pipeline.engine.generation import generate, outputs_of
    from tunix.pipeline.engine.likelihood import choose

    seed, length = (int(spec.hyperparameters[name] or 0) for name in ("seed", "max_seq_length"))
    how: dict[str, Any] = {"max_seq_length": length, "progress": lambda done: report(0, {})}
    if labels:
        return outputs_of(sample, choose(model, tokenizer, rows, labels, **how))
    return outputs_of(sample, generate(model, tokenizer, rows, evaluation, seed=seed, **how))
