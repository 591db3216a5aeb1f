"""Judges a completed run again: with another judge, on more rows, or on another split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tunix.pipeline.data.labels import labels_for
from tunix.pipeline.data.rows import DatasetError
from tunix.pipeline.data.verified import verified_dataset
from tunix.pipeline.engine.progress import Report
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.files import sha256, write_text
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
from tunix.pipeline.spec import EvaluationSpec, JudgeResult, RunSpec
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
    outputs = _stored(spec, artifacts_dir, evaluation) or _generated(spec, artifacts_dir, evaluation, report)
    write_predictions(output_dir, outputs)
    context = JudgeContext(
        cache_dir=artifacts_dir / JUDGEMENT_CACHE, progress=lambda done: report(0, {}), meter=meter or Meter()
    )
    judgements = judge_items(judge, outputs.items, context)
    write_judgements(output_dir, judgements)
    result = judge_result(judge, evaluation.split, judgements, outputs, context.meter.usage)
    stored = {"version": 1, "run_id": spec.run_id, "verdict": result.model_dump(), "files": hashes(output_dir)}
    write_text(output_dir / RESULT, json.dumps(stored, indent=2) + "\n")
    return result


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
    return outputs.first(evaluation.max_items)


def _is_intact(folder: Path) -> bool:
    try:
        files = json.loads((folder / RESULT).read_text(encoding="utf-8"))["files"]
        return bool(files[PREDICTIONS] == sha256(folder / PREDICTIONS))
    except (FileNotFoundError, ValueError, KeyError):
        return False


def _generated(spec: RunSpec, artifacts_dir: Path, evaluation: EvaluationSpec, report: Report) -> Outputs:
    try:
        dataset = verified_dataset(dataset_dir(artifacts_dir, spec.dataset.key), spec.dataset.version)
        rows = dataset.rows(evaluation.split, evaluation.max_items)
        labels = labels_for(evaluation, dataset)
    except DatasetError as error:
        raise EvaluationUnavailable(str(error)) from error
    if not rows:
        raise EvaluationUnavailable(f"The {evaluation.split} split of '{spec.dataset.key}' has no rows.")
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
        return outputs_of(rows, choose(model, tokenizer, rows, labels, **how))
    return outputs_of(rows, generate(model, tokenizer, rows, evaluation, seed=seed, **how))
