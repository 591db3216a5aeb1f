"""Takes the result of an earlier run in place of training, where that run is what this one would be."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tunix.pipeline.engine.version import ENGINE_VERSION
from tunix.pipeline.files import read_bytes, read_text, sha256
from tunix.pipeline.folder import (
    JUDGEMENTS,
    METRICS,
    PREDICTIONS,
    RESULT,
    SECOND_JUDGEMENTS,
    SPEC,
    RunFolder,
    run_dir,
)
from tunix.pipeline.guards import GUARDS
from tunix.pipeline.judges.judging import available_judge
from tunix.pipeline.provenance.environment_snapshot import SNAPSHOT
from tunix.pipeline.spec import RunOutcome, RunResult, RunSpec

REUSED_RUN: Final = "reused_run"
"""In the environment of a result that was taken from an earlier run: the id of that run."""
DETERMINES_NOTHING: Final = frozenset({"run_id", "reuse", "max_judge_cost"})
"""Fields of a spec that may differ: the outcome is the same."""
COPIED: Final = (PREDICTIONS, JUDGEMENTS, SECOND_JUDGEMENTS, METRICS, SNAPSHOT)
"""With those of guards. The checkpoint stays with the earlier run."""


class NotReusable(Exception):
    """Why a run cannot be taken, in a clause."""


def what_determines(spec: dict[str, Any]) -> dict[str, Any]:
    """The part of a spec, as JSON, that must be equal in a run that is taken."""
    return {name: value for name, value in spec.items() if name not in DETERMINES_NOTHING}


def reused_result(spec: RunSpec, artifacts_dir: Path, folder: RunFolder) -> RunResult | None:
    """The result of the run that the spec names, with its outputs in this run's folder; None if it must be trained.

    A run that was changed, damaged or removed, that another engine trained, or that another version of the judge
    judged, is not taken: the log says why.
    """
    if spec.reuse is None:
        return None
    try:
        found = _verified(spec, run_dir(artifacts_dir, spec.reuse.run_id))
        _copy(run_dir(artifacts_dir, spec.reuse.run_id), folder.path, found)
    except (NotReusable, OSError) as why:
        folder.log(f"Run {spec.reuse.run_id} is not taken, and this one is trained: {why}")
        return None
    folder.log(f"Not trained: the result is that of run {spec.reuse.run_id}.")
    return found


def _verified(spec: RunSpec, source: Path) -> RunResult:
    content = read_bytes(source / RESULT)
    if spec.reuse is None or hashlib.sha256(content).hexdigest() != spec.reuse.result_hash:
        raise NotReusable("its result was changed.")
    try:
        found = RunResult.model_validate_json(content)
        before = json.loads(read_text(source / SPEC))
    except (ValidationError, ValueError):
        raise NotReusable("its files cannot be read.") from None
    if found.outcome != RunOutcome.COMPLETED or found.verdict is None:
        raise NotReusable("it did not complete.")
    if what_determines(before) != what_determines(spec.model_dump(mode="json")):
        raise NotReusable("it is not the same.")
    if found.environment.get("engine_version", 1) != ENGINE_VERSION:
        raise NotReusable("another version of the engine trained it.")
    if found.verdict.judge_version != available_judge(spec.evaluation).version:
        raise NotReusable("another version of the judge judged it.")
    for guard, asked in zip(found.guards, spec.guards, strict=True):
        if guard.verdict.judge_version != available_judge(asked.evaluation).version:
            raise NotReusable("another version of a guard's judge judged it.")
    if changed := [name for name in _copied(found) if sha256(source / name) != found.files[name]]:
        raise NotReusable(f"{', '.join(changed)} was changed.")
    return found


def _copied(found: RunResult) -> list[str]:
    return [name for name in found.files if name in COPIED or name.startswith(f"{GUARDS}/")]


def _copy(source: Path, target: Path, found: RunResult) -> None:
    """All files or none: after a failure the run is trained, and writes files of the same names."""
    with tempfile.TemporaryDirectory(dir=target, prefix=".taken-") as name:
        taken, names = Path(name), _copied(found)
        for copied in names:
            (taken / copied).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / copied, taken / copied)
        for copied in names:
            (target / copied).parent.mkdir(parents=True, exist_ok=True)
            (taken / copied).replace(target / copied)
