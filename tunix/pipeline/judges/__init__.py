"""Judges: each gives every prediction a score from 0 to 1. `JUDGES` is the registry."""

from tunix.pipeline.judges.answer_correctness import AnswerCorrectness
from tunix.pipeline.judges.base import Judge, JudgeItem
from tunix.pipeline.judges.numeric_match import NumericMatch

JUDGES: dict[str, Judge] = {judge.name: judge for judge in (AnswerCorrectness(), NumericMatch())}

__all__ = ["JUDGES", "Judge", "JudgeItem"]
