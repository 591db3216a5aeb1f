"""Reads a number from text: the whole of an answer, or the last one of a prediction.

Nothing is guessed: text whose last word with a digit is not a number in one of these forms has no number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MOST_CHARACTERS = 1000
"""Of a number; only so much of the end of a text is read."""
RESULT_MARK = "####"
"""Stands before the result of a worked solution, as in GSM8K."""

_GAP = "[ \N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}]"
_TIMES = "\N{MULTIPLICATION SIGN}"
_QUOTES = "'\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
_SEPARATORS = r"\s=<>|;!?~≈→\"“”—\\"
_CURRENCY = "[$€£¥₹]"
_GROUPED = rf"\d{{1,3}}(?:,\d{{3}})+|\d{{1,3}}(?:{_GAP}\d{{3}})+"
_EXPONENT = r"[+-]?\d{1,3}"
_NUMBER = rf"""(?P<sign>[+-])?(?:(?P<before>{_CURRENCY}){_GAP}?(?P<inner>-)?)?
(?:(?:(?P<whole>\d+){_GAP}+)?(?P<numerator>\d+){_GAP}?/{_GAP}?(?P<denominator>\d+)
|10\^(?P<power>{_EXPONENT})
|(?P<digits>(?:{_GROUPED}|\d+)(?:\.\d*)?|\.\d+)
(?:[eE](?P<exponent>{_EXPONENT})|{_GAP}?[{_TIMES}x*·]{_GAP}?10\^(?P<times_ten>{_EXPONENT}))?)
(?:{_GAP}?(?P<after>%|{_CURRENCY}))?""".replace("\n", "")
_WHOLE = re.compile(_NUMBER)
# A number begins a word: only blanks, signs that separate, and opening marks may stand before it.
_LAST = re.compile(rf"(?:^|[{_SEPARATORS}#]|[^\W\d]:)[(\[{{*_{_QUOTES}`,:]*(?P<number>{_NUMBER})\Z")
_REST_OF_WORD = re.compile(rf"[^{_SEPARATORS}`]*")
_CLOSING = f".,:*_)]}}{_QUOTES}"
_UNIT = re.compile(rf"{_GAP}?(?:%|{_CURRENCY})")
# "7 - 3" is not a number, and in "x = - 5" the sign may belong to it; in "Answer - 5" a dash stands between words.
_OPERATORS = rf"[-+*{_TIMES}xX·/÷^]"
_OPERATOR = re.compile(
    rf"(?:\d[ \t]*{_OPERATORS}+[ \t]*|(?:^|[=(\[{{])[ \t]*{_OPERATORS}+[ \t]+)[(\[{{]*\Z", re.MULTILINE
)

_SIGNS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{FULLWIDTH HYPHEN-MINUS}": "-", "\N{FRACTION SLASH}": "/"})
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_TEX_FRACTION = re.compile(r"\\[dt]?frac\{(\d+)\}\{(\d+)\}")
_TEX_MATH = re.compile(r"\$(?!\s)([^$\n]+)(?<!\s)\$(?!\d)")


@dataclass(frozen=True, order=True)
class Number:
    """The exact value, and the sign of a currency or a percent sign that stands with it."""

    value: Fraction
    unit: str = ""


def whole_number(text: str) -> Number | None:
    """The number that the whole text is, or None. Only what follows `####` is read, if there is such a mark."""
    text = _plain(_result_of(text)).strip()
    if len(text) > MOST_CHARACTERS:
        return None
    match = _WHOLE.fullmatch(text) or _WHOLE.fullmatch(text.removesuffix(".").rstrip())
    return _number_of(match) if match else None


def last_number(text: str) -> Number | None:
    """The number that the last word with a digit in it is, or None if that word is not a number."""
    text = _plain(_result_of(text))
    last = next((index for index in reversed(range(len(text))) if unicodedata.category(text[index])[0] == "N"), None)
    if last is None:
        return None
    head = text[: _end_of_number(text, last + 1)]
    match = _LAST.search(head, max(0, len(head) - MOST_CHARACTERS))
    if match is None or _OPERATOR.search(head[: match.start("number")]):
        return None
    return _number_of(match)


def _result_of(text: str) -> str:
    _before, mark, after = text.rpartition(RESULT_MARK)
    return after.strip().partition("\n")[0] if mark else text


def _plain(text: str) -> str:
    """The text with one spelling for signs, fractions and powers of ten."""
    text = text.translate(_SIGNS).replace("\\%", "%").replace("\\$", "$").replace("\\boxed", " ")
    text = _TEX_FRACTION.sub(r"\1/\2", _TEX_MATH.sub(r" \1 ", text))
    text = re.sub(r"(?<=10)[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda match: f"^{match[0].translate(_RAISED)}", text)
    text = re.sub(r"(?:\\times|\\cdot)\s*(?=10\^)", _TIMES, text)
    return re.sub(r"(?<=\^)[({]([+-]?\d+)[)}]", r"\1", text)


def _end_of_number(text: str, end: int) -> int:
    """Where the word ends whose last digit is before `end`; a unit after a blank belongs to it."""
    rest = _REST_OF_WORD.match(text, end)
    end += len(rest[0].rstrip(_CLOSING)) if rest else 0
    unit = _UNIT.match(text, end)
    return unit.end() if unit else end


def _number_of(match: re.Match[str]) -> Number | None:
    units = {match["before"], match["after"]} - {None}
    if len(units) > 1 or (match["sign"] and match["inner"]):
        return None
    value = _value_of(match)
    if value is None:
        return None
    negative = match["sign"] == "-" or match["inner"]
    return Number(-value if negative else value, units.pop() if units else "")


def _value_of(match: re.Match[str]) -> Fraction | None:
    if match["denominator"] is not None:
        below = int(match["denominator"])
        return int(match["whole"] or 0) + Fraction(int(match["numerator"]), below) if below else None
    exponent = int(match["power"] or match["exponent"] or match["times_ten"] or 0)
    digits = re.sub(rf",|{_GAP}", "", match["digits"] or "1")
    return Fraction(Decimal(digits)) * Fraction(10) ** exponent
