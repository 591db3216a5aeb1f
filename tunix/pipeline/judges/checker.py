"""Judges that an operator registers: a function that says whether a prediction is right."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from tunix.pipeline.judges.base import JudgeItem, Judgement

CHECKERS = "JUDGE_CHECKERS"
PREFIX = "checker:"
_NAME = re.compile(r"[a-z0-9_-]{1,40}")
_MOST_VERSION, _MOST_ERROR = 100, 200


class CheckerMisconfigured(Exception):
    """An entry of the setting is wrong; the message says which one, and what to do."""


class Checker:
    """1 if the function `check(prompt, answer, prediction)` returns true. What it raises is the item's error."""

    def __init__(self, name: str, check: Callable[[str, str, str], Any], version: str) -> None:
        self.name, self.version, self._check = f"{PREFIX}{name}", version, check
        self.help = f"A function of this installation says whether the text is right: {name}."

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return [self._judgement(item) for item in items]

    def _judgement(self, item: JudgeItem) -> Judgement:
        try:
            right = self._check(item.prompt, item.answer, item.prediction)
        except Exception as error:
            told = f"{type(error).__name__}: {error}"[:_MOST_ERROR]
            return Judgement(None, error=f"The checker failed with {told}.")
        if not isinstance(right, bool):
            return Judgement(None, error=f"The checker returned {type(right).__name__} instead of True or False.")
        return Judgement(float(right))


def checkers(environment: Mapping[str, str] | None = None) -> list[Checker]:
    """The checkers in the setting, imported: `name=package.module.function`, separated by commas.

    Raises CheckerMisconfigured.
    """
    text = (os.environ if environment is None else environment).get(CHECKERS, "")
    found: dict[str, Checker] = {}
    for entry in filter(None, map(str.strip, text.split(","))):
        name, mark, path = (part.strip() for part in entry.partition("="))
        if not mark or not _NAME.fullmatch(name):
            _refuse(entry, "Write name=package.module.function, with a name of a to z, digits, dashes and underscores.")
        if name in found:
            _refuse(entry, f"There is a checker {name} already.")
        found[name] = _checker(entry, name, path)
    return list(found.values())


def _checker(entry: str, name: str, path: str) -> Checker:
    module_name, _, function_name = path.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        _refuse(entry, f"The module {module_name!r} cannot be imported: {type(error).__name__}: {error}", error)
    function = getattr(module, function_name, None)
    if not callable(function):
        _refuse(entry, f"The module {module_name} has no function {function_name!r}.")
    try:
        inspect.signature(function).bind("", "", "")
    except (TypeError, ValueError) as error:
        _refuse(entry, "The function must take three arguments: prompt, answer, prediction.", error)
    return Checker(name, function, _version_of(entry, function, module))


def _version_of(entry: str, function: Any, module: ModuleType) -> str:
    """`VERSION` of the function or its module, else a hash of the module's file."""
    version = getattr(function, "VERSION", getattr(module, "VERSION", None))
    if version is None:
        try:
            source = Path(inspect.getsourcefile(module) or "").read_bytes()
        except (OSError, TypeError) as error:
            _refuse(entry, f"The source of {module.__name__} cannot be read: set VERSION in it.", error)
        return f"source-{hashlib.sha256(source).hexdigest()[:16]}"
    if not isinstance(version, str) or not 1 <= len(version) <= _MOST_VERSION or not version.isprintable():
        _refuse(entry, f"VERSION must be a text of 1 to {_MOST_VERSION} characters.")
    return version


def _refuse(entry: str, why: str, cause: Exception | None = None) -> NoReturn:
    raise CheckerMisconfigured(f"{CHECKERS}: {entry!r}: {why}") from cause
