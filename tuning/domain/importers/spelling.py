"""Values as our hyperparameters spell them: text becomes numbers, whole floats integers, SGD becomes sgd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tuning.domain.importers.translations import Translation, choice, integers
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.validation.values import key_of

Spelled = dict[tuple[bool, Any], Any]


def spelled_for(name: str, translation: Translation) -> tuple[Translation, Spelled, str]:
    """The translation for the hyperparameter `name`, which values it spells differently, and a line about them.

    Its losses are only those that are new. Conditions on this parameter must follow what is spelled differently.
    """
    hyperparameter = HYPERPARAMETERS.get(name)
    found = Translation(translation.definition)
    if hyperparameter is None:
        return found, {}, ""
    if hyperparameter.kind == "choice":
        return _respelled(found, _letters(found, hyperparameter.choices))
    if hyperparameter.kind not in ("int", "float"):
        return found, {}, ""
    found, spelled, _ = _respelled(found, {key: _number(key[1]) for key in _texts(found)})
    return (integers(found) if hyperparameter.kind == "int" else found), spelled, ""


def value_of(spelled: Mapping[tuple[bool, Any], Any], value: Any) -> Any:
    """A value of a condition as the parameter that it is about spells it."""
    return spelled.get(key_of(value), value)


def _values(translation: Translation) -> list[Any]:
    definition = translation.definition
    return list(definition["values"]) if "values" in definition else [definition.get("value")]


def _texts(translation: Translation) -> list[tuple[bool, Any]]:
    return [key_of(value) for value in _values(translation) if isinstance(value, str)]


def _letters(translation: Translation, choices: Sequence[str]) -> Spelled:
    """Values that differ from ours only in case, and in what joins their words."""
    plain = {_plain(known): known for known in choices}
    texts = [value for _, value in _texts(translation) if value not in choices]
    return {key_of(text): plain[_plain(text)] for text in texts if _plain(text) in plain}


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter not in "-_ ")


def _respelled(translation: Translation, spelled: Spelled) -> tuple[Translation, Spelled, str]:
    changed = {key: value for key, value in spelled.items() if key_of(value) != key}
    if not changed:
        return translation, {}, ""
    values = [changed.get(key_of(value), value) for value in _values(translation)]
    found = choice(values)
    pairs = ", ".join(f"{key[1]} is {value}" for key, value in changed.items())
    return found, changed, f"Spelled differently here: {pairs}."


def _number(text: str) -> Any:
    for read in (int, float):
        try:
            return read(text.strip())
        except ValueError:
            continue
    return text
