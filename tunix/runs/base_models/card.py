"""The model card of a promoted model: Markdown, in which nothing that a user wrote can be more than text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:@$])")


def model_card(lineage: Mapping[str, Any]) -> str:
    """The card of the model with this lineage."""
    sections = [
        f"# {lineage['base_model_id']}",
        _introduction(lineage),
        *_quoted("The verdict", lineage["verdict"]),
        *_quoted("Score", _score(lineage)),
        *_quoted("Scores on guards", _guards(lineage)),
        "## Where it comes from",
        _table(_origins(lineage)),
        "Its base models, the nearest first:",
        "\n".join(_ancestors(lineage)),
        "## Hyperparameters",
        _table((name, code(value)) for name, value in lineage["run"]["hyperparameters"].items()),
        "## Limits",
        _LIMITS,
        "## How to load it",
        _LOADING.format(**_address(lineage)),
    ]
    return "\n\n".join(sections) + "\n"


def plain(text: object) -> str:
    """A text on one line, every character that Markdown or HTML knows escaped."""
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split()))


def without_escapes(card: str) -> str:
    """A card for those who read it as the text that it is, where backslashes only disturb."""
    return re.sub(rf"\\{_MARKUP.pattern}", r"\1", card)


def code(value: object) -> str:
    """A value as code. What could end the code is left out."""
    text = re.sub(r"[`|]", "", " ".join(str(value).split()))
    return f"`{text}`" if text else ""


_LIMITS = """\
- It knows the tokenizer that lies beside it, and no other. A character that the rows of that tokenizer never had is
  unknown to it.
- The score holds for the dataset, the split and the version of the judge named above. Scores of another version of
  the judge cannot be compared with it.
- Nobody looked at what it says apart from that."""

_LOADING = """\
As the base model of a job or a run: `"base_model_id": "{base_model_id}"`.

In Python, from the project's root:

```python
from pathlib import Path

from tunix.pipeline import checkpoint

model, tokenizer = checkpoint.load(Path("artifacts/models/{name}/{version}"))
```"""


def _address(lineage: Mapping[str, Any]) -> dict[str, Any]:
    return {key: lineage[key] for key in ("base_model_id", "name", "version")}


def _introduction(lineage: Mapping[str, Any]) -> str:
    base, dataset = lineage["ancestors"][0]["base_model_id"], lineage["dataset"]["key"]
    by = f" by {plain(lineage['promoted_by'])}" if lineage["promoted_by"] else ""
    standing = "Its score was confirmed." if lineage["confirmed"] else "**Its score is not confirmed.**"
    method = lineage["run"]["method"]
    return (
        f"A Gemma 3 model: {code(base)} trained further on the dataset {code(dataset)} ({code(method)}). {standing}\n"
        f"Promoted {lineage['promoted_at']}{by}. The sha256 of its files is {code(lineage['content_hash'])}."
    )


def _quoted(title: str, text: str) -> list[str]:
    if not text:
        return []
    return [f"## {title}", "\n".join(f"> {plain(line)}" for line in text.splitlines())]


def _score(lineage: Mapping[str, Any]) -> str:
    score = lineage["score"]
    return "" if score is None else _scored(score)


def _guards(lineage: Mapping[str, Any]) -> str:
    """Other rows that it was scored on; none in lineages older than guards."""
    guards = lineage.get("guards", [])
    return "\n".join(f"{guard['dataset']['key']}: {_scored(guard)}" for guard in guards)


def _scored(score: Mapping[str, Any]) -> str:
    return (
        f"{score['score_mean']:.4f} on {score['items']} rows of the {score['split']} split, "
        f"by {score['judge']}, version {score['judge_version']}"
    )


def _origins(lineage: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if job := lineage["job"]:
        yield "job", f"{code(job['id'])} {plain(job['name'])}"
    if trial := lineage["trial"]:
        source = trial.get("parameters_of")
        again = "" if source is None else f", with the parameters of trial {source}"
        yield "trial", f"{trial['number']} ({plain(trial['kind'])}){again}"
    run = lineage["run"]
    yield "run", f"{code(run['run_id'])} {plain(run['name'])}".strip()
    yield "dataset", f"{code(lineage['dataset']['key'])} version {code(lineage['dataset']['version'])}"
    yield "threads", str(run["threads"])
    yield "hash of result.json", code(run["result_hash"])


def _ancestors(lineage: Mapping[str, Any]) -> Iterable[str]:
    for number, model in enumerate(lineage["ancestors"], start=1):
        line = f"{number}. {code(model['base_model_id'])}, hash {code(model['content_hash'] or 'unknown')}"
        if "run_id" in model:
            line += f", from run {code(model['run_id'])} on {code(model['dataset']['key'])}"
        yield line


def _table(rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])
