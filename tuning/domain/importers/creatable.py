"""Makes what was imported one valid job: whatever a job refuses is changed or left out, and reported."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tuning.domain.importers.draft import Draft, Parameter
from tuning.domain.importers.report import Imported, InvalidImport
from tuning.domain.job_definition import InvalidJob, JobDefinition, most_trials
from tuning.domain.sampling.algorithm import ALGORITHM_PATH, DEFAULT_ALGORITHM, Algorithm, InvalidAlgorithm, unsuited
from tuning.domain.selection.budgets import BUDGET_PATH
from tuning.domain.space.search_space import CONSTRAINTS_PATH, SEARCH_SPACE_PATH, InvalidSearchSpace, SearchSpace
from tunix.pipeline.hyperparameters import names_of
from tunix.pipeline.spec import TRAINED, Method
from tunix.validation.errors import Messages

OTHERS = {"name": "imported", "dataset_key": "imported", "base_model_id": "imported"}
"""Required fields of a job that no other tool has."""
METHOD = "method"
INSTEAD_OF_A_GRID = "random"
"""It learns as little as a grid."""


def made_creatable(
    draft: Draft, imported: Imported, parameters: Mapping[str, Parameter], places: Sequence[tuple[str, str]]
) -> None:
    """Change `imported`, and its job in `draft`, until a job accepts them; `places` are the sources of constraints.

    Every round takes something away, or replaces it by what is accepted. Raises InvalidImport when neither helps.
    """
    if (method := _method_of(imported.space)) != "full":
        draft.job[METHOD] = method
    repair = _Repair(draft, imported, parameters, list(places))
    while imported.space and (errors := repair.errors()):
        before = repair.state()
        repair.round(errors)
        if repair.state() == before:
            raise InvalidImport({"definition": [f"{path}: {' '.join(texts)}" for path, texts in errors.items()]})
    if not imported.space:
        imported.constraints = []


def _method_of(names: Iterable[str]) -> Method:
    """The first method whose runs have all these hyperparameters."""
    return next((method for method in TRAINED if set(names) <= set(names_of(method))), TRAINED[0])


@dataclass
class _Repair:
    draft: Draft
    imported: Imported
    parameters: Mapping[str, Parameter]
    places: list[tuple[str, str]]

    def state(self) -> str:
        return json.dumps([self.imported.space, self.imported.constraints, self.draft.job])

    def errors(self) -> Messages:
        """What a job refuses, by path."""
        space = {SEARCH_SPACE_PATH: self.imported.space, CONSTRAINTS_PATH: self.imported.constraints}
        if beyond := self._beyond_a_grid():
            return beyond
        try:
            JobDefinition.parse(OTHERS | self.draft.job | space)
        except InvalidJob as invalid:
            return invalid.errors
        return {}

    def round(self, errors: Messages) -> None:
        """Answer every fault once."""
        faults = [(path.replace("[", ".").replace("]", "").split("."), texts) for path, texts in errors.items()]
        self._refuse_constraints({tuple(parts[1:]): texts for parts, texts in faults if parts[0] == CONSTRAINTS_PATH})
        self._refuse_parameters(errors)
        for parts, texts in faults:
            if parts[0] == ALGORITHM_PATH:
                self._replace_sampler(" ".join(texts))
            elif parts[0] == "num_samples":
                self._lower_num_samples(" ".join(texts))
            elif parts[0] not in (CONSTRAINTS_PATH, SEARCH_SPACE_PATH):
                self._drop(parts, " ".join(texts))

    def _beyond_a_grid(self) -> Messages:
        """A grid with a range is a fault of the sampler, not of the range: the parameters stay."""
        space, algorithm = self._parsed()
        if space is None or algorithm is None or algorithm.name != "grid":
            return {}
        ours = [path.removeprefix(f"{SEARCH_SPACE_PATH}.") for path in unsuited(space, algorithm)]
        names = ", ".join(self.parameters[name].name for name in ours)
        return {ALGORITHM_PATH: [f"A grid needs finitely many values, unlike those of {names}."]} if names else {}

    def _parsed(self) -> tuple[SearchSpace | None, Algorithm | None]:
        try:
            space = SearchSpace.parse(self.imported.space, self.imported.constraints)
            return space, Algorithm.parse(self.draft.job.get(ALGORITHM_PATH))
        except (InvalidSearchSpace, InvalidAlgorithm):
            return None, None

    def _refuse_constraints(self, faults: Mapping[tuple[str, ...], list[str]]) -> None:
        """Those that are named; the last one when all together leave nothing."""
        last = len(self.imported.constraints) - 1
        numbered = {int(rest[0]) if rest else last: texts for rest, texts in faults.items()}
        for index in sorted(numbered, reverse=True):
            text = f"{CONSTRAINTS_PATH}[{index}]: {' '.join(numbered[index])}"
            self.draft.refuse(*self.places[index], text)
            del self.imported.constraints[index], self.places[index]

    def _refuse_parameters(self, errors: Messages) -> None:
        gone = set()
        for path, texts in errors.items():
            name = path.removeprefix(f"{SEARCH_SPACE_PATH}.").partition(".")[0]
            if path.startswith(SEARCH_SPACE_PATH) and name in self.imported.space:
                known = self.parameters[name]
                for place in [(known.path, known.source), *known.places]:
                    self.draft.refuse(*place, f"{path}: {' '.join(texts)}")
                gone.add(name)
        self.imported.space = {name: item for name, item in self.imported.space.items() if name not in gone}

    def _replace_sampler(self, why: str) -> None:
        asked = self.draft.job.pop(ALGORITHM_PATH, {}).get("name")
        if asked == "grid":
            self.draft.job[ALGORITHM_PATH] = {"name": INSTEAD_OF_A_GRID}
        instead = INSTEAD_OF_A_GRID if asked == "grid" else DEFAULT_ALGORITHM
        self.draft.correct(ALGORITHM_PATH, f"Becomes {instead} instead of {asked}. {why}")

    def _lower_num_samples(self, why: str) -> None:
        asked, (space, algorithm) = self.draft.job.pop("num_samples", None), self._parsed()
        most = most_trials(space, algorithm) if space is not None and algorithm is not None else None
        if asked is not None and most is not None and 0 < most < asked:
            self.draft.job["num_samples"] = most
            self.draft.correct("num_samples", f"Becomes num_samples {most:,} instead of {asked:,}. {why}")
        else:
            self.draft.correct("num_samples", f"Dropped: {why}")

    def _drop(self, parts: Sequence[str], why: str) -> None:
        """A part of the job, or one field of its budget."""
        place, name = self.draft.job, parts[0]
        if name == BUDGET_PATH and len(parts) > 1:
            place, name = self.draft.job.get(BUDGET_PATH, {}), parts[1]
        if place.pop(name, None) is not None:
            self.draft.correct(".".join(parts[:2] if parts[0] == BUDGET_PATH else parts[:1]), f"Dropped: {why}")
