"""Equality of the final number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from tunix.pipeline.judges.base import JudgeItem

# A minus is a sign only if nothing precedes it that it could subtract from: "7-3" ends in 3.
_NUMBER = re.compile(
    r"(?P<sign>(?<![\w)])-)?[$€£]?(?P<inner>(?<=[$€£])-)?"
    r"(?P<digits>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)"
)


class NumericMatch:
    """1 if the last number of the prediction equals the last number of the answer."""

    name = "numeric_match"
    version = "1"
    help = "Equality of the final number in the text, ignoring commas, currency and percent signs."

    def judge(self, items: Sequence[JudgeItem]) -> list[float]:
        scores = []
        for item in items:
            expected = final_number(item.answer)
            scores.append(float(expected is not None and final_number(item.prediction) == expected))
        return scores


def final_number(text: str) -> Decimal | None:
    """The last number in the text, or None."""
    matches = list(_NUMBER.finditer(text.replace("\N{MINUS SIGN}", "-")))
    if not matches:
        return None
    number = Decimal(matches[-1]["digits"].replace(",", ""))
    return -number if matches[-1]["sign"] or matches[-1]["inner"] else number
