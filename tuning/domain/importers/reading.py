"""Parses text as JSON, Python or YAML, whichever succeeds first, within limits that keep parsing cheap."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from tuning.domain.importers.python.spaces import PythonFile, PythonSpace
from tuning.domain.importers.report import InvalidImport, Level, Note, words_of
from tuning.domain.sampling.optuna_study import TRIALS_FOLLOW
from tunix.validation.errors import join
from tunix.validation.json_text import InvalidJson, NotJson, parse_json
from tunix.validation.values import is_finite, is_storable
from tunix.validation.yaml_text import StrictLoader, line_of, problem_of

PATH = "definition"
MAX_TEXT = 1_000_000
MAX_SLOW_TEXT = 50_000
"""Of YAML and Python, which take much longer to read than JSON."""
MAX_DEPTH = 20
MAX_VALUES = 200_000
DROPPED_CODE = "Dropped: only the search space is read; no code is run."
CHANGED = "Not followed, although it changes the search space. Write the change where the search space is written."
SIGNS_OF_PYTHON = re.compile(r"^\s*(import \w|from [\w.]+ import |def \w+\(|class \w+|\w+ = |print )", re.MULTILINE)

COMMAND_OF_NOTEBOOK = re.compile(r"^([ \t]*)[%!](?:.*\\\n)*.*$", re.MULTILINE)

IsSpace = Callable[[Any], bool]


@dataclass
class Source:
    """What a text holds: the search space, or other data; and lines of the report on what of the text is left out."""

    data: Any
    left_out: list[Note] = field(default_factory=list)


def read_text(text: str, tests: Sequence[IsSpace]) -> Source:
    """The first thing in `text` that passes the first test that anything passes; all of its data where none does.

    Raises InvalidImport, as the tests do for data without bounds.
    """
    text = text.removeprefix("\ufeff")  # the mark with which some editors begin a file
    if len(text) > MAX_TEXT:
        text = _without_trials(text)
    if "\x00" in text:
        refuse("Contains a NUL character.")
    try:
        data = parse_json(text)
        if not _is_notebook(data):
            return _of_documents([data], tests)
        text, not_json = _code_of(data), "it is the code of a notebook"
    except NotJson as fault:
        not_json = str(fault)
    except InvalidJson as fault:
        refuse(f"{_capital(str(fault))}.")
    if len(text) > MAX_SLOW_TEXT:
        refuse(
            f"Is longer than {MAX_SLOW_TEXT:,} characters, the most for Python and YAML. "
            f"It is not JSON, which may be longer: {not_json}."
        )
    if (found := _of_python(text, tests)) is not None:
        return found
    documents = _read_yaml(text)
    if all(isinstance(document, str) for document in documents):
        _refuse_broken_python(text)
    return _of_documents(documents, tests)


def checked(data: Any) -> Any:
    """`data`, which is now known to be of a bounded size, with text, finite numbers and names only."""
    _Walk().look_at(data, "", 1)
    return data


def refuse(message: str, path: str = "") -> NoReturn:
    """Raises InvalidImport."""
    raise InvalidImport({join(PATH, path): [message]})


class _Walk:
    def __init__(self) -> None:
        self.values = 0

    def look_at(self, data: Any, path: str, depth: int) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            refuse(f"Contains more than {MAX_VALUES:,} values.")
        if depth > MAX_DEPTH:
            refuse(f"Is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(data, Mapping):
            for key, value in data.items():
                if not isinstance(key, str):
                    refuse(f"The name {key!r} must be text.", path)
                self._text(key, path)
                self.look_at(value, join(path, key), depth + 1)
        elif isinstance(data, list):
            for index, value in enumerate(data):
                self.look_at(value, f"{path}[{index}]", depth + 1)
        else:
            self._scalar(data, path)

    def _scalar(self, data: Any, path: str) -> None:
        if isinstance(data, str):
            self._text(data, path)
        elif isinstance(data, int | float) and not is_finite(data):
            refuse("Must be a finite number.", path)
        elif not isinstance(data, int | float | None):
            refuse(
                f"Contains a {type(data).__name__}. Only text, numbers, true, false and null are read.",
                path,
            )

    def _text(self, text: str, path: str) -> None:
        if not is_storable(text):
            refuse("Contains a NUL character or a lone surrogate.", path)


def _is_notebook(data: Any) -> bool:
    return isinstance(data, Mapping) and isinstance(data.get("cells"), list) and "nbformat" in data


def _code_of(notebook: Mapping[str, Any]) -> str:
    """The Python of a Jupyter notebook; lines that are commands of the notebook itself do nothing."""
    cells = [cell for cell in notebook["cells"] if isinstance(cell, Mapping) and cell.get("cell_type") == "code"]
    sources = [cell.get("source", "") for cell in cells]
    texts = [source if isinstance(source, str) else "".join(map(str, source or ())) for source in sources]
    python = (text for text in texts if not text.startswith("%%"))  # such a cell is in another language
    return "\n".join(COMMAND_OF_NOTEBOOK.sub(r"\1pass", text) for text in python)


def _without_trials(text: str) -> str:
    """An export of this service up to its trials, which say nothing about its space. Raises InvalidImport."""
    head, trials, _ = text[:MAX_TEXT].partition(TRIALS_FOLLOW)
    if not trials or "\n" in head:
        refuse(f"Is longer than {MAX_TEXT:,} characters.")
    return head + "}"


def _of_documents(documents: list[Any], tests: Sequence[IsSpace]) -> Source:
    """The first document that is a space; a list of Kubernetes' is the documents in it."""
    found = [item for document in documents for item in _items(document)] or documents[:1] or [None]
    passing = ([index for index, item in enumerate(found) if is_space(item)] for is_space in tests)
    spaces = next(filter(None, passing), [])
    if not spaces and len(found) > 1:
        kinds = ", ".join(
            words_of(item.get("kind", list(item)[:5]) if isinstance(item, Mapping) else item) for item in found
        )
        refuse(f"Has {len(found)} documents, and none of them is a search space: {kinds[:500]}.")
    first = spaces[0] if spaces else 0
    others = [(index, item) for index, item in enumerate(found) if index != first]
    return Source(found[first], [_note(item, _why_left_out(index in spaces)) for index, item in others])


def _items(document: Any) -> list[Any]:
    if isinstance(document, Mapping) and document.get("kind") == "List" and isinstance(document.get("items"), list):
        return document["items"]
    return [] if document is None else [document]


def _why_left_out(is_space: bool) -> str:
    if is_space:
        return "Dropped: it is another search space. Only the first one is read; import this one by itself."
    return "Dropped: it is another document, without a search space."


def _of_python(text: str, tests: Sequence[IsSpace]) -> Source | None:
    """None for what is not Python, or may as well be YAML."""
    try:
        file = PythonFile.parse(text)
    except SyntaxError:
        return None
    try:
        space = next(filter(None, (file.first_space(is_space) for is_space in tests)), None)
    except RecursionError:
        if not file.is_certain:
            return None
        refuse("Is Python, but nested too deeply to be read. Import the part with the search space by itself.")
    if space is not None:
        return Source(space.data, _left_out(space))
    if file.fault is not None:
        raise file.fault
    if not file.is_certain:
        return None
    only = file.only_value()
    if only is None:
        refuse(
            "Is Python, but no search space is written out in it. A space that a program computes or gathers piece by "
            "piece cannot be read, because no code is run here: print it, and import what is printed."
        )
    return Source(only)


def _left_out(space: PythonSpace) -> list[Note]:
    another = "Dropped: another search space begins in line {}. Only the first one is read; import this one by itself."
    code = [_note(_first_lines(space.others), DROPPED_CODE)] if space.others else []
    changes = [_note(words, CHANGED, "refused") for words in space.changes]
    return code + changes + [_note(words, another.format(line)) for line, words in space.more]


def _note(source: Any, message: str, level: Level = "lossy") -> Note:
    return Note(PATH, words_of(source), level, message)


def _first_lines(statements: list[str]) -> str:
    if len(statements) == 1:
        return statements[0]
    return "\n".join(
        f"{first} ..." if more else first for first, _, more in (item.partition("\n") for item in statements)
    )


def _read_yaml(text: str) -> list[Any]:
    try:
        return list(yaml.load_all(text, _Loader))
    except yaml.constructor.ConstructorError as error:  # it is YAML, with something that is not read
        refuse(f"Line {line_of(error)}: {problem_of(error)}.")
    except yaml.MarkedYAMLError as error:
        line = f"line {line_of(error)}: " if line_of(error) else ""
        refuse(f"{_neither(text)}{line}{problem_of(error)}.")
    except (yaml.YAMLError, ValueError) as error:
        refuse(f"{_neither(text)}{error}")
    except (LookupError, AttributeError):  # PyYAML's own way with `!!int ""` and `!!bool maybe`
        refuse("A value is not of the type that its tag (!!) names.")
    except RecursionError:
        refuse(f"Is nested deeper than {MAX_DEPTH} levels.")


def _neither(text: str) -> str:
    """How a refusal begins of a text that is not YAML either: by what it seems to be."""
    _refuse_broken_python(text)
    if text.lstrip()[:1] in ("{", "["):
        try:
            parse_json(text)
        except InvalidJson as error:
            return f"Is not JSON ({error}), and neither Python nor YAML: "
    return "Is neither JSON nor Python nor YAML: "


def _refuse_broken_python(text: str) -> None:
    if not SIGNS_OF_PYTHON.search(text):
        return
    try:
        PythonFile.parse(text)
    except SyntaxError as error:
        line = f"line {error.lineno}: " if error.lineno else ""
        refuse(f"Looks like Python, which cannot be parsed: {line}{error.msg.removesuffix('.')}.")


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


class _Loader(StrictLoader):
    """YAML as these tools read it, but that 1e-4 is a number and a date is text."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":merge", ":float"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def fetch_flow_collection_start(self, kind: Any) -> None:
        if self.flow_level >= MAX_DEPTH:  # PyYAML looks at every level again with each bracket
            refuse(f"Is nested deeper than {MAX_DEPTH} levels.")
        super().fetch_flow_collection_start(kind)


_FLOAT = (
    r"^(?:[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(_FLOAT), list("-+0123456789."))
