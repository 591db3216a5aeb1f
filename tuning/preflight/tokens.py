"""What the model reads of the rows: their lengths, the tokens that are trained, and rows that it cannot use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..models import TuningJob
from .findings import Finding, ok, problem, warning
from .lengths import limits_of
from .texts import MOST_ROWS, Texts

if TYPE_CHECKING:
    from tunix.pipeline.data.chat.refused_rows import RowFinding
    from tunix.pipeline.data.lengths import RowLengths
    from tunix.pipeline.data.token_examples import TokenExample

SHARES = (0.5, 0.9, 0.99, 1.0)
FEW_TRAINED = 0.01
"""With a smaller share of trained tokens, nearly all time goes into reading prompts."""
MOST_SUSPECTS = 5000
"""Rows that may spell control tokens and are tokenized to see whether they do."""
SHOWN = 3


def check_tokens(job: TuningJob, texts: Texts) -> Iterator[Finding]:
    """Lengths and trained tokens of the train rows, and the rows of all splits that the model cannot use."""
    evaluated = job.evaluation.split
    for split in dict.fromkeys(("train", "validation", evaluated)):
        if texts.dataset.rows_of(split):
            yield from _refused(split, texts.lengths(split), is_used=split in ("train", evaluated))
    train = texts.lengths("train")
    if train.lines:
        yield ok("tokens", f"{_lengths(train)}{texts.known.remark}")
        yield from _few_trained(train)
    yield from _control_tokens(texts)


def examples_of(job: TuningJob, texts: Texts) -> list[TokenExample]:
    """Three train rows as the model reads them, at the largest max_seq_length of the space."""
    from tunix.pipeline.data.token_examples import token_examples

    limits = limits_of(job)
    return token_examples(texts.lengths("train"), texts.known.tokenizer, limits[-1]) if limits else []


def _lengths(train: RowLengths) -> str:
    tokens = [f"{value:,}" for value in train.percentiles("length", SHARES)]
    trained = [f"{value:,}" for value in train.percentiles("trained", SHARES)]
    sampled = "" if train.is_whole else f" Estimated from {len(train.lines):,} rows, the longest among them."
    return (
        f"Tokens of the train rows: half of them have at most {tokens[0]}, 90% at most {tokens[1]}, 99% at most "
        f"{tokens[2]}, the longest {tokens[3]}. Trained tokens: {trained[0]}, {trained[1]}, {trained[2]} and "
        f"{trained[3]}, which are {train.trained_share:.1%} of all.{sampled}"
    )


def _few_trained(train: RowLengths) -> Iterator[Finding]:
    if train.trained_share < FEW_TRAINED:
        yield warning(
            "tokens",
            f"Only {train.trained_share:.2%} of the tokens of the train rows are trained: nearly all time goes into "
            "reading prompts. Shorten the prompts, or check that the answers are whole.",
        )


def _refused(split: str, lengths: RowLengths, *, is_used: bool) -> Iterator[Finding]:
    if not lengths.refused:
        return
    looked_at = len(lengths.refused) + len(lengths.lines)
    shown = " ".join(f"Line {one.line:,}: {one.problem}." for one in lengths.refused[:SHOWN])
    sentence = (
        f"{len(lengths.refused):,} of {looked_at:,} {split} rows that were looked at ({_lines_of(lengths.refused)}) "
        f"cannot be used by this model. {shown}"
    )
    if is_used:
        yield problem("tokens", f"{sentence} Every run would fail: correct these rows, or change prompt_json.")
    else:
        yield warning("tokens", sentence)


def _control_tokens(texts: Texts) -> Iterator[Finding]:
    from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer

    tokenizer = texts.known.tokenizer
    if not isinstance(tokenizer, FolderTokenizer):  # no text can spell the special tokens of a built-in model
        return
    rows = texts.first("train", MOST_ROWS)
    suspects = [line for line, row in enumerate(rows, start=1) if tokenizer.may_spell_control_tokens(row)]
    suspects = suspects[:MOST_SUSPECTS]
    found = tokenizer.control_tokens_in([rows[line - 1] for line in suspects])
    if found:
        lines = [suspects[one.line - 1] for one in found]
        yield warning(
            "tokens",
            f"{len(found):,} train rows ({_lines(lines)}) spell control tokens. Line {lines[0]:,}: {found[0].problem}. "
            "If that is not meant, remove them from the texts.",
        )


def _lines_of(found: Sequence[RowFinding]) -> str:
    return _lines([one.line for one in found])


def _lines(lines: Sequence[int]) -> str:
    shown = ", ".join(f"{line:,}" for line in lines[:SHOWN])
    more = " and others" if len(lines) > SHOWN else ""
    return f"line{'s' if len(lines) > 1 else ''} {shown}{more}"
