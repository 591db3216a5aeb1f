"""What the module of a tool collects while it reads: parameters under their own names, parts of a job, the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tuning.domain.early_stopping.rules import PATH as EARLY_STOPPING_PATH
from tuning.domain.importers.field_reader import FieldReader, Untranslatable, as_number, as_whole
from tuning.domain.importers.report import InvalidImport, Level, Note, words_of
from tuning.domain.importers.translations import Translation
from tuning.domain.job_definition import MAX_CONCURRENT_TRIALS, MAX_SAMPLES
from tuning.domain.job_sections import MAX_SECONDS
from tuning.domain.sampling.algorithm import ALGORITHM_PATH
from tuning.domain.sampling.algorithm_options import OPTIONS as ALGORITHMS
from tuning.domain.selection.budgets import BUDGET_PATH, MAX_FAILED_TRIALS
from tuning.domain.space.distributions.choices import MAX_CHOICES
from tuning.domain.space.distributions.faults import InvalidDistribution
from tuning.domain.space.distributions.registry import parse_distribution
from tunix.validation.errors import join
from tunix.validation.values import scalar_fault

LIMITS = {
    "num_samples": (1, MAX_SAMPLES),
    "max_concurrent_trials": (1, MAX_CONCURRENT_TRIALS),
    "max_failed_trials": (0, MAX_FAILED_TRIALS),
    "max_seconds": (1, MAX_SECONDS),
    "max_trial_seconds": (1, MAX_SECONDS),
}
"""Numbers of a job that other tools have as well; those of time and of failure belong to its budget."""
MAX_PARAMETERS = 200
BECOMES = "Becomes"

When = dict[str, list[Any]]


@dataclass
class Parameter:
    """One parameter as it was read: its path, its text in the source, and its translation."""

    name: str
    path: str
    source: str
    translation: Translation
    when: When = field(default_factory=dict)
    places: list[tuple[str, str]] = field(default_factory=list)
    """Path and text of further definitions that this one includes."""


@dataclass
class Draft:
    """An import in progress. Each of `metrics` has its path, its name, max or min, and its text in the source.

    `of_job` has the line of the report about each part of `job`.
    """

    texts: bool = False
    parameters: dict[str, Parameter] = field(default_factory=dict)
    constraints: list[tuple[str, str]] = field(default_factory=list)
    job: dict[str, Any] = field(default_factory=dict)
    metrics: list[tuple[str, str, str, str]] = field(default_factory=list)
    target: tuple[str, Any] | None = None
    report: list[Note] = field(default_factory=list)
    of_job: dict[str, Note] = field(default_factory=dict)

    def note(self, path: str, source: Any, level: Level, message: str, *, part: str = "") -> None:
        """Add a line to the report; `part` is the part of the job that it is about."""
        self.report.append(Note(path, words_of(source), level, message))
        if part:
            self.of_job[part] = self.report[-1]

    def correct(self, part: str, message: str) -> None:
        """Replace the line about a part of the job that cannot stay as it was translated."""
        known = self.of_job.get(part)
        corrected = Note(known.path if known else part, known.source if known else "", "lossy", message)
        if known in self.report:
            self.report[self.report.index(known)] = corrected
        else:
            self.report.append(corrected)
        self.of_job[part] = corrected

    def rename(self, found: Parameter, kind: str) -> None:
        """Report the kind that a parameter became in the end, where its hyperparameter needs another one."""
        was, now = (f"{BECOMES} {one}" for one in (found.translation.definition["type"], kind))
        for index, note in enumerate(self.report):
            if (note.path, note.source) == (found.path, found.source) and note.message.startswith(was):
                self.report[index] = replace(note, message=now + note.message.removeprefix(was))

    def leave_out(self, found: Parameter, message: str) -> None:
        """Report that a parameter has no name here, instead of that it was translated; what it would lose stays."""
        places = [(found.path, found.source), *found.places]
        words = "" if found.translation.losses else found.translation.summary
        would = f" It would become{words.removeprefix(BECOMES)}" if words.startswith(BECOMES) else ""
        self.report = [
            note for note in self.report if (note.path, note.source) not in places or note.level != "translated"
        ]
        for place in places:
            self.note(*place, "lossy", f"{message}{would}")

    def refuse(self, path: str, source: str, message: str) -> None:
        """Report that something is left out after all, instead of what was reported about it."""
        place = (path, words_of(source))
        self.report = [note for note in self.report if (note.path, note.source) != place or note.level == "refused"]
        self.note(path, source, "refused", message)

    def parameter(
        self,
        name: str,
        path: str,
        data: Any,
        translate: Callable[[FieldReader], Translation],
        *,
        when: When | None = None,
        source: Any = None,
    ) -> Parameter | None:
        """Read one parameter by `translate`; None when it is refused."""
        words = data if source is None else source
        try:
            _refuse_condition(when or {})
            reader = FieldReader(data, texts=self.texts)
            translation = translate(reader)
            parse_distribution(translation.definition)
        except (Untranslatable, InvalidDistribution) as refusal:
            self.note(path, words, "refused", str(refusal))
            return None
        if ignored := reader.left_over():
            translation.losses.append(f"Dropped, because there is no equivalent here: {', '.join(ignored)}.")
        return self._keep(Parameter(name, path, words_of(words), translation, when or {}))

    def _keep(self, found: Parameter) -> Parameter | None:
        known = self.parameters.get(found.name)
        if known is not None:
            return self._joined(known, found)
        if len(self.parameters) >= MAX_PARAMETERS:
            raise InvalidImport({"definition": [f"Has more than {MAX_PARAMETERS} parameters."]})
        self.parameters[found.name] = found
        self.report_on(found)
        return found

    def _joined(self, known: Parameter, found: Parameter) -> Parameter | None:
        """A parameter that is defined under two values of one other parameter exists under both."""
        one_other = known.when and list(known.when)[-1:] == list(found.when)[-1:]
        others = [dict(list(item.when.items())[:-1]) for item in (known, found)]
        if known.translation.definition != found.translation.definition or not one_other or others[0] != others[1]:
            message = "Defined twice, with different values or conditions: only the first definition is kept."
            self.note(found.path, found.source, "refused", message)
            return None
        last = list(known.when)[-1]
        known.when[last] = [*known.when[last], *(value for value in found.when[last] if value not in known.when[last])]
        known.places.append((found.path, found.source))
        self.report_on(found)
        return known

    def report_on(self, found: Parameter) -> None:
        """The lines of the report about a parameter that is kept."""
        for loss in found.translation.losses:
            self.note(found.path, found.source, "lossy", loss)
        if not found.translation.losses:
            self.note(found.path, found.source, "translated", found.translation.in_words)
        if found.when:
            conditions = " and ".join(f"{name} is one of {words_of(values)}" for name, values in found.when.items())
            self.note(found.path, found.source, "translated", f"Exists only while {conditions}.")

    def section(self, data: Mapping[str, Any], key: str, path: str = "") -> Mapping[str, Any]:
        """The object `key` of `data`; empty when absent. Any other value is reported."""
        value = data.get(key)
        if value is None or isinstance(value, Mapping):
            return value or {}
        self.note(path or key, value, "refused", "Must be an object; it is left out.")
        return {}

    def number_of_job(self, name: str, path: str, value: Any, *, less: int = 0, source: Any = None) -> None:
        """One of LIMITS, `less` that many; null is nothing."""
        words = value if source is None else source
        if value is None:
            return
        low, high = LIMITS[name]
        try:
            number = as_whole(as_number(value, path, texts=True), path) - less
        except Untranslatable:
            self.note(path, words, "lossy", "Dropped: it is not a whole number.")
            return
        if not low <= number <= high:
            self.note(path, words, "lossy", f"Dropped: {name} is from {low:,} to {high:,} here.")
            return
        of_job = name in ("num_samples", "max_concurrent_trials")
        place = self.job if of_job else self.job.setdefault(BUDGET_PATH, {})
        place[name] = number
        part = name if of_job else join(BUDGET_PATH, name)
        self.note(path, words, "translated", f"Becomes {name} {number:,}.", part=part)

    def algorithm(self, path: str, word: Any, known: Mapping[str, tuple[str, str]]) -> None:
        """`known` maps the source's name, in lower case, to one of our samplers and how that differs."""
        if word is None:
            return
        name, difference = known.get(word.lower(), ("", "")) if isinstance(word, str) else ("", "")
        if name not in ALGORITHMS:
            self.note(path, word, "lossy", "There is no such sampler here: the default is used.")
            return
        self.job[ALGORITHM_PATH] = {"name": name}
        level: Level = "lossy" if difference else "translated"
        self.note(path, word, level, f"Becomes {name}.{difference and ' '}{difference}", part=ALGORITHM_PATH)

    def objective(self, path: str, source: Any, name: Any, goal: Any) -> None:
        """A metric, the most important first. Whether it exists here is decided later, when names are applied."""
        mode = {"mi": "min", "ma": "max"}.get(goal[:2].lower()) if isinstance(goal, str) else None
        if not isinstance(name, str) or not name or mode is None:
            self.note(path, source, "lossy", "Dropped: it needs a name and a goal, minimize or maximize.")
            return
        self.metrics.append((path, name, mode, words_of(source)))

    def stopping(self, path: str, source: Any, name: str | None) -> None:
        """A rule that stops trials early, by our name for it; None when there is no such rule."""
        if name is None:
            self.left_out(path, source, "Dropped: there is no such rule here, so every trial trains to the end.")
            return
        self.job[EARLY_STOPPING_PATH] = {"name": name}
        message = f"Becomes {name}, with the default rungs and metric of {name} here."
        self.note(path, source, "lossy", message, part=EARLY_STOPPING_PATH)

    def left_out(self, path: str, source: Any, message: str) -> None:
        """Something without an equivalent; null and empty values are ignored."""
        if source not in (None, {}, [], ""):
            self.note(path, source, "lossy", message)

    def rest(self, data: Mapping[str, Any], known: Iterable[str], path: str = "") -> None:
        """Report the fields that the module of the tool does not know, in one line."""
        others = {key: value for key, value in data.items() if key not in set(known)}
        if others:
            self.note(path or "definition", ", ".join(others), "lossy", "Dropped: there is no equivalent here.")


def _refuse_condition(when: When) -> None:
    """Raises Untranslatable for values on which no parameter can depend here."""
    for values in when.values():
        if len(values) > MAX_CHOICES:
            raise Untranslatable(f"Depends on more than {MAX_CHOICES:,} values of another parameter.")
        for value in values:
            if fault := scalar_fault(value):
                raise Untranslatable(f"Depends on a value that cannot be used here: {fault}")
