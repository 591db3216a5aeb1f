"""Rules about verdicts: the row of an evaluation has what the judge's result says, and its files are as they were."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.models import Evaluation
from tunix.evaluation.recording import verdict_fields
from tunix.pipeline.files import read_text, sha256
from tunix.pipeline.folder import RESULT
from tunix.pipeline.spec import JudgeResult
from tunix.runs.results import ResultUnreadable, read_result

from .finding import Found, rule

INTERVAL = ("score_low", "score_high", "interval_method")
"""Computed from the scores: compared only if they were computed by the method of this release."""
TOLERANCE = 1e-9


@rule("G6", hint="The row was changed after the judge's result was recorded. Restore the row, or judge the run again.")
def verdicts_are_as_they_were(evaluation: Evaluation) -> Iterator[Found]:
    """A completed evaluation has the scores that are in the result of its run, or in its own if it was judged again."""
    if evaluation.status != EvaluationStatus.COMPLETED:
        return
    try:
        verdict = _stored_verdict(evaluation)
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Found(f"evaluation {evaluation.pk}: {RESULT} has no verdict that can be read: {type(error).__name__}")
        return
    if verdict is None:
        return
    asked = {"judge": verdict.judge, "split": verdict.split}
    other = sorted(_differing(evaluation, asked | verdict_fields(verdict)))
    if other:
        yield Found(f"evaluation {evaluation.pk}: its row has another {', '.join(other)} than the judge's result")


def _stored_verdict(evaluation: Evaluation) -> JudgeResult | None:
    """None where the result of the run is not the one that its row has the hash of: another rule says so."""
    if evaluation.own_lease:
        return JudgeResult.model_validate(_own_result(evaluation)["verdict"])
    if not evaluation.run.result_hash:
        return None
    try:
        result, digest = read_result(evaluation.run.work_dir())
    except ResultUnreadable:
        return None
    if digest != evaluation.run.result_hash:
        return None
    if result.verdict is None:
        raise KeyError("verdict")
    return result.verdict


def _own_result(evaluation: Evaluation) -> Mapping[str, Any]:
    stored: Mapping[str, Any] = json.loads(read_text(evaluation.work_dir() / RESULT))
    return stored


def _differing(evaluation: Evaluation, expected: Mapping[str, Any]) -> Iterator[str]:
    same_method = expected.get("interval_method") == evaluation.interval_method
    for name, value in expected.items():
        if name in INTERVAL and not same_method:
            continue
        if not _is_same(getattr(evaluation, name), value):
            yield name


def _is_same(stored: Any, expected: Any) -> bool:
    if isinstance(stored, float) and isinstance(expected, float):
        return math.isclose(stored, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(stored == expected)


@rule("G8", hint="The files were changed or lost after the evaluation. Judge the run again.")
def judged_files_are_as_they_were(evaluation: Evaluation) -> Iterator[Found]:
    """The files of a run that was judged again have the hashes that were listed with the verdict."""
    if evaluation.status != EvaluationStatus.COMPLETED or not evaluation.own_lease:
        return
    try:
        files = dict(_own_result(evaluation)["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return  # the rule about the verdict says so
    changed = [name for name, digest in files.items() if not _has_hash(evaluation.work_dir() / name, digest)]
    if changed:
        yield Found(f"evaluation {evaluation.pk}: changed or missing: {', '.join(sorted(changed)[:5])}")


def _has_hash(path: Path, digest: str) -> bool:
    try:
        return sha256(path) == digest
    except OSError:
        return False


VERDICT_RULES = (verdicts_are_as_they_were, judged_files_are_as_they_were)
