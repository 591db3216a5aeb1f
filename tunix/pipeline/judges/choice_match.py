"""The chosen letter of a multiple-choice question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tunix.pipeline.judges.answer_correctness import AnswerCorrectness, canonical_text
from tunix.pipeline.judges.base import JudgeItem, Judgement, JudgeOptions, UnreadableAnswer
from tunix.pipeline.judges.versions import version_with
from tunix.validation.fields import Fields

# Possessive quantifiers (`*+`) keep the time linear: a model may repeat a blank or a full stop a thousand times.
# The same marks are on both sides: "**B**" is B, but "A*" is a grade.
_MARKS, _STOPS = r"[*_\"'`]*+", r"[.,:;!]*+"
_ALONE = re.compile(
    rf"\s*+(?P<marks>{_MARKS})[(\[{{<]*+(?P<letter>[A-Za-z]){_STOPS}[)\]}}>]*+{_STOPS}(?P=marks){_STOPS}\s*+"
)
_IN_BRACKETS = r"[(\[{](?P<inside>[A-Za-z])[)\]}]"
# A letter with a sign at it is another answer: A+, A-, A*, C++, C#, X-ray.
_WITHOUT_SIGN = r"(?![\w'+#-])(?!(?<!\*.)\*)"
_CAPITAL = rf"(?P<capital>[A-Z]){_WITHOUT_SIGN}"
# After "the answer is", a small letter may be the article "a", so it counts only at the end of its sentence.
_STATED = re.compile(
    r"(?i:\b(?:answer|option|choice|choose|pick|select|boxed)\b(?:\s++(?:is|would\s++be|must\s++be)\b)?+\s*+[:=-]?+"
    r"\s*+(?:(?:option|choice|letter)\s++)?+)[*_\"'`\s]*+"
    rf"(?:{_IN_BRACKETS}|{_CAPITAL}|(?P<small>[a-z])(?=\s*(?:[.,;:!)*_\"'`]|$)))",
    re.MULTILINE,
)
_LEADING = re.compile(r"\s*(?:[(\[](?P<inside>[A-Za-z])[)\]]|[*_]*(?P<marked>[A-Za-z])[*_]*(?:[).:]|\s*\n))")
_SEPARATE = re.compile(rf"{_IN_BRACKETS}|(?<![\w']){_CAPITAL}")
_PRONOUN = re.compile(r"I\s+[a-z]")
_WORD = re.compile(r"[IA]\s+(?!(?:or|and|is|because|since|as)\b)[a-z]")


DECODE, LIKELIHOOD = "decode", "likelihood"


class ChoiceMatch:
    """1 if the prediction chooses the letter of the answer.

    With the option `decode`, predictions are labels chosen by their likelihood: 1 if the label is that of the answer,
    whatever labels are.
    """

    name = "choice_match"
    rule_version = "2"
    option_names = (DECODE,)
    help = "The chosen letter of a multiple-choice question, such as B, (b) or Answer: B; the answer is a letter."

    def __init__(self, options: JudgeOptions | None = None) -> None:
        self.version = version_with(self.rule_version, options or {})
        self._are_labels = bool(options and options.get(DECODE) == LIKELIHOOD)

    def read_options(self, fields: Fields) -> JudgeOptions:
        given = fields.get(DECODE)
        if given not in (None, LIKELIHOOD):
            fields.refuse(DECODE, f'Must be "{LIKELIHOOD}", or left out: then answers are generated.')
            return {DECODE: None}
        return {DECODE: given}

    def with_options(self, options: JudgeOptions) -> ChoiceMatch:
        return ChoiceMatch(options)

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [self._judgement(item) for item in items]

    def canonical(self, answer: str) -> str:
        if self._are_labels:
            return AnswerCorrectness().canonical(answer)
        match = _ALONE.fullmatch(answer)
        if match is None:
            raise UnreadableAnswer(f"The answer {answer[:40]!r} is not a letter.")
        return match["letter"].upper()

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            expected = self.canonical(item.answer)
            found = canonical_text(item.prediction) if self._are_labels else chosen_letter(item.prediction)
            return Judgement(float(found == expected))
        except UnreadableAnswer as error:
            return Judgement(None, error=str(error))


def chosen_letter(text: str) -> str | None:
    """The letter that a text chooses, as a capital, or None if it chooses none or several.

    Tried in this order: the whole text; the last statement such as "the answer is (b)"; a separate letter at the
    beginning of the text; the only separate letter in it.
    """
    if match := _ALONE.fullmatch(text):
        return match["letter"].upper()
    stated = [match for match in _STATED.finditer(text) if not _PRONOUN.match(text, match.end() - 1)]
    if stated:
        return _of(stated[-1])
    if match := _LEADING.match(text):
        return _of(match)
    separate = {_of(match) for match in _SEPARATE.finditer(text) if not _WORD.match(text, match.start())}
    return separate.pop() if len(separate) == 1 else None


def _of(match: re.Match[str]) -> str:
    return next(letter for letter in match.groups() if letter).upper()
