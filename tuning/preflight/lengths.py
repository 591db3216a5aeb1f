"""Rows that are longer than what a run reads or generates, and answers that the model cannot write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tunix.pipeline.data.rows import SPLITS, Row
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.judges import JUDGES, AnswerReader, Grader
from tunix.pipeline.spec import EvaluationSpec

from ..domain.space.fixed_params import FIXED_PARAMS_PATH
from ..domain.space.projection import settings_of
from ..domain.space.search_space import SEARCH_SPACE_PATH
from ..models import TuningJob
from .findings import Finding, ok, problem, warning
from .texts import Texts

if TYPE_CHECKING:
    from tunix.pipeline.data.lengths import Longer, RowLengths

LENGTH = "max_seq_length"
MOST_VALUES = 4
"""If a job searches more values of max_seq_length, only the smallest and the largest are looked at."""
PATTERN_JUDGE = "regex_match"
"""Its answers are patterns, which no model should write."""

_WHAT_HAPPENS = {
    "cut": "their prompts lose their beginning",
    "drop": "they are left out",
    "refuse": "every run with this length fails, because too_long is refuse",
}


@dataclass(frozen=True)
class TooLong:
    """The rows of a split that are too long, and what is left of them if they are cut."""

    split: str
    rows: Longer
    answers: Longer | None
    """Those whose answer alone is too long."""
    untrained: Sequence[int]
    """The lines of those that keep no trained token."""


def limits_of(job: TuningJob) -> list[int]:
    """The values of max_seq_length that a trial may have, or the smallest and the largest of many."""
    settings = settings_of(job.space(), job.fixed_params_json, [LENGTH], job.method)
    limits = sorted({int(one.values[LENGTH]) for one in settings})
    return limits if len(limits) <= MOST_VALUES else [limits[0], limits[-1]]


def about_length(job: TuningJob) -> str:
    """The path of max_seq_length in the definition."""
    return f"{SEARCH_SPACE_PATH if LENGTH in job.space().parameters else FIXED_PARAMS_PATH}.{LENGTH}"


def check_sequence_length(job: TuningJob, texts: Texts) -> Iterator[Finding]:
    """How many rows are too long at each value of max_seq_length that a trial may have."""
    about, limits = about_length(job), limits_of(job)
    if not limits:
        return
    splits = {split: texts.lengths(split) for split in SPLITS if texts.dataset.rows_of(split)}
    found = {limit: list(_too_long(splits, limit, texts)) for limit in limits}
    for limit, parts in found.items():
        if parts:
            yield _finding(about, limit, parts, texts)
    if not any(found.values()):
        yield _nothing_too_long(about, limits[0], splits, texts)


def _too_long(splits: dict[str, RowLengths], limit: int, texts: Texts) -> Iterator[TooLong]:
    for split, rows in splits.items():
        if split == "test":  # nothing is trained on it, and there is no loss: only its prompts are read
            if (longer := rows.longer("prompt_length", limit)) is not None:
                yield TooLong(split, longer, None, ())
        elif (longer := rows.longer("length", limit)) is not None:
            is_cut = texts.prompt.too_long == "cut"
            # beside the first token and the end
            answers = rows.longer("answer_length", limit - 2) if is_cut else None
            yield TooLong(split, longer, answers, rows.untrained_at(limit) if is_cut else ())


def _finding(about: str, limit: int, found: Sequence[TooLong], texts: Texts) -> Finding:
    sentences = [_in_words(limit, [one for one in found if one.split != "test"], texts.prompt.too_long, texts)]
    sentences.append(_in_words(limit, [one for one in found if one.split == "test"], "cut", texts))
    message = f"{' '.join(filter(None, sentences))} {_cure(found)}{texts.known.remark}"
    is_trained = any(one.split != "test" for one in found)
    if texts.prompt.too_long == "refuse" and is_trained:
        return problem(about, message)
    if texts.prompt.too_long == "drop" and any(_is_all(one, texts) for one in found if one.split == "train"):
        return problem(about, f"No train row is left. {message}")
    return warning(about, message)


def _is_all(found: TooLong, texts: Texts) -> bool:
    return found.rows.count >= texts.lengths(found.split).rows


def _in_words(limit: int, found: Sequence[TooLong], too_long: str, texts: Texts) -> str:
    if not found:
        return ""
    parts = []
    for one in found:
        what = "prompts" if one.split == "test" else "rows"
        shown = _lines(one, limit, texts) if too_long == "refuse" else _example(one.rows)
        parts.append(f"{_count(one.rows, texts)} of {texts.of_all(one.split)} {one.split} {what} {shown}")
    sentence = f"{', '.join(parts)} are longer than {LENGTH}, {limit:,}: {_WHAT_HAPPENS[too_long]}"
    if answers := [f"{_count(one.answers, texts)} {one.split}" for one in found if one.answers is not None]:
        sentence += f", and {' and '.join(answers)} answers their end"
    if untrained := [one for one in found if one.untrained]:
        lines = ", ".join(f"{len(one.untrained):,} {one.split} (line {one.untrained[0]:,})" for one in untrained)
        sentence += f". Of these, {lines} keep no trained token and are left out"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _lines(found: TooLong, limit: int, texts: Texts) -> str:
    """The first lines that are too long, and the length of the longest."""
    lines = texts.lengths(found.split).lines_longer("length", limit)
    shown = ", ".join(f"{line:,}" for line in lines[:5])
    more = " and others" if len(lines) > 5 else ""
    return f"(line{'s' if len(lines) > 1 else ''} {shown}{more}; the longest has {found.rows.longest:,} tokens)"


def _cure(found: Sequence[TooLong]) -> str:
    longest, most = max(one.rows.longest for one in found), int(HYPERPARAMETERS[LENGTH].maximum or 0)
    if longest > most:
        return f"Shorten the rows: {LENGTH} is at most {most:,}, and the longest has {longest:,} tokens."
    return f"Raise {LENGTH} to {longest:,}, or shorten the rows."


def _nothing_too_long(about: str, limit: int, splits: dict[str, RowLengths], texts: Texts) -> Finding:
    is_certain = all(
        rows.is_certain("prompt_length" if split == "test" else "length", limit) for split, rows in splits.items()
    )
    if is_certain:
        return ok(about, f"No row is cut: none is longer than {LENGTH}, {limit:,} tokens.")
    looked_at = sum(len(rows.lines) for rows in splits.values())
    return ok(
        about,
        f"None of {looked_at:,} rows that were looked at, the longest among them, is longer than {LENGTH}, "
        f"{limit:,} tokens.",
    )


def check_generated_length(about: str, evaluation: EvaluationSpec, texts: Texts, own: Texts) -> Iterator[Finding]:
    """How many expected answers have more tokens than are generated. `own` has the tokenizer of the job."""
    limit = evaluation.max_new_tokens
    rows = min(evaluation.max_items, texts.dataset.rows_of(evaluation.split))
    if evaluation.judge == PATTERN_JUDGE or not rows:
        return
    longer = texts.lengths_of_judged(own, evaluation.split, rows).longer("answer_length", limit)
    if longer is None:
        yield ok(about, f"Every expected answer fits into max_new_tokens, {limit:,}.")
        return
    found = replace(longer, line=texts.judged(evaluation.split, rows).places[longer.line - 1] + 1)
    judge = JUDGES[evaluation.judge]
    is_strict = isinstance(judge, AnswerReader) and not isinstance(judge, Grader)
    verdict = f"{evaluation.judge} finds it wrong" if is_strict else f"{evaluation.judge} judges it unfinished"
    count = f"{_count(found, own).capitalize()} of {rows:,} {evaluation.split} answers {_example(found)}"
    yield warning(
        about,
        f"{count} have more tokens than max_new_tokens, {limit:,}: the model's text is cut off there, and {verdict}. "
        f"Raise max_new_tokens to {found.longest:,}.{own.known.remark}",
    )


def check_writable(evaluation: EvaluationSpec, texts: Texts) -> Iterator[Finding]:
    """Whether the model can write the expected answers. Of a model with files that is said with the base model."""
    from tunix.pipeline.data.tokenizers import unknown_text

    if texts.info.folder is not None or texts.known.rows is not None or evaluation.judge == PATTERN_JUDGE:
        return
    sample = texts.judged(evaluation.split, evaluation.max_items)
    rows = sample.rows
    found = unknown_text(texts.known.tokenizer, [Row("", row.answer) for row in rows])
    if found.texts:
        strange = set(found.characters)
        line = next(line for line, row in sample.lines if not strange.isdisjoint(row.answer))
        yield warning(
            "dataset_key",
            f"{found.texts:,} of {len(rows):,} {evaluation.split} answers (the first in line {line:,}) have characters "
            f"that no train row has: {found.characters[:40]!r}. The model cannot write them: add train rows with them.",
        )


def _example(longer: Longer) -> str:
    return f"(line {longer.line:,} has {longer.tokens:,} tokens)"


def _count(longer: Longer, texts: Texts) -> str:
    is_estimate = longer.is_estimate or texts.known.rows is not None
    return f"about {longer.count:,}" if is_estimate else f"{longer.count:,}"
