"""Conversations as people have them: recognised without options, in every kind of file."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tunix.api.exceptions import InvalidInput
from tunix.datasets.importing import ImportOptions, Source
from tunix.datasets.models import Dataset
from tunix.datasets.services import import_dataset
from tunix.datasets.summary import summary
from tunix.pipeline.data.messages import Message
from tunix.pipeline.data.rows import Row, load_split

from .format_files import CALL, FORMATS, HELLO, TOOL_CALL, WEATHER, FormatFile, lines, said
from .making import import_train

pytestmark = pytest.mark.django_db
each_format = pytest.mark.parametrize("file", FORMATS, ids=lambda file: file.name)


def row_of(dataset: Dataset) -> Row:
    (row,) = load_split(dataset.folder, "train")
    return row


def imported(*records: dict[str, Any], **options: Any) -> Dataset:
    return import_train(lines(*records).encode(), **options)


def errors_of(*records: dict[str, Any], **options: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as error:
        imported(*records, **options)
    return error.value.errors


def messages_in(row: Row) -> tuple[Message, ...]:
    return row.messages or (Message("user", row.prompt), Message("assistant", row.answer))


@each_format
def test_a_format_needs_no_mapping(file: FormatFile) -> None:
    row = row_of(import_train(file.data.encode(), file.name))
    assert [message.for_template() for message in messages_in(row)] == file.messages
    assert [json.loads(tool) for tool in row.tools] == file.tools
    assert [message.content for message in row.rejected] == [file.rejected] * bool(file.rejected)
    assert tuple(index for index, message in enumerate(messages_in(row)) if not message.trained) == file.untrained


@each_format
def test_the_manifest_names_the_shape(file: FormatFile) -> None:
    dataset = import_train(file.data.encode(), file.name)
    assert dataset.manifest_json["mapping"]["shape"] == file.shape
    assert file.shape in summary(dataset)


def as_array(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, indent=1).encode()


def as_table(rows: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    import csv

    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(rows[0])
    writer.writerows([json.dumps(value) for value in row.values()] for row in rows)
    return text.getvalue().encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    from pyarrow import Table, parquet

    file = io.BytesIO()
    parquet.write_table(Table.from_pylist(rows), file)
    return file.getvalue()


TOOL_TURNS = [
    {"role": "user", "content": "Is it cold in Bern?"},
    {"role": "assistant", "content": "", "tool_calls": [TOOL_CALL]},
    {"role": "tool", "content": "-3", "tool_call_id": "c1"},
    {"role": "assistant", "content": "Yes."},
]
ROWS = [{"messages": TOOL_TURNS, "tools": [WEATHER]}, {"messages": HELLO, "tools": []}]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rows.json", as_array(ROWS)),
        ("rows.csv", as_table(ROWS)),
        ("rows.tsv", as_table(ROWS, "\t")),
        ("rows.parquet", as_parquet(ROWS)),
        ("rows.jsonl.gz", gzip.compress(lines(*ROWS).encode())),
    ],
)
def test_every_kind_of_file_gives_the_same_version(name: str, data: bytes) -> None:
    assert import_train(data, name).version == imported(*ROWS, key="other").version


def test_a_row_of_messages_is_stored_as_messages() -> None:
    (line,) = (imported({"messages": HELLO}).folder / "train.jsonl").read_text().splitlines()
    assert json.loads(line) == {"messages": HELLO}


def test_a_pair_with_a_rejected_answer_is_stored_as_a_pair() -> None:
    dataset = imported({"prompt": "a", "chosen": "b", "rejected": "c"})
    assert json.loads((dataset.folder / "train.jsonl").read_text()) == {"prompt": "a", "answer": "b", "rejected": "c"}
    assert "Supervised training learns the chosen answers." in dataset.manifest_json["warnings"][0]


def test_equal_chosen_and_rejected_answers_are_no_preference() -> None:
    dataset = imported({"prompt": "a", "chosen": "b", "rejected": "b"})
    assert row_of(dataset) == Row("a", "b")
    assert dataset.manifest_json["warnings"][0].startswith("1 row has equal chosen and rejected answers")


def test_the_mapping_counts_turns_system_prompts_and_tools() -> None:
    mapping = imported(*ROWS, {"messages": said("user: a", "assistant: b")}).manifest_json["mapping"]
    assert mapping == {
        "shape": "messages",
        "columns": {"messages": "messages", "tools": "tools"},
        "rows": {"conversations": 2, "pairs": 1},
        "turns": {"1": 1, "2": 2},
        "distinct_system_prompts": 1,
        "rows_with": {"tools": 1, "tool_calls": 1, "system": 1},
        "untrained_turns": 0,
    }


def test_the_schema_says_that_rows_are_conversations() -> None:
    assert imported({"messages": HELLO}).schema == "conversations"


def test_the_summary_counts_turns() -> None:
    text = summary(imported(*ROWS))
    assert "turns     2 in 2 rows; system prompt in 1; tools in 1; calls of tools in 1" in text


def test_the_summary_names_the_columns_of_preferences() -> None:
    text = summary(imported({"chosen": "The sky is blue.", "rejected": "The sky is green."}))
    assert "prompt and answer from 'chosen', rejected answer from 'rejected'" in text


def test_keys_of_messages_that_are_not_used_are_listed() -> None:
    dataset = imported({"messages": [{**HELLO[1], "lang": "en"}, HELLO[2]]})
    assert dataset.manifest_json["unused_columns"] == ["messages[].lang"]


def test_the_answer_pattern_changes_the_last_turn_only() -> None:
    row = row_of(
        imported({"messages": said("user: a", "assistant: #1", "user: b", "assistant: #2")}, answer_pattern="[0-9]")
    )
    assert [message.content for message in row.messages or ()] == ["a", "#1", "b", "2"]


def test_an_input_column_is_appended_to_the_first_turn_of_the_user() -> None:
    row = row_of(imported({"messages": HELLO, "passage": "x"}, input_column="passage"))
    assert row.messages is not None
    assert row.messages[1].content == "Hello\n\nx"


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"messages": [*HELLO, *said("user: more")]}, "messages[5]: the last turn is the user's"),
        ({"messages": HELLO, "system": "Be kind."}, "'system' and the first message are two system prompts."),
        ({"messages": [HELLO[1], {**HELLO[2], "weight": 0.5}]}, "'messages[1].weight' must be 1, or 0 for a turn"),
        ({"messages": [HELLO[1], {**HELLO[2], "weight": 0}]}, "messages: no turn of the assistant is trained."),
        ({"messages": [HELLO[1], {**HELLO[2], "tool_calls": [{"name": "f", "arguments": "{"}]}]},
         "'messages[1].tool_calls[0].arguments' is not JSON: "),
        ({"messages": [HELLO[1], {**HELLO[2], "tool_calls": [{"arguments": {}}]}]},
         "'messages[1].tool_calls[0]' has no name of a tool."),
        ({"messages": [HELLO[1], {**HELLO[2], "weight": 10}]}, "'messages[1].weight' must be 1, or 0 for a turn"),
        ({"messages": HELLO, "tools": [{"a": json.loads("[" * 99 + "]" * 99)}]}, "'tools' has more than 32 levels"),
        ({"messages": HELLO, "tools": ["weather"]}, "'tools' is not a list of objects that describe tools."),
        ({"messages": said("user: a\0", "assistant: b", "user: c", "assistant: d")}, "'messages' contains a NUL"),
        ({"prompt": HELLO[:4], "completion": said("user: a")}, "prompt + completion[4]: the last turn is the user's"),
        ({"chosen": "Yes.", "rejected": "No."}, "'chosen' and 'rejected' share no prompt. Write it to a column"),
        ({"chosen": "The sky.", "rejected": "The sky."}, "'chosen' and 'rejected' are equal, so"),
        ({"chosen": HELLO[1:3], "rejected": said("user: x", "assistant: y")}, "'chosen' and 'rejected' share no"),
        ({"prompt": "a", "chosen": "b", "rejected": None}, "'rejected' is null."),
        ({"instruction": "a", "output": "b", "history": ["c"]}, "'history' is not a list of turns"),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_with_its_path(record: dict[str, Any], problem: str) -> None:
    assert errors_of(record)["train.1"][0].startswith(problem)


def test_equal_prompt_turns_are_the_same_prompt() -> None:
    sources = {
        "train": Source.from_bytes("a.jsonl", lines({"messages": HELLO}).encode()),
        "test": Source.from_bytes("b.jsonl", lines({"messages": [*HELLO[:4], *said("assistant: A cat.")]}).encode()),
    }
    options = ImportOptions(validation_fraction=0, allow_overlap=True)
    manifest = import_dataset(key="tiny", sources=sources, options=options).manifest_json
    assert manifest["overlap"]["shared"] == {"train/test": 1}
    assert manifest["contradictions"]["prompts"] == 1


def test_numbers_in_arguments_are_numbers() -> None:
    turns = [TOOL_TURNS[0], {"role": "assistant", "tool_calls": [{"name": "f", "arguments": {"x": 1.5, "n": 2}}]}]
    row = row_of(imported({"messages": turns}))
    assert row.answer == '{"name": "f", "arguments": {"x": 1.5, "n": 2}}'


def test_a_prompt_that_is_json_stays_text() -> None:
    assert row_of(imported({"prompt": '[{"id": 1}]', "answer": '{"a": 1}'})).prompt == '[{"id": 1}]'


def test_a_folder_of_save_to_disk(tmp_path: Path) -> None:
    from .test_saved_folders import run, save

    rows = [{"messages": [*said(f"user: q{number}"), *HELLO[2:]]} for number in range(40)]
    assert run("--file", save(tmp_path / "saved", rows)).schema == "conversations"


def test_calls_in_older_files_of_openai() -> None:
    call = {"name": "weather", "arguments": json.dumps(CALL["arguments"])}
    turns = [TOOL_TURNS[0], {"role": "assistant", "content": None, "function_call": call},
             {"role": "function", "name": "weather", "content": "-3"}, TOOL_TURNS[3]]  # fmt: skip
    row = row_of(imported({"messages": turns}))
    assert row.messages is not None
    assert row.messages[1].tool_calls[0].name == row.messages[2].name == "weather"


def test_the_api_shows_messages_tools_and_rejected_answers(api: Any) -> None:
    imported({"prompt": HELLO[:4], "chosen": HELLO[4:], "rejected": said("assistant: A cat."), "tools": [WEATHER]})
    (row,) = api.get("/api/datasets/tiny/rows").data["results"]
    assert row["answer"] == "A model."
    assert row["messages"] == HELLO
    assert row["tools"] == [WEATHER]
    assert row["rejected"] == said("assistant: A cat.")


def test_the_page_shows_turns(web: Client) -> None:
    imported({"messages": [*TOOL_TURNS[:3], {**TOOL_TURNS[3], "reasoning": "Brr."}], "tools": [WEATHER]})
    text = web.get("/datasets/tiny/").content.decode()
    assert text.count('<li class="turn ') == len(TOOL_TURNS)
    assert "weather({&quot;city&quot;: &quot;Bern&quot;, &quot;days&quot;: 2})" in text
    assert "Brr." in text
    assert "Tools: weather" in text


def test_the_page_marks_turns_that_are_not_trained(web: Client) -> None:
    imported({"messages": [HELLO[1], {**HELLO[2], "weight": 0}, *HELLO[3:]]})
    assert web.get("/datasets/tiny/").content.decode().count("not trained</span>") == 1
