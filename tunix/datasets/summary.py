"""What an import did, in words, from the manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .models import Dataset

MAX_TURNS = 5
"""How many numbers of turns the summary lists."""
_COMPANIONS = {
    "rejected": "rejected answer",
    "system": "system prompt",
    "history": "earlier turns",
    "tools": "tools",
    "group": "group",
}
_MARKS = {
    "system": "system prompt",
    "tools": "tools",
    "tool_calls": "calls of tools",
    "thinking": "thinking",
    "rejected": "rejected answer",
}


def summary(dataset: Dataset) -> str:
    """A summary of the dataset in a few lines."""
    manifest = dataset.manifest_json
    counts = ", ".join(f"{split} {found['rows']:,}" for split, found in manifest["splits"].items())
    lines = [
        f"{'Imported' if dataset.is_new else 'Already exists:'} {dataset.key}, version {dataset.version[:12]}",
        f"  rows      {counts}",
        f"  format    {manifest['mapping']['shape']}" if manifest.get("mapping") else "",
        f"  columns   {columns_in_words(manifest)}",
        f"  turns     {turns}" if (turns := rows_in_words(manifest)) else "",
        f"  answers   {manifest['distinct_answers']:,} distinct",
        f"  groups    {groups_in_words(manifest)}" if manifest.get("groups") else "",
        *_findings(manifest),
    ]
    return "\n".join([*filter(None, lines), f"  folder    {dataset.folder}"])


def columns_in_words(manifest: Mapping[str, Any]) -> str:
    """What the rows were made of."""
    prompt, answer = manifest["columns"]["prompt"], manifest["columns"]["answer"]
    joined = (manifest.get("joined") or {}).get("rows", {})
    parts = "".join(f"; {names} joined by a blank line in {count:,} rows" for names, count in joined.items())
    used = manifest.get("mapping", {}).get("columns", {})
    both = f"prompt and answer from '{prompt}'"
    columns = both if prompt == answer else f"prompt from '{prompt}', answer from '{answer}'"
    more = "".join(f", {text} from '{used[use]}'" for use, text in _COMPANIONS.items() if use in used)
    return f"{columns}{more}{parts}"


def groups_in_words(manifest: Mapping[str, Any]) -> str:
    """How many groups the rows have; empty if they have none."""
    found = manifest.get("groups")
    return f"{found['groups']:,} groups of {found['rows']:,} rows" if found else ""


def rows_in_words(manifest: Mapping[str, Any]) -> str:
    """The turns of conversations, and what else they have; empty for pairs."""
    mapping = manifest.get("mapping") or {}
    if not mapping.get("rows", {}).get("conversations"):
        return ""
    turns = ", ".join(f"{turns} in {count:,} row{'s' * (count != 1)}" for turns, count in _most(mapping["turns"]))
    found = [
        f"{text} in {mapping['rows_with'][mark]:,}" for mark, text in _MARKS.items() if mark in mapping["rows_with"]
    ]
    if count := mapping["untrained_turns"]:
        found.append(f"{count:,} turn{'s' * (count != 1)} not trained")
    return "; ".join([turns, *found])


def _most(turns: Mapping[str, int]) -> list[tuple[str, int]]:
    """Rows by their number of turns; beyond a few, only the most common."""
    common = sorted(turns.items(), key=lambda pair: -pair[1])[:MAX_TURNS]
    others = sum(turns.values()) - sum(count for _, count in common)
    return [*sorted(common, key=lambda pair: int(pair[0])), *([("other numbers", others)] if others else [])]


def _findings(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What a person should know about the rows; a manifest from an earlier version lacks some of it."""
    if unused := manifest.get("unused_columns"):
        yield f"  not used  {', '.join(map(repr, unused))}"
    if manifest["duplicates"]:
        twice = ", ".join(f"{split} {count:,}" for split, count in manifest["duplicates"].items())
        yield f"  repeated  {twice} (duplicate rows within a split, kept)"
    if prompts := manifest.get("contradictions", {}).get("prompts"):
        example = manifest["contradictions"]["examples"][0]
        such_as = f"'{example['prompt']}' in {' and '.join(example['lines'])}"
        yield f"  conflicts {prompts:,} prompt{'s' * (prompts != 1)} with contradictory answers, such as {such_as}"
    if dropped := manifest["overlap"].get("dropped"):
        rows = ", ".join(f"{split} {count:,}" for split, count in dropped.items())
        yield f"  dropped   {rows} (their prompt is also in another split)"
    if manifest["overlap"]["prompts"]:
        yield f"  overlap   {manifest['overlap']['prompts']:,} prompts in two splits (allowed)"
    yield from (f"  warning   {text}" for text in manifest.get("warnings", []))
