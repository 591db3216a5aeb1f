"""Prepares a run: checks its spec, verifies what it names, and finds or builds what a warm worker keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunix.pipeline import environment
from tunix.pipeline.data.labels import labels_for
from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.data.verified import verified_dataset
from tunix.pipeline.folder import RunFolder, dataset_dir
from tunix.pipeline.guards import PreparedGuard, describe_guards, prepare_guards
from tunix.pipeline.hyperparameters import resolve, warnings_in
from tunix.pipeline.judges import Judge
from tunix.pipeline.judges.judging import available_judge, refuse_unfit
from tunix.pipeline.models.base_models import verified
from tunix.pipeline.models.bases import Structure, structure_of
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.pipeline.provenance.environment_snapshot import inputs_of, write_snapshot
from tunix.pipeline.spec import RunSpec

if TYPE_CHECKING:
    from tunix.pipeline.engine.warm_cache import WarmCache


PROGRAMS = "cache/xla"
"""Under the artifacts folder: the compiled programs of all runs."""


@dataclass(frozen=True)
class Preparation:
    """What a run needs besides its spec."""

    judge: Judge
    hyperparameters: dict[str, Any]
    structure: Structure
    cache: WarmCache
    sample: Sample
    """The rows to be judged."""
    labels: list[str]
    """What their answers are chosen from; empty if they are generated."""
    guards: list[PreparedGuard]

    def fresh_model(self) -> Any:
        """The base model, ready for this run's training."""
        return self.cache.fresh_model(self.structure, self.hyperparameters)


def prepare(
    spec: RunSpec, artifacts_dir: Path, folder: RunFolder, known: dict[str, Any], programs_dir: Path | None = None
) -> Preparation:
    """Prepares the run of `spec`; adds the environment snapshot to `known`, as far as it gets before it fails.

    Compiled programs are kept in `programs_dir`, or where all runs keep them.

    1. Check judge and hyperparameters, before anything heavy is loaded. 2. Verify base model and dataset. 3. Fix the
    number of threads and load JAX. 4. Find or build the warm cache, the rows to be judged and the guards, whose answers
    the judges must be able to read. 5. Record the environment snapshot, and log warnings.
    """
    judge = available_judge(spec.evaluation)
    hyperparameters = _hyperparameters(spec, folder)
    programs_dir = programs_dir or artifacts_dir / PROGRAMS
    cache = _warm_cache(spec, artifacts_dir, folder, known, programs_dir)
    sample = cache.sample(spec.evaluation.split, spec.evaluation.max_items)
    refuse_unfit(judge, (row.answer for row in sample.rows), f"the {spec.evaluation.split} rows of {spec.dataset.key}")
    labels = labels_for(spec.evaluation, cache.dataset)
    guards = prepare_guards(spec.guards, spec.row_order, artifacts_dir)
    known |= inputs_of(spec, judge, cache.dataset) | describe_guards(guards)
    write_snapshot(folder.path, cache.fingerprints)
    _warn_of_unknown_text(spec, cache, guards, folder)
    return Preparation(judge, hyperparameters, structure_of(spec, hyperparameters), cache, sample, labels, guards)


def _hyperparameters(spec: RunSpec, folder: RunFolder) -> dict[str, Any]:
    # The spec was resolved when it was made, perhaps by an older version of this project: it is checked once, here.
    values = resolve(spec.hyperparameters, spec.method)
    for name, messages in warnings_in(values).items():
        folder.log(f"Warning: {name}: {' '.join(messages)}")
    return values


def _warm_cache(
    spec: RunSpec, artifacts_dir: Path, folder: RunFolder, known: dict[str, Any], programs_dir: Path
) -> WarmCache:
    info = verified(resolve_base_model(spec.base_model_id, artifacts_dir), spec.base_model_hash)
    dataset = verified_dataset(dataset_dir(artifacts_dir, spec.dataset.key), spec.dataset.version)
    # XLA reads the number of threads once, when JAX starts: it is fixed before anything imports JAX.
    environment.prepare(spec.threads)
    environment.use_compilation_cache(programs_dir)
    known |= environment.snapshot()
    from tunix.pipeline.engine.warm_cache import warm_cache

    folder.log(f"{info.base_model_id} on {spec.dataset.key}, threads: {spec.threads}.")
    return warm_cache(info, dataset, spec.prompt, spec.row_order, artifacts_dir / "cache")


def _warn_of_unknown_text(spec: RunSpec, cache: WarmCache, guards: list[PreparedGuard], folder: RunFolder) -> None:
    # A built-in base model has a tokenizer that was trained on this dataset; a promoted one brings its own.
    if cache.info.folder is not None:
        for split, limit in (("train", None), (spec.evaluation.split, spec.evaluation.max_items)):
            if (found := cache.unknown_text(cache.dataset, split, limit)).occurrences:
                owner = f"the tokenizer of {cache.info.base_model_id}"
                folder.log(f"Warning: in the {split} split {owner} does not know {found}.")
    for guard in guards:
        found = cache.unknown_text(guard.dataset, guard.evaluation.split, guard.evaluation.max_items)
        if found.occurrences:
            folder.log(f"Warning: in guard dataset {guard} the tokenizer does not know {found}.")
