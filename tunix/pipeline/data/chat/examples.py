"""Training rows that are shown before each prompt, so that the model sees what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tunix.pipeline.data.rows import Row

Measure = Callable[[Row], int]
"""The tokens of a row's texts."""

MAX_ROWS_READ = 1000
"""If too few of this many rows are short enough, there are fewer examples. Callers need give no more."""


class Examples:
    """The first `count` of these rows that fit into `budget` tokens together; for each row, never the row itself.

    One more is chosen for where one of them has the prompt of the row that they are shown before.
    """

    def __init__(self, rows: Sequence[Row], count: int, budget: int, measure: Measure) -> None:
        self._count = count
        self._rows = tuple(_first_that_fit(rows, count + 1, budget, measure)) if count else ()

    def before(self, row: Row) -> list[Row]:
        """The examples for a row, in the order of the training rows."""
        return [each for each in self._rows if each.prompt != row.prompt][: self._count]


def _first_that_fit(rows: Sequence[Row], count: int, budget: int, measure: Measure) -> Iterator[Row]:
    """Rows with different prompts. One that is too long for what is left of the budget is passed over."""
    prompts: set[str] = set()
    left = budget
    for row in rows[:MAX_ROWS_READ]:
        if len(prompts) == count:
            return
        if row.prompt in prompts or (size := measure(row)) > left:
            continue
        prompts.add(row.prompt)
        left -= size
        yield row
