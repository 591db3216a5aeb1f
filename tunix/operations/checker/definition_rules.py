"""Rules about request.json and param_space.json: what a job was asked for cannot change once it has started."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tuning.choices import AttemptOutcome, TrialKind
from tuning.domain.job_definition import FIELDS
from tuning.domain.sampling.enqueued import ENQUEUED_PATH
from tuning.ledger.files import REQUEST, SPACE, request_of, space_of
from tuning.services.jobs import LIVE_FIELDS
from tunix.pipeline.files import read_text

from .finding import Found, rule
from .reading import JobRows

CHANGED_LATER = LIVE_FIELDS | {"project", ENQUEUED_PATH}
"""Fields that a person may change after the start: the files have them as they were at the last one."""


@rule("G8", hint="Resume or extend the job, which writes both files again, or restore them from a backup.")
def definition_files_are_there(rows: JobRows) -> Iterator[Found]:
    """A job whose trials were executed has request.json and param_space.json, and both can be read."""
    if not any(rows.executions()):
        return
    for name in (REQUEST, SPACE):
        content = _content(rows, name)
        if not isinstance(content, Mapping):
            yield Found(f"{name} {content}")


@rule("G2", hint="Find out which is right by param_space.json and the configs of the runs, and restore the other.")
def definition_is_as_it_was(rows: JobRows) -> Iterator[Found]:
    """The definition of a job that has executed trials is the one that it started with."""
    if not any(rows.executions()):
        return
    request, space = _content(rows, REQUEST), _content(rows, SPACE)
    if isinstance(request, Mapping):
        other = sorted(_differing(rows, request))
        if other:
            yield Found(f"{REQUEST} has another {', '.join(other)} than the row")
    if isinstance(space, Mapping):
        expected = space_of(rows.job)
        other = sorted(name for name in expected.keys() - {"fixed"} if space.get(name) != _plain(expected[name]))
        other += sorted(_other_values(rows, space.get("fixed")))
        if other:
            yield Found(f"{SPACE} has another {', '.join(other)} than the rows")


def _differing(rows: JobRows, request: Mapping[str, Any]) -> Iterator[str]:
    """Fields whose value differs. One that the file lacks is of a later release: its default is what was asked for."""
    for name, value in request_of(rows.job).items():
        if name in CHANGED_LATER:
            continue
        asked = request[name] if name in request else _default_of(rows, name)
        if asked != _plain(value):
            yield name


def _default_of(rows: JobRows, name: str) -> Any:
    return _plain(rows.job._meta.get_field(name).get_default()) if name in FIELDS else None


def _other_values(rows: JobRows, fixed: Any) -> Iterator[str]:
    """Hyperparameters that the runs of the last epoch were not executed with, though the file says so."""
    if not isinstance(fixed, Mapping):
        yield "fixed"
        return
    for trial, attempt in rows.executions():
        is_current = attempt.epoch == rows.job.epoch and attempt.outcome == AttemptOutcome.COMPLETED
        if trial.kind == TrialKind.SEARCH and is_current:
            used = attempt.run.config_json["hyperparameters"]
            # A parameter whose condition is not met is not among those of the trial, and has its default in the run.
            searched = {*trial.params_json, *rows.job.search_space_json}
            searched |= {"num_epochs"} if "num_steps" in searched else set()
            yield from (name for name, value in used.items() if name not in searched and fixed.get(name, ...) != value)
            return


def _content(rows: JobRows, name: str) -> Any:
    """The object in the file, or what is wrong with it."""
    try:
        content = json.loads(read_text(rows.job.work_dir() / name))
    except FileNotFoundError:
        return "is missing"
    except (OSError, ValueError, RecursionError):
        return "cannot be read"
    return content if isinstance(content, dict) else "is not an object"


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


DEFINITION_RULES = (definition_files_are_there, definition_is_as_it_was)
