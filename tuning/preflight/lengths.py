"""Rows that are longer than what a run reads or generates, and answers that the model cannot write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunix.pipeline.data.rows import SPLITS, Row
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.judges import JUDGES, AnswerReader, Grader
from tunix.pipeline.spec import EvaluationSpec

from ..domain.space.fixed_params import FIXED_PARAMS_PATH
from ..domain.space.projection import settings_of
from ..domain.space.search_space import SEARCH_SPACE_PATH
from ..models import TuningJob
from .findings import Finding, ok, warning
from .texts import Texts

if TYPE_CHECKING:
    from tunix.pipeline.data.lengths import Longer, LongRows

LENGTH = "max_seq_length"
MOST_VALUES = 4
"""If a job searches more values of max_seq_length, only the smallest and the largest are looked at."""
PATTERN_JUDGE = "regex_match"
"""Its answers are patterns, which no model should write."""


@dataclass(frozen=True)
class Cut:
    """The rows of a split that are too long, and those of them whose answer alone is."""

    split: str
    rows: Longer
    answers: Longer | None


def check_sequence_length(job: TuningJob, texts: Texts) -> Iterator[Finding]:
    """How many rows are cut at each value of max_seq_length that a trial may have."""
    space = job.space()
    about = f"{SEARCH_SPACE_PATH if LENGTH in space.parameters else FIXED_PARAMS_PATH}.{LENGTH}"
    limits = sorted({int(one.values[LENGTH]) for one in settings_of(space, job.fixed_params_json, [LENGTH])})
    if not limits:
        return
    splits = {split: texts.long_rows(split, limits[0]) for split in SPLITS if texts.dataset.rows_of(split)}
    looked_at = limits if len(limits) <= MOST_VALUES else [limits[0], limits[-1]]
    cut = {limit: found for limit in looked_at if (found := list(_cut_by_split(splits, limit)))}
    for limit, found in cut.items():
        yield warning(about, _in_words(limit, found, texts))
    if not cut:
        yield ok(about, f"No row is cut: none is longer than {LENGTH}, {limits[0]:,} tokens.")


def _cut_by_split(splits: dict[str, LongRows], limit: int) -> Iterator[Cut]:
    for split, rows in splits.items():
        if split == "test":  # nothing is trained on it, and there is no loss: only its prompts are read
            longer, answers = rows.longer("prompt_length", limit), None
        else:  # beside bos and eos
            longer, answers = rows.longer("length", limit), rows.longer("answer_length", limit - 2)
        if longer is not None:
            yield Cut(split, longer, answers)


def _in_words(limit: int, found: Sequence[Cut], texts: Texts) -> str:
    parts = []
    for cut in found:
        what = "prompts" if cut.split == "test" else "rows"
        parts.append(f"{_count(cut.rows, texts)} of {texts.of_all(cut.split)} {cut.split} {what} {_example(cut.rows)}")
    sentence = f"{', '.join(parts)} are longer than {LENGTH}, {limit:,}: their prompts lose their beginning"
    if answers := [f"{_count(cut.answers, texts)} {cut.split}" for cut in found if cut.answers is not None]:
        sentence += f", and {' and '.join(answers)} answers their end"
    longest, most = max(cut.rows.longest for cut in found), int(HYPERPARAMETERS[LENGTH].maximum or 0)
    cure = f"Raise {LENGTH} to {longest:,}, or shorten the rows."
    if longest > most:
        cure = f"Shorten the rows: {LENGTH} is at most {most:,}, and the longest has {longest:,} tokens."
    return f"{sentence[0].upper()}{sentence[1:]}. {cure}{texts.known.remark}"


def check_generated_length(about: str, evaluation: EvaluationSpec, texts: Texts, own: Texts) -> Iterator[Finding]:
    """How many expected answers have more tokens than are generated. `own` has the tokenizer of the job."""
    from tunix.pipeline.data.lengths import LongRows

    limit, rows = evaluation.max_new_tokens, texts.first(evaluation.split, evaluation.max_items)
    if evaluation.judge == PATTERN_JUDGE or not rows:
        return
    answers = LongRows([Row("", row.answer) for row in rows], limit + 2, lambda: own.known.tokenizer)
    found = answers.longer("answer_length", limit)
    if found is None:
        yield ok(about, f"Every expected answer fits into max_new_tokens, {limit:,}.")
        return
    judge = JUDGES[evaluation.judge]
    is_strict = isinstance(judge, AnswerReader) and not isinstance(judge, Grader)
    verdict = f"{evaluation.judge} finds it wrong" if is_strict else f"{evaluation.judge} judges it unfinished"
    count = f"{_count(found, own).capitalize()} of {len(rows):,} {evaluation.split} answers {_example(found)}"
    yield warning(
        about,
        f"{count} have more tokens than max_new_tokens, {limit:,}: the model's text is cut off there, and {verdict}. "
        f"Raise max_new_tokens to {found.longest:,}.{own.known.remark}",
    )


def check_writable(evaluation: EvaluationSpec, texts: Texts) -> Iterator[Finding]:
    """Whether the model can write the expected answers. Of a promoted model that is said with the base model."""
    from tunix.pipeline.data.tokenizers import unknown_text

    if texts.info.folder is not None or texts.known.rows is not None or evaluation.judge == PATTERN_JUDGE:
        return
    rows = texts.first(evaluation.split, evaluation.max_items)
    found = unknown_text(texts.known.tokenizer, [Row("", row.answer) for row in rows])
    if found.texts:
        strange = set(found.characters)
        line = next(line for line, row in enumerate(rows, start=1) if not strange.isdisjoint(row.answer))
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
