"""What an import did, in words, from the manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .models import Dataset


def summary(dataset: Dataset) -> str:
    """A summary of the dataset in a few lines."""
    manifest = dataset.manifest_json
    counts = ", ".join(f"{split} {found['rows']:,}" for split, found in manifest["splits"].items())
    lines = [
        f"{'Imported' if dataset.is_new else 'Already exists:'} {dataset.key}, version {dataset.version[:12]}",
        f"  rows      {counts}",
        f"  columns   {columns_in_words(manifest)}",
        f"  answers   {manifest['distinct_answers']:,} distinct",
        *_findings(manifest),
    ]
    return "\n".join([*lines, f"  folder    {dataset.folder}"])


def columns_in_words(manifest: Mapping[str, Any]) -> str:
    """What the rows were made of."""
    prompt, answer = manifest["columns"]["prompt"], manifest["columns"]["answer"]
    both = f"prompt and answer from '{prompt}'"
    joined = (manifest.get("joined") or {}).get("rows", {})
    parts = ", ".join(f"{names} joined by a blank line in {count:,} rows" for names, count in joined.items())
    columns = both if prompt == answer else f"prompt from '{prompt}', answer from '{answer}'"
    return f"{columns}; {parts}" if parts else columns


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
