"""Judges score predictions from 0 to 1. `JUDGES` is the registry, with the checkers of this installation."""

from tunix.pipeline.judges.answer_correctness import AnswerCorrectness
from tunix.pipeline.judges.base import (
    AnswerReader,
    Configurable,
    Grader,
    Judge,
    JudgeContext,
    JudgeItem,
    Judgement,
    NearAnswers,
    Outputs,
    ServiceJudge,
    UnreadableAnswer,
)
from tunix.pipeline.judges.checker import checkers
from tunix.pipeline.judges.choice_match import ChoiceMatch
from tunix.pipeline.judges.chrf import Chrf
from tunix.pipeline.judges.gemma import Gemma
from tunix.pipeline.judges.json_match import JsonMatch
from tunix.pipeline.judges.numeric_match import NumericMatch
from tunix.pipeline.judges.regex_match import RegexMatch
from tunix.pipeline.judges.rouge_l import RougeL
from tunix.pipeline.judges.usage import Meter

_JUDGES: tuple[Judge, ...] = (
    AnswerCorrectness(),
    NumericMatch(),
    ChoiceMatch(),
    RegexMatch(),
    JsonMatch(),
    RougeL(),
    Chrf(),
    Gemma(),
    *checkers(),
)
JUDGES: dict[str, Judge] = {judge.name: judge for judge in _JUDGES}

__all__ = [
    "JUDGES",
    "AnswerReader",
    "Configurable",
    "Grader",
    "Judge",
    "JudgeContext",
    "JudgeItem",
    "Judgement",
    "Meter",
    "NearAnswers",
    "Outputs",
    "ServiceJudge",
    "UnreadableAnswer",
]
