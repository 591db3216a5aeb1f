"""The built-in dataset `dates-v1`: sentences with a date as people write it, and the same date in ISO 8601.

A small pretrained model knows what months are, but not this task: it learns the plain forms in some dozens of steps
with good hyperparameters, and those that need a calendar later or never.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from tunix.pipeline.data.rows import Row

KEY = "dates-v1"
SEED = 1
SIZES = {"train": 4000, "validation": 512, "test": 1024}

_FIRST, _LAST = date(1950, 1, 1), date(2049, 12, 31)
_RELATIVE_SHARE = 0.15

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
    *("twentieth", "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth"),
    *("twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first"),
)

_SENTENCES = (
    "The invoice is dated {}.",
    "The deadline is {}.",
    "Day of birth: {}.",
    "The day of the concert is {}.",
    "Her passport expires {}.",
    "The contract ends {}.",
    "Day of delivery: {}.",
    "His first day at work was {}.",
)


def _month(day: date) -> str:
    return _MONTHS[day.month - 1]


def _suffix(number: int) -> str:
    return "th" if 10 < number < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


_FORMS: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day.day} {_month(day)} {day.year}",
    lambda day: f"{_month(day)} {day.day}, {day.year}",
    lambda day: f"{_month(day)[:3]} {day.day} {day.year}",
    lambda day: f"the {day.day}{_suffix(day.day)} of {_month(day)} {day.year}",
    lambda day: f"the {_ORDINALS[day.day - 1]} of {_month(day)} {day.year}",
    lambda day: f"{_DAYS[day.weekday()]}, {day.day} {_month(day)} {day.year}",
    lambda day: f"day {day.day} of month {day.month}, {day.year}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
)
_SHIFTS = {"the day after": 1, "the day before": -1, "a week after": 7}


def generate(seed: int = SEED) -> dict[str, list[Row]]:
    """The rows of each split, all different, such as `The deadline is the 3rd of May 2021.` and `2021-05-03`.

    No date is the answer in two splits. The same seed gives the same rows.
    """
    choose = random.Random(seed)  # noqa: S311 - not a secret
    days = [_FIRST + timedelta(days=number) for number in range((_LAST - _FIRST).days)]
    chosen = iter(choose.sample(days, sum(SIZES.values())))
    return {split: [_row(choose, next(chosen)) for _ in range(size)] for split, size in SIZES.items()}


def _row(choose: random.Random, day: date) -> Row:
    sentence, form = choose.choice(_SENTENCES), choose.choice(_FORMS)
    if choose.random() < _RELATIVE_SHARE:
        words, shift = choose.choice(list(_SHIFTS.items()))
        return Row(sentence.format(f"{words} {form(day - timedelta(days=shift))}"), day.isoformat())
    return Row(sentence.format(form(day)), day.isoformat())
