"""The rows of the trials table, with the values written out: a template that chooses among formats is slow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html

from tunix.pages.templatetags.pages import NOTHING, duration, moment, number, score

from ..analysis.trial_columns import TrialColumn
from ..models import TuningTrial


@dataclass(frozen=True)
class Cell:
    """A value of a trial. `text` is empty where the display of the column needs more than the value."""

    display: str
    css: str
    value: Any
    text: str


@dataclass(frozen=True)
class TrialRow:
    trial: TuningTrial
    cells: list[Cell]


WRITTEN: dict[str, Callable[[Any], str]] = {
    "text": number,
    "number": number,
    "score": lambda value: format_html("<strong>{}</strong>", score(value)),
    "duration": duration,
    "time": moment,
    "run": lambda value: "" if value else NOTHING,
}
"""The displays that need nothing but the value; the others are of the template."""


def trial_rows(trials: Iterable[TuningTrial], columns: Iterable[TrialColumn]) -> list[TrialRow]:
    """A row for each trial, with a cell for each column."""
    written = [(column, column.css, WRITTEN.get(column.display)) for column in columns]
    rows = []
    for trial in trials:
        cells = []
        for column, css, write in written:
            value = column.value(trial)
            cells.append(Cell(column.display, css, value, write(value) if write else ""))
        rows.append(TrialRow(trial, cells))
    return rows
