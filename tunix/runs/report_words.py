"""The report on a reproduction in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunix.pipeline.provenance.reproduction import ReproductionReport


def lines_of(report: Mapping[str, Any]) -> list[str]:
    """A stored report for a terminal: the conclusion, then what differs, then the first other predictions."""
    return list(_lines(ReproductionReport.model_validate(report)))


def _lines(report: ReproductionReport) -> Iterator[str]:
    yield report.sentence
    for difference in report.differences:
        yield f"  {difference.sentence}"
    for split in report.rows:
        yield f"  {split.sentence}"
        for row in split.first:
            if row.old_prompt is not None or row.new_prompt is not None:
                before, now = _row(row.old_prompt, row.old_answer), _row(row.new_prompt, row.new_answer)
                yield f"    row {row.index}: {before} before, {now} now"
    for change in report.predictions.first:
        yield f"  prediction {change.index}, {change.prompt!r}: {change.old!r} before, {change.new!r} now"
    for name, pair in report.metrics.items():
        if pair.old != pair.new:
            yield f"  {name}: {pair.old!r} before, {pair.new!r} now"


def _row(prompt: str | None, answer: str | None) -> str:
    return "not there" if prompt is None else f"{prompt!r} -> {answer!r}"
