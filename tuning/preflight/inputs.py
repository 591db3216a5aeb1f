"""What a job reads: its definition, the rows of its dataset, its base model, and whether it can read their text."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from tunix.datasets.models import Dataset
from tunix.datasets.storage import is_there
from tunix.pipeline.data.rows import DatasetError, load_split, verify
from tunix.pipeline.metrics import OF_VALIDATION
from tunix.pipeline.models.base_models import BaseModelError, BaseModelInfo, UnknownBaseModel, verified
from tunix.pipeline.models.promoted import TOKENIZER
from tunix.pipeline.models.resolving import resolve_base_model
from tunix.runs.services import base_model_hash

from ..analysis.leakage import why_no_proof
from ..choices import JobStatus
from ..domain.job_definition import InvalidJob, JobDefinition
from ..domain.selection.objectives import OBJECTIVES_PATH
from ..ledger.files import request_of
from ..models import TuningJob
from ..services.definition import warnings_of
from ..services.warm_start import history_faults
from .findings import Finding, ok, problem, warning

MOST_HASHED = 256 * 1024**2
"""Bytes that are read to compare hashes; larger files are left to the runs, which compare them all."""
ROWS_READ = 2000
"""Rows of a split that are looked through for text that the tokenizer does not know."""


def check_definition(job: TuningJob) -> Iterator[Finding]:
    """Whether it would still be accepted, and what is unusual about it."""
    try:
        definition = JobDefinition.parse(request_of(job))
    except InvalidJob as error:
        yield from (problem(path, text) for path, texts in error.errors.items() for text in texts)
        return
    if job.status == JobStatus.CREATED:
        faults = history_faults(definition, job.dataset, None)
        yield from (problem(path, text) for path, texts in faults.items() for text in texts)
    for path, texts in warnings_of(definition, job.dataset).items():
        yield from (warning(path, text) for text in texts)


def check_search_space(job: TuningJob) -> Iterator[Finding]:
    """How many configurations it has. That there are more trials than that is a warning of the definition."""
    size, about = job.configurations, "search_space_json"
    if size is None:
        yield ok(about, "The search space is continuous, so no configuration is tried twice.")
    else:
        times = "once" if job.replicates == 1 else f"{job.replicates} times"
        yield ok(about, f"The search space has {size} distinct configurations; each is tried {times} at most.")


def check_dataset(about: str, dataset: Dataset) -> Iterator[Finding]:
    """Whether the files of a dataset are there, and are those that were imported."""
    if not is_there(dataset.folder):
        yield problem(about, f"The files of {dataset.key} are missing from artifacts/datasets. Import them again.")
        return
    if sum(path.stat().st_size for path in dataset.folder.glob("*.jsonl")) > MOST_HASHED:
        yield ok(about, f"The files of {dataset.key} are too large to be hashed now; each run compares their hash.")
        return
    try:
        verify(dataset.folder, dataset.version)
    except DatasetError as error:
        yield problem(about, f"{error} Import the same files again.")
        return
    train, validation, test = (f"{dataset.rows_of(split):,}" for split in ("train", "validation", "test"))
    rows = f"{train} train, {validation} validation and {test} test rows"
    yield ok(about, f"The files of {dataset.key} are unchanged: {rows}, version {dataset.version[:12]}.")


def check_rows(job: TuningJob) -> Iterator[Finding]:
    """Whether the splits that it needs have rows."""
    asked, dataset = job.evaluation, job.dataset
    split = asked.split
    if not dataset.rows_of(split):
        yield problem("evaluation_json.split", f"The dataset {dataset.key} has no {split} rows to judge by.")
    else:
        items = min(asked.max_items, dataset.rows_of(split))
        yield ok("evaluation_json.split", f"Each trial is judged on {items:,} {split} rows.")
    paths = ["metric_name", *(f"{OBJECTIVES_PATH}.{index}.metric" for index in range(len(job.further_objectives)))]
    for path, objective in zip(paths, job.objectives, strict=True):
        if objective.metric in OF_VALIDATION and not dataset.validation_rows:
            yield problem(path, f"{objective.metric} needs validation rows, and {job.dataset_key} has none.")
    yield _proof(job)


def _proof(job: TuningJob) -> Finding:
    about, why = "confirmation_json.automatic", why_no_proof(job.dataset)
    if not why:
        items = min(job.evaluation.test_items, job.dataset.test_rows)
        return ok(about, f"The winner can be confirmed on {items:,} test rows.")
    if job.confirmation.automatic:
        return problem(about, why)
    return warning(about, f"The winner could not be confirmed afterwards. {why}")


def check_base_model(job: TuningJob) -> Iterator[Finding]:
    """Whether it is there and unchanged; of a promoted one also whether it knows the characters of the rows."""
    about = "base_model_id"
    try:
        info = resolve_base_model(job.base_model_id, settings.ARTIFACTS_DIR)
        verified(info, base_model_hash(job.base_model_id))
    except (UnknownBaseModel, BaseModelError) as error:
        yield problem(about, str(error))
        return
    yield ok(about, f"{info.base_model_id} ({info.source}) is unchanged, hash {info.content_hash[:12]}.")
    yield from _unknown_text(job, info)


def _unknown_text(job: TuningJob, info: BaseModelInfo) -> Iterator[Finding]:
    """A built-in model gets a tokenizer made for the dataset, a promoted one brings its own.

    Those of models from folders know every text, or have a token for what they do not know.
    """
    if info.folder is None or info.is_folder:
        return
    from tunix.pipeline.data.tokenizers import PairTokenizer, unknown_text

    try:
        tokenizer = PairTokenizer.from_json((info.folder / TOKENIZER).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError) as error:
        yield problem("base_model_id", f"The tokenizer of {info.base_model_id} cannot be read: {error}")
        return
    for split in dict.fromkeys(("train", job.evaluation.split)):
        try:
            found = unknown_text(tokenizer, load_split(job.dataset.folder, split, ROWS_READ))
        except DatasetError:
            continue  # a finding about the dataset says so
        if found.occurrences:
            message = f"In the first {ROWS_READ:,} {split} rows, the tokenizer of {info.base_model_id} does not know"
            yield warning("base_model_id", f"{message} {found}.")
