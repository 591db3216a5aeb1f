"""Judges a finished run again: by another judge, on more rows, or on another split."""

from __future__ import annotations

import json
from pathlib import Path

from tunix.pipeline import environment
from tunix.pipeline.data.rows import DatasetError, load_split, verify
from tunix.pipeline.engine.progress import Report
from tunix.pipeline.failures import EvaluationUnavailable
from tunix.pipeline.files import sha256, write_text
from tunix.pipeline.folder import (
    CHECKPOINT,
    JUDGEMENT_CACHE,
    PREDICTIONS,
    RESULT,
    hashes,
    read_predictions,
    run_dir,
    write_judgements,
    write_predictions,
)
from tunix.pipeline.judges import JudgeContext, JudgeItem, Meter
from tunix.pipeline.spec import EvaluationSpec, JudgeVerdict, RunSpec
from tunix.pipeline.verdict import give_judgements, ready_judge, verdict_of

Predicted = tuple[list[JudgeItem], list[bool]]


def judge_again(
    spec: RunSpec,
    *,
    artifacts_dir: Path,
    evaluation: EvaluationSpec,
    output_dir: Path,
    report: Report,
    meter: Meter | None = None,
) -> JudgeVerdict:
    """Another verdict on the run of `spec`; predictions, judgements and result are written to `output_dir`.

    Predictions that the run left are judged as they are, without JAX, if they cover what is asked for; otherwise
    its checkpoint generates new ones. `meter` counts what the judge uses, also where it fails. Raises
    EvaluationUnavailable, UnknownJudge, JudgeFailed, and what `report` raises.
    """
    judge = ready_judge(evaluation.judge)
    stored = _stored(spec, artifacts_dir, evaluation)
    items, truncated = stored or _generated(spec, artifacts_dir, evaluation, report)
    write_predictions(output_dir, items, truncated)
    context = JudgeContext(
        cache_dir=artifacts_dir / JUDGEMENT_CACHE, progress=lambda done: report(0, {}), meter=meter or Meter()
    )
    judgements = give_judgements(judge, items, context)
    write_judgements(output_dir, judgements)
    verdict = verdict_of(judge, evaluation.split, judgements, truncated, context.meter.usage)
    result = {"version": 1, "run_id": spec.run_id, "verdict": verdict.model_dump(), "files": hashes(output_dir)}
    write_text(output_dir / RESULT, json.dumps(result, indent=2) + "\n")
    return verdict


def _stored(spec: RunSpec, artifacts_dir: Path, evaluation: EvaluationSpec) -> Predicted | None:
    """The run's own predictions, if they were made the same way, are unchanged, and are enough."""
    own, folder = spec.evaluation, run_dir(artifacts_dir, spec.run_id)
    if (own.split, own.max_new_tokens) != (evaluation.split, evaluation.max_new_tokens):
        return None
    if not _is_intact(folder):
        return None
    items, truncated = read_predictions(folder)
    # A run that predicted less than it was allowed to had come to the end of the split.
    if len(items) < evaluation.max_items and len(items) >= own.max_items:
        return None
    return items[: evaluation.max_items], truncated[: evaluation.max_items]


def _is_intact(folder: Path) -> bool:
    try:
        files = json.loads((folder / RESULT).read_text(encoding="utf-8"))["files"]
        return bool(files[PREDICTIONS] == sha256(folder / PREDICTIONS))
    except (FileNotFoundError, ValueError, KeyError):
        return False


def _generated(spec: RunSpec, artifacts_dir: Path, evaluation: EvaluationSpec, report: Report) -> Predicted:
    dataset_dir = artifacts_dir / "datasets" / spec.dataset.key
    try:
        verify(dataset_dir, spec.dataset.version)
        rows = load_split(dataset_dir, evaluation.split, evaluation.max_items)
    except DatasetError as error:
        raise EvaluationUnavailable(str(error)) from error
    if not rows:
        raise EvaluationUnavailable(f"The {evaluation.split} split of '{spec.dataset.key}' has no rows.")
    environment.prepare(spec.threads)
    environment.use_compilation_cache(artifacts_dir / "cache" / "xla")
    from tunix.pipeline.engine import generation
    from tunix.pipeline.models import checkpoint

    try:
        model, tokenizer = checkpoint.load(run_dir(artifacts_dir, spec.run_id) / CHECKPOINT)
    except FileNotFoundError:
        raise EvaluationUnavailable(f"The checkpoint of run {spec.run_id} is gone.") from None
    except (ValueError, KeyError) as error:
        raise EvaluationUnavailable(f"The checkpoint of run {spec.run_id} is damaged: {error}") from error

    def generator(prompt_length: int, max_new_tokens: int, batch_size: int) -> generation.Generator:
        return generation.Generator(
            model,
            tokenizer,
            prompt_length=prompt_length,
            max_new_tokens=max_new_tokens,
            batch_size=batch_size,
        )

    return generation.answers(
        model,
        tokenizer,
        rows,
        max_seq_length=int(spec.hyperparameters["max_seq_length"] or 0),
        max_new_tokens=evaluation.max_new_tokens,
        generator=generator,
        progress=lambda done: report(0, {}),
    )
