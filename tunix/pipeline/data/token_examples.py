"""Rows as the tokens that a model reads, with those marked that the loss counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tunix.pipeline.data.lengths import RowLengths
from tunix.pipeline.data.row_tokenizer import RowTokenizer, TokenizedRow

Which = Literal["first", "median", "longest"]

MOST_SHOWN = 400
"""Tokens of an example that are shown: its beginning and its end."""
_OF_BEGINNING = 100


@dataclass(frozen=True)
class ShownToken:
    """A token as text; `trained` if the loss counts it."""

    text: str
    trained: bool

    @property
    def visible(self) -> str:
        """The text with a sign for each end of a line."""
        return self.text.replace("\n", "⏎\n")


@dataclass(frozen=True)
class TokenExample:
    """A row as it is trained on. `omitted` tokens after the first `before` are not shown.

    `line` is its number in the split, `length` and `trained` are counted after it is cut.
    """

    which: tuple[Which, ...]
    line: int
    length: int
    trained: int
    is_cut: bool
    tokens: tuple[ShownToken, ...]
    before: int
    omitted: int

    @property
    def title(self) -> str:
        """Which row it is, and its size."""
        names = " and ".join(_NAMES[which] for which in self.which)
        cut = ", cut" if self.is_cut else ""
        return (
            f"{names[0].upper()}{names[1:]}, line {self.line:,}: {self.length:,} tokens{cut}, {self.trained:,} trained"
        )

    def as_text(self) -> str:
        """The tokens for a terminal: separated by bars, and those that are trained in brackets."""
        pieces = [f"[{token.visible}]" if token.trained else token.visible for token in self.tokens]
        if self.omitted:
            pieces.insert(self.before, f"... {self.omitted:,} more tokens ...")
        return "|".join(pieces)


_NAMES: dict[Which, str] = {"first": "the first row", "median": "a row of median length", "longest": "the longest row"}


def token_examples(lengths: RowLengths, tokenizer: RowTokenizer, limit: int) -> list[TokenExample]:
    """The first row of a split, one of median length, and the longest that has at most `limit` tokens.

    If none is so short, the shortest, cut. A row that is two of these comes once.
    """
    if not lengths.lines:
        return []
    (median,) = lengths.percentiles("length", [0.5])
    sizes = [row.length for row in lengths.tokenized]
    places = range(len(sizes))
    fitting = [place for place in places if sizes[place] <= limit]
    chosen: dict[Which, int] = {
        "first": 0,
        "median": min(places, key=lambda place: abs(sizes[place] - median)),
        "longest": max(fitting, key=sizes.__getitem__) if fitting else min(places, key=sizes.__getitem__),
    }
    return [
        _example(
            tuple(which for which, other in chosen.items() if other == place),
            lengths.lines[place],
            lengths.tokenized[place],
            tokenizer,
            limit,
        )
        for place in dict.fromkeys(chosen.values())
    ]


def _example(
    which: tuple[Which, ...], line: int, row: TokenizedRow, tokenizer: RowTokenizer, limit: int
) -> TokenExample:
    cut = row.cut(limit)
    trained = {position for span in cut.trained for position in range(*span)}
    omitted = max(0, cut.length - MOST_SHOWN)
    positions = [*range(_OF_BEGINNING), *range(_OF_BEGINNING + omitted, cut.length)] if omitted else range(cut.length)
    texts = tokenizer.token_texts(cut.tokens[position] for position in positions)
    return TokenExample(
        which=which,
        line=line,
        length=cut.length,
        trained=len(trained),
        is_cut=row.length > limit,
        tokens=tuple(ShownToken(text, position in trained) for text, position in zip(texts, positions, strict=True)),
        before=_OF_BEGINNING if omitted else cut.length,
        omitted=omitted,
    )
