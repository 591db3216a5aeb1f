"""Guards of a run: other rows that its model is scored on, so that what training unlearned is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunix.pipeline.data.rows import DatasetError, Row, load_split, verify
from tunix.pipeline.judges import Judge
from tunix.pipeline.provenance.fingerprints import rows_sha256
from tunix.pipeline.spec import GuardSpec
from tunix.pipeline.verdict import ready_judge

if TYPE_CHECKING:
    from tunix.pipeline.data.tokenizers import PairTokenizer, UnknownText

GUARDS = "guards"


@dataclass(frozen=True)
class Guard:
    """A guard that can be scored: its rows are those of the version asked for, and its judge can judge."""

    index: int
    spec: GuardSpec
    judge: Judge
    rows: list[Row]

    def __str__(self) -> str:
        return f"{self.spec.dataset.key} ({self.spec.evaluation.split})"

    def unknown_to(self, tokenizer: PairTokenizer) -> UnknownText:
        """What of its rows the tokenizer, which was trained on other rows, cannot read."""
        from tunix.pipeline.data.tokenizers import unknown_text

        return unknown_text(tokenizer, self.rows)


def ready_guards(specs: Sequence[GuardSpec], artifacts_dir: Path) -> list[Guard]:
    """The guards of a spec, before anything is trained. Raises DatasetError, UnknownJudge, JudgeFailed."""
    return [_ready(index, spec, artifacts_dir) for index, spec in enumerate(specs)]


def describe_guards(guards: Sequence[Guard]) -> dict[str, Any]:
    """The capsule's part about guards: their rows and judges; nothing where there are none."""
    return {GUARDS: [_described(guard) for guard in guards]} if guards else {}


def guard_folder(run_dir: Path, index: int) -> Path:
    """Where predictions and judgements of a run's guard lie; made if it is not there."""
    folder = run_dir / GUARDS / str(index)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _ready(index: int, spec: GuardSpec, artifacts_dir: Path) -> Guard:
    folder = artifacts_dir / "datasets" / spec.dataset.key
    verify(folder, spec.dataset.version)
    rows = load_split(folder, spec.evaluation.split, spec.evaluation.max_items)
    if not rows:
        raise DatasetError(f"The {spec.evaluation.split} split of guard data set '{spec.dataset.key}' has no rows.")
    return Guard(index, spec, ready_judge(spec.evaluation.judge), rows)


def _described(guard: Guard) -> dict[str, Any]:
    return {
        "dataset": guard.spec.dataset.model_dump(),
        "split": guard.spec.evaluation.split,
        "items": len(guard.rows),
        "sha256": rows_sha256(guard.rows),
        "judge": {"name": guard.judge.name, "version": guard.judge.version},
    }
