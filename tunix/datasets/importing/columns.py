"""Chooses the columns that make a row, by the options or by the names that are usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tunix.api.exceptions import Errors, InvalidInput
from tunix.validation.did_you_mean import did_you_mean
from tunix.validation.errors import printable

from .conversations import CONVERSATION_NAMES, is_conversation
from .csv_records import WrongDelimiter, other_headers, shown, why_not_the_same
from .faults import Fault
from .json_cells import holds_list
from .layouts import Form, Layout
from .options import ImportOptions
from .preferences import CHOSEN, REJECTED
from .records import Sample
from .shape import INSTRUCTION, INSTRUCTION_ANSWERS, Columns, completed

PROMPT_TIERS = (("prompt", "question", "text"), (INSTRUCTION,))
ANSWER_TIERS = (("answer", "category", "label"), ("completion", "response", "output"))
"""Usual names. Those of a later tier, which come from other tools, count where no column has one of an earlier tier."""
INSTRUCTION_INPUTS = ("input", "context")
"""What an instruction is about, in Alpaca's and in Dolly's rows: it belongs to the prompt."""
USUAL_PROMPTS = "prompt, question, text or instruction"
USUAL_ANSWERS = "answer, category, label, completion, response or output"
INPUT_HELP = "a column that is appended to the prompt; by default input or context of an instruction"
GROUP_HELP = "a column with the group of each row, such as its author: rows of a group are not independent"
_MAX_LISTED = 700
_FIRST_LINE = "If the first line is a row already, put a line with names of columns above it; remove a title."


def choose_columns(options: ImportOptions, sample: Sample, layout: Layout) -> Columns:
    """The columns of a source.

    Raises WrongDelimiter, Fault for a file of another shape, and InvalidInput that names the option to set.
    """
    if not sample.columns:
        inputs = _inputs(options, options.prompt_column, "")
        pair = options.prompt_column or "prompt", options.answer_column or "answer"
        return Columns(*pair, inputs, group=options.group_column)
    chosen = _preferences(options, sample) or _pair(options, sample.columns) or _conversation(options, sample)
    if chosen and options.input_column in (chosen.prompt, chosen.answer):
        raise InvalidInput({"input_column": ["Must not be the column of the prompt or of the answer."]})
    if chosen and options.group_column in (chosen.prompt, chosen.answer):
        raise InvalidInput({"group_column": ["Must not be the column of the prompt or of the answer."]})
    is_complete = chosen is not None and not missing_columns(chosen, options, sample.columns)
    if wrapped := _by_column(sample.record) or ("" if is_complete else _wrapped(sample.record)):
        raise Fault(wrapped)
    if chosen is None or not is_complete:
        if layout.form is Form.CSV:
            _refuse_delimiter(options, sample.columns, layout.delimiter)
        raise InvalidInput(_why_not(options, sample, layout))
    _refuse_ratings(chosen, options, sample)
    return completed(replace(chosen, group=options.group_column), sample)


def why_missing(missing: Sequence[str], columns: Sequence[str], delimiter: str) -> str:
    """What is wrong with the header of a further file that lacks columns which the first one has."""
    for other, names in other_headers(delimiter.join(columns), delimiter):
        if set(missing) <= set(names):
            return why_not_the_same(delimiter, other)
    hint = did_you_mean(missing[0], columns)
    return f"There is no column '{missing[0]}'.{hint} The columns are: {', '.join(columns)}."


def refuse_unusable(chosen: Columns, sample: Sample) -> None:
    """Raises Fault if a chosen column has a type that is neither text nor numbers, nor a list of messages."""
    for name in sorted(chosen.used() & set(sample.unusable)):
        raise Fault(
            f"The column '{name[:100]}' has the type {sample.unusable[name][:100]}, which is neither text nor numbers,"
            " nor a list of messages. Write its text in a column of its own."
        )


def missing_columns(chosen: Columns, options: ImportOptions, columns: Sequence[str]) -> list[str]:
    """The chosen columns that do not exist; usual inputs need not."""
    required = (chosen.prompt, chosen.answer, options.input_column, options.group_column)
    return [name for name in required if name and name not in columns]


def _pair(options: ImportOptions, columns: Sequence[str]) -> Columns | None:
    """The columns by option or usual name.

    Those of Alpaca and Dolly come first: Dolly's 'category' is not an answer, and Alpaca's 'text' repeats the others.
    """
    prompt, answer = options.prompt_column, options.answer_column
    instruction = prompt if prompt.lower() == INSTRUCTION else "" if prompt else _only((INSTRUCTION,), columns)
    instructed = (
        answer if answer.lower() in INSTRUCTION_ANSWERS else "" if answer else _first(INSTRUCTION_ANSWERS, columns)
    )
    if instruction and instructed:
        prompt, answer = instruction, instructed
    prompt = prompt or _usual(PROMPT_TIERS, columns)
    answer = answer or _usual(ANSWER_TIERS, columns)
    if prompt and prompt == answer:
        option, other = ("answer_column", "prompt") if options.answer_column else ("prompt_column", "answer")
        raise InvalidInput({option: [f"'{printable(prompt, 100)}' is already the column of the {other}."]})
    return Columns(prompt, answer, _inputs(options, prompt, answer)) if prompt and answer else None


def _inputs(options: ImportOptions, prompt: str, answer: str) -> tuple[str, ...]:
    """The columns that are appended to the prompt.

    They are looked for in every row, because rows after the first may have an input although the first has none.
    """
    if options.input_column:
        return (options.input_column,)
    if prompt.lower() != INSTRUCTION:
        return ()
    change = str.title if prompt.istitle() else str.upper if prompt.isupper() else str.lower
    return tuple(name for name in map(change, INSTRUCTION_INPUTS) if name != answer)


def _preferences(options: ImportOptions, sample: Sample) -> Columns | None:
    """The columns of a chosen and a rejected answer; without a prompt of their own, the two begin with it."""
    chosen, rejected = (_only((name,), sample.columns) for name in (CHOSEN, REJECTED))
    if not (chosen and rejected) or options.answer_column not in ("", chosen):
        return None
    prompt = options.prompt_column or _usual(PROMPT_TIERS, sample.columns) or chosen
    return Columns(prompt, chosen, _inputs(options, prompt, chosen), rejected=rejected)


def _refuse_ratings(chosen: Columns, options: ImportOptions, sample: Sample) -> None:
    """Raises Fault for completions with a rating, which must not be taken for the answer."""
    rated = sample.record.get(chosen.answer)
    if isinstance(rated, bool) and not options.answer_column and _only(("completion",), sample.columns):
        raise Fault(
            f"'{chosen.answer}' says whether each completion is good. Keep the rows where it is true, and leave that"
            " column out; or set answer_column to 'completion' to learn them all."
        )


def _conversation(options: ImportOptions, sample: Sample) -> Columns | None:
    """A column of messages, if no other columns can be used, or if it was asked for."""
    names = [options.prompt_column] if options.prompt_column else _all(CONVERSATION_NAMES, sample.columns)
    found = [name for name in names if holds_list(sample.record.get(name))]
    if len(found) != 1 or options.answer_column:
        return None
    return Columns(found[0], found[0], _inputs(options, "", ""))


def _all(names: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The columns with one of `names`; case is ignored where no column has the name exactly."""
    exact = [name for name in names if name in columns]
    return exact or [column for column in columns if column.lower() in names]


def _only(names: Sequence[str], columns: Sequence[str]) -> str:
    found = _all(names, columns)
    return found[0] if len(found) == 1 else ""


def _first(names: Sequence[str], columns: Sequence[str]) -> str:
    return next((found for name in names if (found := _only((name,), columns))), "")


def _usual(tiers: Sequence[Sequence[str]], columns: Sequence[str]) -> str:
    """The only column with a name of the first tier that has any."""
    return next((_only(names, columns) for names in tiers if _all(names, columns)), "")


def _why_not(options: ImportOptions, sample: Sample, layout: Layout) -> Errors:
    """What is wrong with each option."""
    there_are = f"The columns are: {', '.join(sample.columns)}"[:_MAX_LISTED]
    errors: Errors = {}
    for what, name in (("prompt", options.prompt_column), ("answer", options.answer_column)):
        if problem := _unknown(name, sample.columns) if name else _not_found(what, sample.columns):
            errors[f"{what}_column"] = [printable(f"{problem} {there_are}.")]
    for option in ("input_column", "group_column"):
        name = getattr(options, option)
        if problem := name and _unknown(name, sample.columns):
            errors[option] = [printable(f"{problem} {there_are}.")]
    is_nameless = {"prompt_column", "answer_column"} <= set(errors) and not (
        options.prompt_column or options.answer_column
    )
    if layout.form is Form.CSV and is_nameless:
        errors["prompt_column"].append(_FIRST_LINE)
    return errors


def _unknown(name: str, columns: Sequence[str]) -> str:
    return "" if name in columns else f"There is no column '{name[:100]}'.{did_you_mean(name, columns)}"


def _not_found(what: str, columns: Sequence[str]) -> str:
    """Why the column of the prompt or the answer is not clear by its name; empty if it is."""
    tiers, usual = (PROMPT_TIERS, USUAL_PROMPTS) if what == "prompt" else (ANSWER_TIERS, USUAL_ANSWERS)
    found = next((found for names in tiers if (found := _all(names, columns))), [])
    if len(found) == 1:
        return ""
    if found:
        which = " or ".join(f"'{name}'" for name in found)
        return f"Required: the {what} could be in {which}. Set this to one of them."
    conversations = "Conversations are lists of messages, in a cell as JSON text. " * bool(
        _all(CONVERSATION_NAMES, columns)
    )
    return f"Required: no column is called {usual}. {conversations}Set this to the column with the {what}s."


def _refuse_delimiter(options: ImportOptions, columns: Sequence[str], delimiter: str) -> None:
    """Raises Fault if the header has the missing columns by another delimiter."""
    header = delimiter.join(columns)
    if header.lower().startswith("sep="):
        meant = shown(header[4:5] or delimiter)
        raise Fault(
            f"The first line, '{header[:100]}', is only for Excel. Remove it, and set the delimiter to {meant}."
        )
    for other, names in other_headers(header, delimiter):
        if len(names) > 1 and (len(columns) == 1 or _pair(options, names)):
            raise WrongDelimiter(header, delimiter, other)


def _wrapped(record: Mapping[str, Any]) -> str:
    """What to do with a file that is one object with the rows inside; empty if it is not."""
    for name, value in record.items():
        is_list = isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)
        if is_list and not is_conversation(value):
            example = f", for example with jq .{name}" * name.isidentifier()
            return f"The rows seem to be in '{name[:100]}', a list of objects. Write only that list to a file{example}."
    return ""


def _by_column(record: Mapping[str, Any]) -> str:
    """What to do with a file that is one object with a list for each column; empty if it is not."""
    lengths = {len(value) if isinstance(value, list | dict) else 0 for value in record.values()}
    if len(record) < 2 or len(lengths) > 1 or lengths & {0, 1} or any(map(is_conversation, record.values())):
        return ""
    return "The file has a list for each column. Write an object for each row, in pandas with orient='records'."
