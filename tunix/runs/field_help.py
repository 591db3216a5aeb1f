"""Help texts of fields that pages and API share."""

from __future__ import annotations

from typing import Final

from tunix.pipeline.spec import EvaluationSpec, PromptSpec

_EVALUATION, _PROMPT = EvaluationSpec(), PromptSpec()

HELP: Final = {
    "method": "What is trained: all weights (full), adapters (lora), or adapters on a quantized model (qlora). "
    "auto: full for a built-in model, lora for a model from a folder.",
    "format": "chat: the model's chat template. text: the template alone. auto: chat if the model has a chat template.",
    "template": f"The text around the prompt of a row; contains {_PROMPT.template} exactly once.",
    "system": "The system prompt of a chat, for rows without their own, or the text before the template. Empty: none.",
    "examples": "Training rows that are shown before each prompt, with their answers.",
    "too_long": "What happens to a row with more tokens than max_seq_length: its prompt loses its beginning (cut), it "
    "is left out (drop), or the run fails (refuse).",
    "temperature": f"0: the most likely token each time. Above 0: drawn. By default {_EVALUATION.temperature:g}.",
    "samples": f"Answers per row, by default {_EVALUATION.samples}. The score of a row is their mean. Several need a "
    "temperature above 0.",
}
"""By the name of the field."""
