"""The model card of a promoted model: Markdown in which user text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .serving import comparison_section, prompt_section, serving_section

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:@$])")


def model_card(lineage: Mapping[str, Any], serving: Sequence[str] = ()) -> str:
    """The model card for a lineage; `serving` are the commands that serve an exported folder."""
    score = "" if lineage["score"] is None else _scored(lineage["score"])
    # Lineages from before guards have none.
    guards = [f"{guard['dataset']['key']}: {_scored(guard)}" for guard in lineage.get("guards", [])]
    sections = [
        f"# {lineage['base_model_id']}",
        _introduction(lineage),
        *_quoted("Verdict", lineage["verdict"]),
        *_quoted("Score", score),
        *_quoted("Scores on guards", "\n".join(guards)),
        "## Origin",
        _table(_origins(lineage)),
        "Its base models, nearest first:",
        "\n".join(_ancestors(lineage)),
        "## Hyperparameters",
        _table((name, code(value)) for name, value in lineage["run"]["hyperparameters"].items()),
        *_use(lineage, serving),
    ]
    return "\n\n".join(sections) + "\n"


def plain(text: object) -> str:
    """Text on one line, with every special character of Markdown and HTML escaped."""
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split()))


def without_escapes(card: str) -> str:
    """A card for display as plain text, without the escaping backslashes."""
    return re.sub(rf"\\{_MARKUP.pattern}", r"\1", card)


def code(value: object) -> str:
    """A value as inline code, without characters that would end it."""
    text = re.sub(r"[`|]", "", " ".join(str(value).split()))
    return f"`{text}`" if text else ""


def _use(lineage: Mapping[str, Any], serving: Sequence[str]) -> list[str]:
    """How the model can be used, and its limits."""
    if not serving:
        return ["## Limits", _LIMITS, "## Loading", _LOADING.format_map(lineage)]
    return [
        serving_section(serving),
        # Lineages from before it was recorded have none.
        *([prompt_section(lineage["prompt"])] if "prompt" in lineage else []),
        comparison_section(lineage["export"]),
        "## Limits",
        _LIMITS_OF_FOLDER,
        "## Loading",
        _LOADING_OF_FOLDER.format_map(lineage),
    ]


_LIMITS = """\
- The model only works with the tokenizer in this folder. Characters that were not in the rows of that tokenizer are
  unknown to it.
- The score is valid for the dataset, split and judge version above. Scores of another version of the judge are not
  comparable.
- Its outputs have not been evaluated in any other way."""

_LIMITS_OF_FOLDER = """\
- The license of its base model binds this model too.
- The score is valid for the dataset, split and judge version above. Scores of another version of the judge are not
  comparable.
- Its outputs have not been evaluated in any other way."""

_LOADING_OF_FOLDER = """\
As the base model of a job or a run: `"base_model_id": "{base_model_id}"`.

The folder has the layout of Hugging Face, which transformers and vLLM load."""

_LOADING = """\
As the base model of a job or a run: `"base_model_id": "{base_model_id}"`.

In Python, from the root of the project:

```python
from pathlib import Path

from tunix.pipeline.models import checkpoint

model, tokenizer = checkpoint.load(Path("artifacts/models/{name}/{version}"))
```"""


def _introduction(lineage: Mapping[str, Any]) -> str:
    base, dataset = lineage["ancestors"][0]["base_model_id"], lineage["dataset"]["key"]
    by = f" by {plain(lineage['promoted_by'])}" if lineage["promoted_by"] else ""
    confirmation = "Its score was confirmed." if lineage["confirmed"] else "**Its score is not confirmed.**"
    method = lineage["run"]["method"]
    return (
        f"A {lineage.get('title', 'Gemma 3')} model: {code(base)} fine-tuned on the dataset {code(dataset)} "
        f"({code(method)}). {confirmation}\n"
        f"Promoted {lineage['promoted_at']}{by}. The sha256 of its files is {code(lineage['content_hash'])}."
    )


def _quoted(title: str, text: str) -> list[str]:
    if not text:
        return []
    return [f"## {title}", "\n".join(f"> {plain(line)}" for line in text.splitlines())]


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
