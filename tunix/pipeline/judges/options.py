"""The options of an evaluation's judge: how they are read, and the judge that judges by them."""

from __future__ import annotations

from collections.abc import Mapping

from tunix.pipeline.failures import JudgeFailed, UnknownJudge
from tunix.pipeline.judges import JUDGES, Configurable, Judge
from tunix.pipeline.judges.base import JudgeOptions
from tunix.pipeline.spec import EvaluationSpec
from tunix.validation.did_you_mean import nearest_or_all
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

OPTIONS = "judge_options"


def judge_named(name: str) -> Judge:
    """The judge with this name, without options. Raises UnknownJudge."""
    if name in JUDGES:
        return JUDGES[name]
    raise UnknownJudge(f"Unknown judge '{name}'.{nearest_or_all(name, JUDGES)}")


def judge_of(evaluation: EvaluationSpec) -> Judge:
    """The judge of an evaluation, with its options. Raises UnknownJudge, and JudgeFailed if it has no such options."""
    judge = judge_named(evaluation.judge)
    if not evaluation.judge_options:
        return judge
    faults = Faults()
    fields = Fields({OPTIONS: evaluation.judge_options}, faults, known=(OPTIONS,))
    options = read_judge_options(fields, judge)
    if faults or not isinstance(judge, Configurable):
        told = "; ".join(f"{path}: {' '.join(texts)}" for path, texts in faults.messages.items())
        raise JudgeFailed(f"The judge {judge.name} cannot judge by its options. {told}")
    return judge.with_options(options)


def read_judge_options(fields: Fields, judge: Judge) -> JudgeOptions:
    """`judge_options` of a request: those that are set, in the order that the judge lists them."""
    elsewhere = _of_other_judges(fields.get(OPTIONS), judge)
    if not isinstance(judge, Configurable):
        fields.nothing(OPTIONS, " ".join([f"The judge {judge.name} has no options.", *elsewhere.values()]))
        return {}
    inner = fields.inner(OPTIONS, known=judge.option_names)
    for name, hint in elsewhere.items():
        inner.refuse(name, hint)
    return {name: value for name, value in judge.read_options(inner).items() if value is not None}


def _of_other_judges(given: object, judge: Judge) -> dict[str, str]:
    """For each option that this judge lacks and others have, which ones have it."""
    own = judge.option_names if isinstance(judge, Configurable) else ()
    found = {}
    for name in given if isinstance(given, Mapping) else ():
        owners = [one.name for one in JUDGES.values() if isinstance(one, Configurable) and name in one.option_names]
        if owners and name not in own:
            found[name] = f"{name} is an option of {' and '.join(owners)}."
    return found
