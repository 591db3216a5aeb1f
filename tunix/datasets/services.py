"""Imports datasets, creates built-in ones and looks datasets up."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditKind
from tunix.api.exceptions import Conflict, InvalidInput, ServiceError
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import Faults, printable
from tunix.validation.values import line_fault

from .builtin import BUILT_IN
from .importing import ImportOptions, Source, prepare
from .importing.faults import Fault
from .importing.prepare import Progress
from .importing.saved_folders import saved_sources
from .importing.writing import write_manifest
from .models import Dataset
from .storage import fresh_folder, is_there, is_whole, put_into_place

logger = logging.getLogger(__name__)


def import_dataset(
    *,
    key: str,
    sources: Mapping[str, Source],
    options: ImportOptions | None = None,
    owner: Any = None,
    project: str = "default",
    source: str = "",
    license: str = "",  # noqa: A002  (the field's name everywhere)
    on_progress: Progress = lambda name, count: None,
) -> Dataset:
    """Creates a dataset from `sources`: files by split (`train`, `validation`, `test`), or one `file` to split.

    The files are complete before the database row exists. If the key already has the same rows, the existing dataset
    is returned, with its files restored if they were lost; `is_new` is then false. Raises InvalidInput with paths
    such as `train.12`, Conflict if the key has different rows, NoSpace.
    """
    dataset = Dataset(key=key, owner=owner, project=project, source=source, license=license)
    _check_fields(dataset)
    about = {"key": key, "source": source, "license": license}
    with fresh_folder() as folder:
        manifest = prepare(folder, sources, options or ImportOptions(), about, on_progress)
        dataset.describe(manifest)
        return _store(dataset, folder)


def import_files(*, key: str, files: Mapping[str, Path], **more: Any) -> Dataset:
    """`import_dataset` for local files, and for folders that the datasets library saved."""
    sources: dict[str, Source] = {}
    errors = {}
    for name, path in files.items():
        try:
            sources |= saved_sources(name, path) if path.is_dir() else {name: Source.from_path(path)}
        except OSError as error:
            errors[name] = [f"Cannot read {path}: {error.strerror}."]
        except Fault as fault:
            errors[name] = [printable(str(fault))]
    if errors:
        raise InvalidInput(errors)
    return import_dataset(key=key, sources=sources, **more)


def ensure_builtin_datasets() -> None:
    """Creates missing built-in datasets but those on demand.

    Never raises a ServiceError, because it runs after migrations.
    """
    for key in (key for key, built_in in BUILT_IN.items() if not built_in.on_demand):
        try:
            _ensure_builtin(key)
        except ServiceError as error:
            logger.warning("the built-in dataset %s could not be created: %s %s", key, error.detail, error.errors)


def get_dataset(key: str) -> Dataset:
    """The dataset `key`, whose files exist. Raises InvalidInput for the field `dataset_key`."""
    if key in BUILT_IN:
        return _ensure_builtin(key)
    dataset = Dataset.objects.filter(key=key).first()
    if dataset is None:
        known = list(Dataset.objects.values_list("key", flat=True))
        hint = did_you_mean(key, known) or " See /datasets/ for the existing ones."
        raise InvalidInput({"dataset_key": [f"There is no dataset '{str(key)[:80]}'.{hint}"]})
    if not is_there(dataset.folder):
        lost = f"The files of dataset '{key}' are missing from artifacts/datasets. Import the same files again."
        raise InvalidInput({"dataset_key": [lost]})
    return dataset


def _ensure_builtin(key: str) -> Dataset:
    dataset = Dataset.objects.filter(key=key).first()
    if dataset is not None and is_there(dataset.folder):
        return dataset
    built_in = BUILT_IN[key]
    return import_dataset(
        key=key,
        sources=built_in.sources(),
        options=ImportOptions(format="jsonl", test_fraction=0, validation_fraction=0, allow_overlap=True),
        source=built_in.source,
    )


def _store(dataset: Dataset, folder: Path) -> Dataset:
    """Inserts the row, then renames the folder, then commits.

    The insert waits for a concurrent import of the same key, and no other process sees the row without its files.
    """
    existing = Dataset.objects.filter(key=dataset.key).first()
    if existing is None:
        try:
            with transaction.atomic():
                dataset.save(force_insert=True)
                put_into_place(folder, dataset.folder)
                if dataset.key not in BUILT_IN:
                    record_act(Act.IMPORTED, dataset, kind=AuditKind.DATASET, actor=dataset.owner)
        except IntegrityError:
            existing = Dataset.objects.get(key=dataset.key)
        else:
            dataset.is_new = True
            return dataset
    return _reuse(existing, dataset, folder)


def _reuse(existing: Dataset, dataset: Dataset, folder: Path) -> Dataset:
    if existing.version != dataset.version:
        raise Conflict(
            f"Dataset '{dataset.key}' already exists with different rows (version {existing.version[:12]}; these are"
            f" {dataset.version[:12]}). Datasets are immutable: choose another key, such as '{dataset.key}-2'."
        )
    if not is_whole(existing.folder, existing.version):
        write_manifest(folder, existing.manifest_json)
        put_into_place(folder, existing.folder)
    return existing


def _check_fields(dataset: Dataset) -> None:
    """Raises InvalidInput for a key, project, source or license that is not valid."""
    try:
        dataset.clean_fields(exclude=["owner", "version", "manifest_json", *Dataset.COUNTS])
    except ValidationError as error:
        raise InvalidInput(error.message_dict) from None
    faults = Faults()
    for name in ("source", "license"):
        text = getattr(dataset, name)
        if fault := line_fault(text):
            faults.add(name, fault)
    faults.raise_if_any()
