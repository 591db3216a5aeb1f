"""What a model card says of an exported folder: how to serve it, and how it compares with the run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunix.pipeline.exporting import TrainedModel
from tunix.pipeline.models.adapters.files import StoredAdapters
from tunix.pipeline.models.export.serving import serve_adapter, serve_merged


def commands(trained: TrainedModel, merged: Path | None, adapter: Path | None, name: str) -> list[str]:
    """The commands that serve the folders of an export with vLLM. `name` is that of the adapter in requests."""
    found = [] if merged is None else [serve_merged(merged)]
    if adapter is not None and isinstance(trained.trained, StoredAdapters):
        found.append(serve_adapter(trained.base.folder, adapter, name, trained.trained.rank))
    return found


def serving_section(lines: Sequence[str]) -> str:
    """How to serve the model, as Markdown."""
    return "\n\n".join(["## Serving", "```bash\n" + "\n".join(lines) + "\n```"])


def prompt_section(prompt: Mapping[str, Any], *, is_adapter: bool = False) -> str:
    """How to prompt the model, as Markdown. `prompt` is `TrainedModel.described_prompt`."""
    is_chat = prompt["format"] == "chat"
    written = json.dumps(prompt, indent=2, ensure_ascii=False)  # no line of it can end the block
    return "\n\n".join(
        [
            "## Prompt",
            "The model was trained and scored with these settings, and expects prompts of the same form:",
            f"```json\n{written}\n```",
            _CHAT if is_chat else _TEXT,
            _ENDS_OF_ADAPTER if is_adapter else _ENDS,
        ]
    )


_CHAT = """\
Write messages in the chat template of the model. `template` makes the text of the user's turn, `system` is the system
prompt, and so many `examples` of the training rows come before the question, as turns of their own."""

_TEXT = """\
Write plain text, without a chat template: `system`, so many `examples` of the training rows with their answers, then
`template` with the question, separated by empty lines. Parts that are empty are left out."""

_ENDS = "Each of `end_token_ids` ends an answer. generation_config.json states them."

_ENDS_OF_ADAPTER = """\
Each of `end_token_ids` ends an answer. An adapter cannot state them, and its base may state fewer: send them as
`stop_token_ids` with each request to vLLM."""


def comparison_section(check: Mapping[str, Any]) -> str:
    """How the exported folder compares with the run, as Markdown."""
    return f"## Compared with the run\n\n{comparison(check)}"


def comparison(check: Mapping[str, Any]) -> str:
    """The result of `tunix.pipeline.export_check` in sentences; `check` is empty if it has not been made."""
    if not check:
        return "The exported folder has not been compared with the run."
    if "error" in check:
        return f"The exported folder could not be compared with the run: {check['error']}"
    gap = check["exported_score"] - check["score"]
    return (
        f"The exported folder was loaded again: it scores {check['exported_score']:.4f} on the {check['rows']} rows on "
        f"which the run scored {check['score']:.4f}, a difference of {gap:+.4f}. After {check['prompts']} prompts the "
        f"logits differ by at most {check['largest_difference']:.2g}; the largest is {check['largest_logit']:.1f}. "
        f"{check['equal_answers']} of {check['compared_answers']} greedy answers are equal."
    )
