"""Compares the rows with the journal that the trials wrote: the only record of executions outside the database."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuning.choices import AttemptOutcome
from tuning.domain.space.params_hash import params_hash
from tuning.models import TuningAttempt, TuningTrial

from .finding import Finding, Found, rule
from .reading import JobRows

ATTEMPTS_IN_A_QUERY = 500


@dataclass
class Journal:
    """The lines by run: how often it started, and each end."""

    started: Counter[str] = field(default_factory=Counter)
    ended: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    attempt_of_run: dict[str, int] = field(default_factory=dict)
    damaged: list[int] = field(default_factory=list)
    """Numbers of unreadable lines."""

    @classmethod
    def read(cls, path: Path) -> Journal:
        """Read the file; if it does not exist, the journal is empty."""
        journal = cls()
        if path.exists():
            with path.open(encoding="utf-8", errors="replace") as lines:
                journal.take(lines)
        return journal

    def take(self, lines: Iterable[str]) -> None:
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
                self._note(entry["event"], entry["run_id"], entry)
            except (ValueError, KeyError, TypeError):
                self.damaged.append(number)

    def _note(self, event: str, run_id: str, entry: dict[str, Any]) -> None:
        self.attempt_of_run[run_id] = entry["attempt_id"]
        if event == "started":
            self.started[run_id] += 1
        else:
            self.ended[run_id].append(entry)

    def findings(self, rows: JobRows) -> Iterator[Finding]:
        """Differences between the rows of one job and the journal."""
        yield from completed_attempts_were_executed.findings((self, rows), rows.job.pk)

    def unexpected(self) -> Iterator[Finding]:
        """Executions in the journal that the rows do not explain."""
        for checked in (runs_are_executed_once, executions_were_assigned, the_journal_is_whole):
            yield from checked.findings(self)


@rule(
    "G3", hint="The database counts a result that was not executed like this. Keep database and journal, and report it."
)
def completed_attempts_were_executed(recorded: tuple[Journal, JobRows]) -> Iterator[Found]:
    """The run of a completed attempt ended once in the journal, with the same value and parameters."""
    journal, rows = recorded
    for trial, attempt in rows.executions():
        if attempt.outcome != AttemptOutcome.COMPLETED:
            continue
        ends = journal.ended.get(str(attempt.run_id), [])
        if len(ends) != 1:
            yield Found(f"run {attempt.run_id} completed, but ended {len(ends)} times in the journal", trial.number)
            continue
        differing = ", ".join(_differences(ends[0], trial, attempt, rows.job.metric_name))
        if differing:
            yield Found(f"run {attempt.run_id}: the journal has a different {differing}", trial.number)


def _differences(end: dict[str, Any], trial: TuningTrial, attempt: TuningAttempt, metric: str) -> Iterator[str]:
    expected = {
        "outcome": "completed",
        "value": trial.metric_value,
        "trial": trial.number,
        "attempt_id": attempt.pk,
        "attempt_number": attempt.number,
        "params_hash": params_hash(attempt.run.config_json["hyperparameters"]),
    }
    recorded = end | {"value": end.get("metrics", {}).get(metric)}
    return (name for name, value in expected.items() if recorded.get(name) != value)


@rule("G3", hint="One execution was assigned twice. Keep the runner logs and report it.")
def runs_are_executed_once(journal: Journal) -> Iterator[Found]:
    """No run started or ended twice: each execution has its own run."""
    for run_id, times in journal.started.items():
        if times > 1:
            yield Found(f"run {run_id} was started {times} times")
    for run_id, ends in journal.ended.items():
        if len(ends) > journal.started[run_id]:
            yield Found(f"run {run_id} was started {journal.started[run_id]} times and ended {len(ends)} times")


@rule("G2", hint="A trial was executed before its row was committed, or its row was deleted.")
def executions_were_assigned(journal: Journal) -> Iterator[Found]:
    """Every execution in the journal is an attempt in the database, with the same run."""
    runs = list(journal.attempt_of_run)
    for start in range(0, len(runs), ATTEMPTS_IN_A_QUERY):
        some = runs[start : start + ATTEMPTS_IN_A_QUERY]
        known = {str(run): pk for run, pk in TuningAttempt.objects.filter(run__in=some).values_list("run_id", "pk")}
        for run_id in some:
            if known.get(run_id) != journal.attempt_of_run[run_id]:
                yield Found(
                    f"run {run_id} was executed as attempt {journal.attempt_of_run[run_id]}, but no row matches"
                )


@rule("G3", hint="Each line is appended by a single write. Its disk was full, or another program writes to the file.")
def the_journal_is_whole(journal: Journal) -> Iterator[Found]:
    """Every line is readable."""
    if journal.damaged:
        yield Found(f"{len(journal.damaged)} lines are unreadable; the first is line {journal.damaged[0]}")
