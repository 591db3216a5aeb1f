"""Reads the parts of a run's specification from a request. Single runs, evaluations and tuning jobs share them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast, get_args

from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.hyperparameters import check
from tunix.pipeline.judges import JUDGES
from tunix.pipeline.judges.options import read_judge_options
from tunix.pipeline.spec import (
    MAX_EXAMPLES,
    MAX_ITEMS,
    MAX_NEW_TOKENS,
    MAX_PROMPT_TEXT,
    MAX_SAMPLES,
    MAX_TEMPERATURE,
    MAX_THREADS,
    TRAINED,
    EvaluationSpec,
    Method,
    PromptSpec,
    Scalar,
)
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

AUTO: Final = "auto"
"""As a method: that of the base model."""
METHODS: Final = (AUTO, *TRAINED)
PROMPT_PATH: Final = "prompt_json"
FORMATS: Final = get_args(PromptSpec.model_fields["format"].annotation)
TOO_LONG: Final = get_args(PromptSpec.model_fields["too_long"].annotation)
PLACEHOLDER: Final = "{prompt}"


def read_evaluation(fields: Fields, *, splits: Sequence[str] = SPLITS) -> EvaluationSpec:
    """How to judge. A field that is absent or faulty has its default."""
    default = EvaluationSpec()
    judge = fields.choice("judge", JUDGES, default.judge)
    temperature, samples = _read_sampling(fields)
    return EvaluationSpec.model_validate(
        {
            "judge": judge,
            "split": fields.choice("split", splits, default.split),
            "max_items": fields.whole("max_items", default=default.max_items, low=1, high=MAX_ITEMS),
            "max_new_tokens": fields.whole(
                "max_new_tokens", default=default.max_new_tokens, low=1, high=MAX_NEW_TOKENS
            ),
            "temperature": temperature,
            "samples": samples,
            "judge_options": {} if fields.is_faulty("judge") else read_judge_options(fields, JUDGES[judge]),
        }
    )


def _read_sampling(fields: Fields) -> tuple[float, int]:
    """Temperature and number of samples of each prompt."""
    temperature = fields.within("temperature", default=0.0, low=0.0, high=MAX_TEMPERATURE)
    samples = fields.whole("samples", default=1, low=1, high=MAX_SAMPLES)
    if samples > 1 and temperature == 0 and not fields.is_faulty("temperature"):
        fields.refuse("samples", "At temperature 0 all samples are the same. Set temperature above 0, or samples to 1.")
        return temperature, 1
    return temperature, samples


def read_method(fields: Fields, default: Method) -> Method:
    """`method`: what is trained; `default` when it is absent or `auto`."""
    method = fields.choice("method", METHODS, AUTO)
    return default if method == AUTO else cast("Method", method)


def read_prompt(data: Any, faults: Faults) -> PromptSpec:
    """`prompt_json`: how a row becomes the text that the model reads. What is absent or faulty has its default."""
    fields, default = Fields(data, faults, path=PROMPT_PATH, known=PromptSpec.model_fields), PromptSpec()
    template = fields.text("template", max_length=MAX_PROMPT_TEXT, default=default.template)
    if not fields.is_faulty("template") and template.count(PLACEHOLDER) != 1:
        fields.refuse("template", f"Must contain {PLACEHOLDER} exactly once: there the prompt of a row goes.")
    values = {
        "format": fields.choice("format", FORMATS, default.format),
        "template": default.template if fields.is_faulty("template") else template,
        "system": fields.text("system", max_length=MAX_PROMPT_TEXT, default=default.system),
        "examples": fields.whole("examples", default=default.examples, low=0, high=MAX_EXAMPLES),
        "too_long": fields.choice("too_long", TOO_LONG, default.too_long),
    }
    return PromptSpec.model_validate(values)


def read_threads(data: Any, faults: Faults) -> int:
    """`resources_json`: the CPU threads of a run."""
    fields = Fields(data, faults, path="resources_json", known=("threads",))
    return fields.whole("threads", default=1, low=1, high=MAX_THREADS)


def read_hyperparameters(data: Any, method: Method, faults: Faults) -> dict[str, Scalar]:
    """`hyperparameters_json`: values by name, of a run of this method; those that are absent left out."""
    path = "hyperparameters_json"
    if data is None:
        return {}
    if not isinstance(data, dict):
        faults.add(path, "Must be an object.")
        return {}
    errors, _ = check(data, method)
    faults.merge(errors, path)
    return data
