"""The lineage of a promoted model, as stored in its row and lineage.json and shown on its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from tunix.pipeline.models.recorded_files import content_hash_of
from tunix.pipeline.spec import RunResult

from ..models import BaseModel, TunixRun

FORMAT = 1
SCORE = {"judge", "judge_version", "split", "items", "score_mean"}


def lineage_of(
    *, run: TunixRun, result: RunResult, files: Mapping[str, str], origin: Mapping[str, Any], actor_name: str
) -> dict[str, Any]:
    """The lineage of a model that is being promoted from `run`, without its own id.

    `origin` comes from the caller: `job` and `trial`, or neither, `confirmed`, and `verdict`, a sentence.
    """
    spec, verdict = run.spec, result.verdict
    score = verdict.model_dump(include=SCORE) if verdict else None
    return {
        "format": FORMAT,
        "content_hash": content_hash_of(files),
        "files": dict(files),
        "promoted_at": timezone.now().isoformat(timespec="seconds"),
        "promoted_by": actor_name,
        "job": None,
        "trial": None,
        **origin,
        "run": {
            "run_id": run.run_id,
            "name": run.name,
            "method": spec.method,
            "threads": spec.threads,
            "hyperparameters": spec.hyperparameters,
            "result_hash": run.result_hash,
        },
        "dataset": spec.dataset.model_dump(),
        "score": score,
        "guards": [
            guard.verdict.model_dump(include=SCORE) | {"dataset": guard.dataset.model_dump()} for guard in result.guards
        ],
        "ancestors": ancestors_of(spec.base_model_id, spec.base_model_hash),
    }


def ancestors_of(base_model_id: str, content_hash: str) -> list[dict[str, Any]]:
    """The base model of a run and its ancestors, nearest first: id, hash, and for promoted ones run and dataset."""
    known = BaseModel.objects.filter(base_model_id=base_model_id).first()
    own: dict[str, Any] = {"base_model_id": base_model_id, "content_hash": content_hash}
    if known is None:
        return [own]
    own["content_hash"] = content_hash or known.content_hash
    past = known.lineage_json
    if known.source == BaseModel.Source.PROMOTED:
        own |= {"run_id": past["run"]["run_id"], "dataset": past["dataset"]}
    return [own, *past.get("ancestors", [])]
