"""A job as a study in a storage of Optuna's own, which Optuna and optuna-dashboard open. Loads Optuna when called."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..models import TuningJob
from .tables import study_of, study_trials

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

JOURNAL = ".log"
SUFFIXES = (".db", ".sqlite", ".sqlite3", JOURNAL)
"""What the name of a storage ends in: a journal, or an SQLite database."""


def write_storage(*, job: TuningJob, path: Path) -> int:
    """Write the search of `job` into the empty file `path`; returns the number of its trials.

    Raises OSError when the storage cannot be written.
    """
    import optuna
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return _written(job, path)
    except (SQLAlchemyError, StorageInternalError) as error:
        raise OSError(str(error.__cause__ or error)) from error


def _written(job: TuningJob, path: Path) -> int:
    import optuna
    from optuna.distributions import json_to_distribution
    from optuna.exceptions import ExperimentalWarning

    described = study_of(job)
    distributions = {name: json_to_distribution(json.dumps(item)) for name, item in described["distributions"].items()}
    name, directions = described["study_name"], described["directions"]
    study = optuna.create_study(storage=_storage(path), study_name=name, directions=directions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        study.set_metric_names(described["metric_names"])
    for key, value in described["user_attrs"].items():
        study.set_user_attr(key, value)
    study.add_trials([_frozen(number, item, distributions) for number, item in enumerate(study_trials(job))])
    return len(study.trials)


def _storage(path: Path) -> BaseStorage:
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileBackend

    if path.suffix.lower() == JOURNAL:
        return JournalStorage(JournalFileBackend(str(path)))
    return RDBStorage(f"sqlite:///{quote(str(path.absolute()))}")  # a ? would begin the options of the address


def _frozen(number: int, item: Mapping[str, Any], distributions: Mapping[str, BaseDistribution]) -> FrozenTrial:
    from optuna.trial import FrozenTrial, TrialState

    state = TrialState[item["state"]]
    attributes = {
        name: value if isinstance(value, str | int | float | dict | None) else str(value)
        for name, value in item["user_attrs"].items()
    }
    # Optuna's times have no zone; these are in UTC.
    started, finished = (
        None if item[name] is None else item[name].astimezone(UTC).replace(tzinfo=None)
        for name in ("datetime_start", "datetime_complete")
    )
    began = started or finished or datetime.now(UTC).replace(tzinfo=None)
    return FrozenTrial(
        number=number,
        trial_id=-1,
        state=state,
        value=None,
        values=item["values"],
        params=dict(item["params"]),
        distributions={name: distributions[name] for name in item["params"]},
        intermediate_values=dict(item["intermediate_values"]),
        user_attrs=attributes,
        system_attrs={},
        datetime_start=None if state == TrialState.WAITING else began,
        datetime_complete=(finished or began) if state.is_finished() else None,
    )
