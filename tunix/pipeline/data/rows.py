"""Reads the rows of an imported dataset, and checks that they are those of the requested version."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

from tunix.pipeline.files import open_regular, read_text, sha256

from .messages import (
    ASSISTANT,
    InvalidMessages,
    Message,
    last_turn,
    message_from_json,
    messages_from_json,
    readable_prompt,
    tools_from_json,
)

SPLITS = ("train", "validation", "test")
MANIFEST_FORMAT = 1


class DatasetError(Exception):
    """A dataset that is missing, damaged, or not the requested version."""


@contextmanager
def rows_named(split: str, key: str) -> Iterator[None]:
    """Says in the message of a DatasetError which rows are meant: a tokenizer does not know where its rows are from."""
    try:
        yield
    except DatasetError as error:
        error.args = (f"In the {split} rows of {key}: {error}",)
        raise


@dataclass(frozen=True)
class Row:
    """A prompt and its expected answer, or a conversation.

    Of a conversation, `answer` is the text of the last turn of the assistant, and `prompt` the readable text of what
    comes before it.
    """

    prompt: str
    answer: str
    messages: tuple[Message, ...] | None = None
    """Of a conversation: its messages, of which the last is an answer; None for a pair."""
    tools: tuple[str, ...] = ()
    """The tools that a conversation may call, each as the JSON text of its description."""
    rejected: tuple[Message, ...] = ()
    """What came instead of the answer and is worse, for training on preferences; supervised training ignores it."""
    group: str = ""
    """The group that the row belongs to, such as its author: rows of one group are not independent. Empty: none."""

    @classmethod
    def of_messages(
        cls, messages: tuple[Message, ...], tools: tuple[str, ...] = (), rejected: tuple[Message, ...] = ()
    ) -> Self:
        """A row of a conversation whose messages were checked."""
        answer = messages[last_turn(messages)].text
        return cls(readable_prompt(messages), answer, messages, tools, rejected)

    def to_json(self) -> dict[str, Any]:
        """The stored form."""
        return {**self.said(), "group": self.group} if self.group else self.said()

    def said(self) -> dict[str, Any]:
        """The stored form of what the row says, without its group."""
        if self.messages is None:
            stored: dict[str, Any] = {"prompt": self.prompt, "answer": self.answer}
            return {**stored, "rejected": self.rejected[0].content} if self.rejected else stored
        stored = {"messages": [message.to_json() for message in self.messages]}
        if self.tools:
            stored["tools"] = [json.loads(tool) for tool in self.tools]
        if self.rejected:
            stored["rejected"] = [message.to_json() for message in self.rejected]
        return stored


def load_split(dataset_dir: Path, split: str, limit: int | None = None) -> list[Row]:
    """The first `limit` rows of the file of a split, or all. Raises DatasetError, naming the line."""
    return list(islice(read_split(dataset_dir, split), limit))


def read_split(dataset_dir: Path, split: str) -> Iterator[Row]:
    """The rows of a split, one after the other, in the order of the file. Raises DatasetError, naming the line."""
    path = dataset_dir / f"{split}.jsonl"
    try:
        with io.TextIOWrapper(open_regular(path), encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                yield _parse(line, path, number)
    except FileNotFoundError:
        raise DatasetError(f"Dataset '{dataset_dir.name}' has no {split} split.") from None
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name} is not UTF-8 text: {error.reason}.") from None


def row_sha256(row: Row) -> str:
    """The hash of what a row says: of a pair, prompt and answer. Its group and the form of its line do not matter."""
    is_pair = row.messages is None and not row.rejected
    return hashlib.sha256(json.dumps([row.prompt, row.answer] if is_pair else row.said()).encode()).hexdigest()


def rows_sha256(rows: Iterable[Row]) -> str:
    """One hash over rows in their order."""
    return hashlib.sha256("\n".join(map(row_sha256, rows)).encode()).hexdigest()


def read_manifest(dataset_dir: Path) -> dict[str, Any]:
    """The dataset's manifest. Raises DatasetError when there is none that can be read."""
    try:
        manifest = json.loads(read_text(dataset_dir / "manifest.json"))
    except FileNotFoundError:
        raise DatasetError(f"There is no dataset '{dataset_dir.name}'.") from None
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"The manifest of dataset '{dataset_dir.name}' is not JSON: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != MANIFEST_FORMAT:
        raise DatasetError(f"The manifest of dataset '{dataset_dir.name}' has an unknown format.")
    return manifest


def version_of(split_hashes: Mapping[str, str]) -> str:
    """The version of a dataset: sha256 over the sorted lines `<split>:<sha256 of the split's file>`."""
    lines = sorted(f"{split}:{digest}\n" for split, digest in split_hashes.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def verify(dataset_dir: Path, version: str) -> dict[str, Any]:
    """Hashes the files and returns the manifest. Raises DatasetError if they are not those of `version`."""
    manifest = read_manifest(dataset_dir)
    if _version_of_files(dataset_dir, manifest) != version:
        raise DatasetError(f"The files of dataset '{dataset_dir.name}' are not those of version {version[:12]}.")
    return manifest


def version_on_disk(dataset_dir: Path) -> str:
    """The version of the files as they are now, whatever the manifest says. Raises DatasetError."""
    return _version_of_files(dataset_dir, read_manifest(dataset_dir))


def _version_of_files(dataset_dir: Path, manifest: Mapping[str, Any]) -> str:
    return version_of({split: _sha256(dataset_dir / f"{split}.jsonl") for split in manifest.get("splits", {})})


def _sha256(path: Path) -> str:
    try:
        return sha256(path)
    except FileNotFoundError:
        raise DatasetError(f"Dataset '{path.parent.name}' has lost its file {path.name}.") from None


def row_from_json(value: Any) -> Row:
    """The row of a stored line. Raises ValueError with what is wrong with it."""
    if not isinstance(value, dict) or not ("messages" in value or {"prompt", "answer"} <= set(value)):
        raise ValueError("not an object with prompt and answer, or with messages.")
    group = value.get("group", "")
    if not isinstance(group, str):
        raise ValueError("group must be text.")
    if "messages" in value:
        return replace(_conversation(value), group=group)
    prompt, answer, rejected = value["prompt"], value["answer"], value.get("rejected", "")
    if not isinstance(prompt, str) or not isinstance(answer, str) or not isinstance(rejected, str):
        raise ValueError("prompt and answer must be text.")
    return Row(prompt, answer, rejected=(Message(ASSISTANT, rejected),) if rejected else (), group=group)


def _conversation(value: dict[str, Any]) -> Row:
    tools, rejected = value.get("tools", []), value.get("rejected", [])
    if not isinstance(rejected, list):
        raise InvalidMessages("rejected: must be a list of messages.")
    worse = (message_from_json(item, f"rejected[{index}]") for index, item in enumerate(rejected))
    return Row.of_messages(messages_from_json(value["messages"]), tools_from_json(tools), tuple(worse))


def _parse(line: str, path: Path, number: int) -> Row:
    try:
        return row_from_json(json.loads(line))
    except (json.JSONDecodeError, RecursionError):
        raise DatasetError(f"{path.name} line {number}: not an object with prompt and answer.") from None
    except ValueError as error:
        raise DatasetError(f"{path.name} line {number}: {error}") from None
