"""A job in the terminal: a table that grows as trials end, then the winner."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from .analysis.early_stopping import saved_sentence
from .analysis.guards import JobGuards, job_guards_of, why_no_best
from .analysis.trial_columns import Place, TrialColumn, columns_of
from .choices import TERMINAL_TRIAL_STATUSES, JobStatus, TrialKind, TrialStatus
from .models import TuningJob, TuningTrial

SHOWN = 30
STYLES = {
    TrialStatus.COMPLETED: "green",
    TrialStatus.FAILED: "red",
    TrialStatus.RUNNING: "cyan",
    TrialStatus.CANCELED: "dim",
    TrialStatus.PRUNED: "yellow",
}


class ProgressTable:
    """A live table on a terminal, elsewhere a line per trial as it ends. Quiet: on standard error."""

    def __init__(self, job: TuningJob, *, quiet: bool = False) -> None:
        self.job = job
        self.console = Console(stderr=quiet, highlight=False, soft_wrap=not sys.stdout.isatty())
        self.live = Live(console=self.console, auto_refresh=False) if self.console.is_terminal else None
        self._printed: set[int] = set()
        self._guarding = JobGuards()
        self._paused = False

    def __enter__(self) -> Self:
        asked = self.job.confirmation
        further = ["controls"] * asked.controls + ["a confirmation"] * asked.automatic
        more = f" with {' and '.join(further)}" if further else ""
        self.console.print(
            f"[bold]{escape(self.job.name)}[/bold]  job {self.job.pk}\n"
            f"{self.job.num_samples} trials{more} of {self.job.base_model_id} ({self.job.method}) "
            f"on {self.job.dataset_id}, {self.job.metric_name} ({self.job.metric_mode})"
        )
        if self.live is not None:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refresh()
        if self.live is not None:
            self.live.stop()
        if kind is None:
            self._print_end()

    def refresh(self) -> None:
        """Read the trials and show them."""
        self.job.refresh_from_db()
        self._guarding = job_guards_of(self.job)
        trials = list(self.job.trials.for_tables().order_by("number"))
        if self.live is not None:
            self.live.update(self._drawn(trials), refresh=True)
            return
        if self.job.is_paused != self._paused:
            self._paused = self.job.is_paused
            self.console.print("paused: no new trial starts" if self._paused else "unpaused")
        for trial in trials:
            if trial.status in TERMINAL_TRIAL_STATUSES and trial.number not in self._printed:
                self._printed.add(trial.number)
                self.console.print(self._line(trial))

    def _drawn(self, trials: list[TuningTrial]) -> Group:
        table = Table(box=None, pad_edge=False)
        columns = columns_of(self.job, Place.TERMINAL)
        for column in columns:
            table.add_column(column.label, justify="right")
        table.add_column("")
        for trial in trials[-SHOWN:]:
            is_best = trial.pk == self.job.best_trial_id
            style = "bold green" if is_best else STYLES.get(TrialStatus(trial.status), "")
            table.add_row(*self._cells(trial, columns), style=style)
        searched = [trial for trial in trials if trial.kind == TrialKind.SEARCH]
        ended = sum(trial.status in TERMINAL_TRIAL_STATUSES for trial in searched)
        others = f", {len(trials) - len(searched)} for comparison" if len(trials) > len(searched) else ""
        hidden = f", the last {SHOWN} shown" if len(trials) > SHOWN else ""
        state = f"paused ({self.job.status})" if self.job.is_paused else self.job.status
        return Group(table, Text(f"{ended} of {self.job.num_samples} trials ended{hidden}{others}; job {state}"))

    def _cells(self, trial: TuningTrial, columns: list[TrialColumn]) -> list[str]:
        """A cell a column, the number of the best trial with a star, and in how it ended."""
        cells = [WRITTEN.get(column.display, _short)(column.value(trial)) for column in columns]
        if trial.pk == self.job.best_trial_id:
            cells[0] = f"*{cells[0]}"
        state = self._outcome(trial) if trial.status == TrialStatus.COMPLETED else trial.status
        return [*cells, trial.reason or _pruned(trial) or state]

    def _outcome(self, trial: TuningTrial) -> str:
        """Why it was run, where that is not the search, and what keeps it from winning."""
        disqualified = "disqualified by a guard" if self._guarding.disqualified(trial) else ""
        return ", ".join(filter(None, [_kind(trial), disqualified, "excluded" if trial.is_excluded else ""]))

    def _line(self, trial: TuningTrial) -> str:
        params = " ".join(f"{name}={_short(value)}" for name, value in sorted(trial.params_json.items()))
        end = trial.reason or _pruned(trial) or f"{self.job.metric_name} {_short(trial.metric_value)}"
        kind = self._outcome(trial)
        text = f"{kind}: {params}" if kind else params
        return escape(f"trial {trial.number:>3}  {end:<24} {_seconds(trial.duration_seconds):>8}  {text}")

    def _print_end(self) -> None:
        job = self.job
        if job.status == JobStatus.FAILED:
            self.console.print(f"[bold red]The job failed:[/bold red] {escape(job.error)}")
        elif job.status == JobStatus.CANCELED:
            self.console.print("The job was canceled.")
        if saved := saved_sentence(TuningJob.objects.with_progress().get(pk=job.pk)):
            self.console.print(f"{saved}.")
        if job.best_run is None:
            self.console.print(escape(why_no_best(job) or "No trial completed, so there is no best run."))
            self._print_verdict()
            return
        params = ", ".join(f"{name}={_short(value)}" for name, value in sorted(job.best_params_json.items()))
        self.console.print(
            f"[bold green]Best: trial {job.best_trial.number}[/bold green], "
            f"{job.metric_name} {_short(job.best_value)} with {escape(params)}\n"
            f"run {job.best_run_id}\n"
            f"its files: {job.best_run.work_dir()}\n"
            f"the job's: {job.work_dir()}"
        )
        self._print_verdict()
        if job.confirmed_run_id is not None:
            self.console.print(f"confirmed run {job.confirmed_run_id}")

    def _print_verdict(self) -> None:
        if (verdict := self.job.verdict) is not None:
            self.console.print(f"[bold]Verdict:[/bold] {escape(verdict.sentence)}")


def _kind(trial: TuningTrial) -> str:
    """Why a trial that is not of the search was run; of a search trial, which replicate it is."""
    if trial.kind == TrialKind.SEARCH:
        return f"seed {trial.replicate + 1}" if trial.replicate else ""
    of = " of the default" if trial.kind == TrialKind.HELD_OUT else ""
    of = f" of trial {trial.source.number}" if trial.source else of
    return f"{trial.get_kind_display()}{of}"


def _pruned(trial: TuningTrial) -> str:
    """Where a trial was stopped early; empty where it was not."""
    return f"pruned at {trial.trained_steps} of {trial.steps}" if trial.status == TrialStatus.PRUNED else ""


def _short(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


WRITTEN: dict[str, Callable[[Any], str]] = {"duration": _seconds}
"""How the values of a display are written, where not as plain ones are."""
