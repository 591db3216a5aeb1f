"""The entry point for all tools: recognizes the tool, translates the definition, and applies names."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from tuning.domain.importers import ax, determined, katib, lists, nni, optuna, ray_tune, vizier, wandb
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import Untranslatable
from tuning.domain.importers.fitting import fitted, parse_names
from tuning.domain.importers.python.text import PythonCall
from tuning.domain.importers.reading import PATH, IsSpace, Source, checked, read_text, refuse
from tuning.domain.importers.report import Imported, InvalidImport
from tuning.domain.space.search_space import SEARCH_SPACE_PATH, InvalidSearchSpace, SearchSpace
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
    "lists": lists,
}
"""In the order in which they are tried: those with field names that no other tool uses come first."""
ELSEWHERE = ("searchspacefile", "searchspacepath", "search_space_file")
"""Fields with which an experiment of NNI names the file of its space."""
CERTAIN = [module for module in TOOLS.values() if module is not lists]
"""Many things in a file are lists by name; they count where nothing else is a space."""


def import_definition(definition: Any, *, tool: Any = None, names: Any = None) -> Imported:
    """The search space that `definition` (text, or data) describes in another tool's words.

    Raises InvalidImport when it cannot be read, when its tool is not recognized, and for names that do not fit.
    """
    if tool is not None and (not isinstance(tool, str) or tool not in TOOLS):
        raise InvalidImport({"tool": [one_of(tool, TOOLS)]})
    source = Source(definition)
    if isinstance(definition, str):
        named = [[TOOLS[tool]]] if tool else []
        source = read_text(definition, [_test_of(modules) for modules in (*named, CERTAIN, [lists])])
    data = _bounded(source.data)
    chosen = detect(data) if tool is None else tool
    if not TOOLS[chosen].looks_like(data):
        refuse(f"Does not look like {chosen}{_but_like(data) or f'. {_found(data)}'}")
    draft = Draft()
    try:
        TOOLS[chosen].translate(data, draft)
    except Untranslatable as refusal:
        refuse(str(refusal))
    draft.report += source.left_out
    return fitted(draft, chosen, parse_names(names, draft))


def _test_of(modules: list[ModuleType]) -> IsSpace:
    def is_space(data: Any) -> bool:
        bounded = _bounded(data)
        return any(module.looks_like(bounded) for module in modules)

    return is_space


def _bounded(data: Any) -> Any:
    """`data` within the limits, without the trials of an export or a study that has its distributions beside them."""
    if (
        isinstance(data, Mapping)
        and "trials" in data
        and any(isinstance(data.get(key), Mapping) for key in ("distributions", "job"))
    ):
        data = {key: value for key, value in data.items() if key != "trials"}
    return checked(data)


def detect(data: Any) -> str:
    """The tool whose shape the data has. Raises InvalidImport that says what was looked for."""
    for name, module in TOOLS.items():
        if module.looks_like(data):
            return name
    raise InvalidImport(
        {PATH: [f"Cannot tell which tool this definition is for. {_found(data)} Looked for: {LOOKED_FOR}"]}
    )


def _but_like(data: Any) -> str:
    """The rest of a sentence about data of another tool than was named; empty if it is of none."""
    other = next((name for name, module in TOOLS.items() if module.looks_like(data)), "")
    return f", but like {other}. Name that tool, or none." if other else ""


LOOKED_FOR = (
    "parameters with value, values, min or distribution (wandb); distributions, or calls of trial.suggest_* (optuna); "
    "functions of ray.tune (ray); feasibleSpace (katib); parameterId (vizier); hyperparameters with minval or vals "
    "(determined); _type and _value (nni); a list with bounds or type choice (ax); lists of values by names that are "
    "known here (lists)."
)


def _found(data: Any) -> str:
    if isinstance(data, Mapping):
        if _is_ours(data):
            return "It is a search space of this service already: use it as search_space_json, without an import."
        if isinstance(job := data.get("job"), Mapping) and SEARCH_SPACE_PATH in job:
            return "It is the export of a job here: its member job, as POST /api/tuning/jobs, creates the job again."
        keys = ", ".join(list(data)[:10])
        elsewhere = [str(data[key]) for key in data if key.lower() in ELSEWHERE]
        if elsewhere:
            return f"Its search space is in another file, which can be imported by itself: {elsewhere[0]}."
        return f"Its fields are {keys}.{_calls(data)}" if keys else "It is empty."
    if data is None:
        return "It is empty."
    types = {list: "a list", str: "text", bool: "a truth value"}
    return f"It is {types.get(type(data), 'a number')}.{_calls(data)}"


def _is_ours(data: Mapping[str, Any]) -> bool:
    try:
        SearchSpace.parse(data)
    except InvalidSearchSpace:
        return False
    return True


def _calls(data: Any) -> str:
    """A sentence on the functions that are called in Python, with a leading blank."""
    items = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    functions = dict.fromkeys(item.function or item.words for item in items if isinstance(item, PythonCall))
    if not functions:
        return ""
    names = [name.removeprefix(".") for name in functions][:5]
    bare = [name for name in names if "." not in name]
    hint = f" Keep the import that says where {', '.join(bare)} is from." if bare else ""
    return f" It calls {', '.join(names)}, which no tool here has.{hint}"
