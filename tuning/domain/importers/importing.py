"""The entry point for all tools: recognizes the tool, translates the definition, and applies names."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from tuning.domain.importers import ax, determined, katib, nni, optuna, ray_tune, vizier, wandb
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import Untranslatable
from tuning.domain.importers.fitting import fitted, parse_names
from tuning.domain.importers.python_text import PythonText
from tuning.domain.importers.reading import PATH, checked, read_text, refuse
from tuning.domain.importers.report import Imported, InvalidImport
from tuning.domain.space.distributions.registry import KINDS
from tunix.validation.did_you_mean import one_of

TOOLS: dict[str, ModuleType] = {
    "optuna": optuna,
    "nni": nni,
    "katib": katib,
    "vizier": vizier,
    "ray": ray_tune,
    "determined": determined,
    "ax": ax,
    "wandb": wandb,
}
"""In the order in which they are tried: those with field names that no other tool uses come first."""


def import_definition(definition: Any, *, tool: Any = None, names: Any = None) -> Imported:
    """The search space that `definition` (text, or data) describes in another tool's words.

    Raises InvalidImport when it cannot be read, when its tool is not recognized, and for names that do not fit.
    """
    if tool is not None and (not isinstance(tool, str) or tool not in TOOLS):
        raise InvalidImport({"tool": [one_of(tool, TOOLS)]})
    text = read_text(definition) if isinstance(definition, str) else PythonText(definition)
    data = checked(text.data)
    chosen = detect(data) if tool is None else tool
    if not TOOLS[chosen].looks_like(data):
        refuse(f"Does not look like {chosen}: {_found(data)}")
    draft = Draft()
    try:
        TOOLS[chosen].translate(data, draft)
    except Untranslatable as refusal:
        refuse(str(refusal))
    for statement in text.others:
        draft.note(PATH, statement, "lossy", "Dropped: only the search space is read; no code is run.")
    return fitted(draft, chosen, parse_names(names, draft))


def detect(data: Any) -> str:
    """The tool whose shape the data has. Raises InvalidImport that says what was looked for."""
    for name, module in TOOLS.items():
        if module.looks_like(data):
            return name
    raise InvalidImport(
        {PATH: [f"Cannot tell which tool this definition is for. {_found(data)} Looked for: {LOOKED_FOR}"]}
    )


LOOKED_FOR = (
    "parameters with value, values, min or distribution (wandb); name and attributes of a Distribution (optuna); "
    "functions of ray.tune (ray); feasibleSpace (katib); parameterId (vizier); hyperparameters with minval or vals "
    "(determined); _type and _value (nni); a list with bounds or type choice (ax)."
)


def _found(data: Any) -> str:
    if isinstance(data, Mapping):
        if any(isinstance(item, Mapping) and str(item.get("type")) in KINDS for item in data.values()):
            return "It looks like a search space of this service, which needs no translation."
        keys = ", ".join(list(data)[:10])
        return f"Its fields are {keys}." if keys else "It is empty."
    types = {list: "a list", str: "text", type(None): "null", bool: "a truth value"}
    return f"It is {types.get(type(data), 'a number')}."
