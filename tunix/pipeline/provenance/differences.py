"""Differences between the inputs of two runs: the request, rows, base model, judge, packages, code, machine.

Only what both runs recorded is compared, since an older run recorded less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from tunix.pipeline.engine.version import changes_between
from tunix.pipeline.provenance.installed import CORE
from tunix.pipeline.provenance.run_record import RunRecord
from tunix.pipeline.spec import Scalar, Value

_SHOWN_OF_A_HASH = 12
_GUARD_VERSION = re.compile(r"guards\.\d+\.dataset\.version")
_NOT_ASKED = ("run_id", "version", "dataset.version", "base_model_hash", "threads", "max_judge_cost", "judge_twice")


class Group(StrEnum):
    """The kind of input that differs."""

    ASKED = "asked"
    DATA = "data"
    BASE_MODEL = "base_model"
    JUDGE = "judge"
    PACKAGES = "packages"
    CODE = "code"
    MACHINE = "machine"


_MEANS = {
    Group.ASKED: "the runs had different specs.",
    Group.DATA: "the runs trained or were judged on different rows.",
    Group.BASE_MODEL: "training started from different weights.",
    Group.JUDGE: "the same prediction may get another score, so the scores are not comparable.",
    Group.CODE: "the project's own code trains, generates or judges differently.",
}
_MEANS_GUARD = "the guards used different rows; training and score do not depend on them."
_CORE_PACKAGE = "results may differ in their last bits, and so may predictions."
_OTHER_PACKAGE = "unlikely to change a result."
_LOCK = "the packages that differ are listed above."
_MACHINE = {
    "threads": "sums are computed in another order, which changes the last bits, and sometimes predictions.",
    "python": "unlikely to change a result.",
    "system": "results of libraries may differ in their last bits.",
}
_OTHER_MACHINE = "results may differ in their last bits, and so may predictions."


class Difference(Value):
    """One difference: old and new value (null if missing), and a sentence on its probable effect."""

    group: Group
    name: str
    old: Scalar
    new: Scalar
    sentence: str


def differences(old: RunRecord, new: RunRecord) -> list[Difference]:
    """All differences, in the order of the groups; `row_changes` lists the rows."""
    kinds = (_asked, _data, _judge, _packages, _engine, _machine)
    return [difference for kind in kinds for difference in kind(old, new)]


def _asked(old: RunRecord, new: RunRecord) -> Iterator[Difference]:
    before, now = _flat(old.spec), _flat(new.spec)
    for name in dict.fromkeys([*before, *now]):
        if name not in _NOT_ASKED and not _GUARD_VERSION.fullmatch(name) and before.get(name) != now.get(name):
            yield _difference(Group.ASKED, name, before.get(name), now.get(name))


def _data(old: RunRecord, new: RunRecord) -> Iterator[Difference]:
    before, now = old.spec["dataset"]["version"], new.spec["dataset"]["version"]
    if before != now:
        yield _difference(Group.DATA, "dataset version", _short(before), _short(now))
    for was, is_ in _guards(old, new):
        if was["dataset"] != is_["dataset"] or was["sha256"] != is_["sha256"]:
            name = f"rows of guard dataset {is_['dataset']['key']} ({is_['split']})"
            yield _difference(Group.DATA, name, _short(was["sha256"]), _short(is_["sha256"]), _MEANS_GUARD)
    weights = [record.spec.get("base_model_hash") for record in (old, new)]
    if all(weights) and weights[0] != weights[1]:
        yield _difference(Group.BASE_MODEL, "base model", _short(weights[0]), _short(weights[1]))


def _judge(old: RunRecord, new: RunRecord) -> Iterator[Difference]:
    before, now = old.result.verdict, new.result.verdict
    if before and now and before.judge_version != now.judge_version:
        name = f"version of judge {now.judge}"
        yield _difference(Group.JUDGE, name, before.judge_version, now.judge_version)
    for was, is_ in _guards(old, new):
        if was["judge"]["version"] != is_["judge"]["version"]:
            name = f"version of judge {is_['judge']['name']} of guard {is_['dataset']['key']}"
            yield _difference(Group.JUDGE, name, was["judge"]["version"], is_["judge"]["version"])


def _guards(old: RunRecord, new: RunRecord) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The guards that both runs recorded. If one run has more of them, the specs differ, which is reported there."""
    return zip(old.result.environment.get("guards", []), new.result.environment.get("guards", []), strict=False)


def _packages(old: RunRecord, new: RunRecord) -> Iterator[Difference]:
    for name, before, now in _versions(old, new):
        if before != now:
            yield _difference(Group.PACKAGES, name, before, now, _CORE_PACKAGE if name in CORE else _OTHER_PACKAGE)
    for group, name, key in (
        (Group.PACKAGES, "requirements.txt", "lock_sha256"),
        (Group.CODE, "tunix/pipeline", "code_sha256"),
    ):
        hashes = [record.result.environment.get(key) for record in (old, new)]
        if all(hashes) and hashes[0] != hashes[1]:
            means = _LOCK if group == Group.PACKAGES else _MEANS[group]
            yield _difference(group, name, _short(hashes[0]), _short(hashes[1]), means)


def _versions(old: RunRecord, new: RunRecord) -> Iterator[tuple[str, str | None, str | None]]:
    """Name and both versions, core packages first. Covers all packages if both runs recorded them."""
    if old.snapshot and new.snapshot:
        before, now = old.snapshot.packages, new.snapshot.packages
        names = {*before, *now}
    else:
        before, now = (record.result.environment.get("packages", {}) for record in (old, new))
        names = {*before} & {*now}
    for name in sorted(names, key=lambda name: (name not in CORE, name)):
        yield name, before.get(name), now.get(name)


def _engine(old: RunRecord, new: RunRecord) -> Iterator[Difference]:
    before, now = (record.result.environment.get("engine_version", 1) for record in (old, new))
    if before != now:
        yield _difference(Group.CODE, "version of the training engine", before, now, changes_between(before, now))


def _machine(old: RunRecord, new: RunRecord) -> Iterator[Difference]:
    before, now = old.result.environment, new.result.environment
    threads = old.spec.get("threads"), new.spec.get("threads")
    if threads[0] != threads[1]:
        yield _difference(Group.MACHINE, "threads", *threads, _MACHINE["threads"])
    for name in ("system", "machine", "cpu", "backend", "device", "devices", "xla_flags", "python"):
        if name in before and name in now and before[name] != now[name]:
            yield _difference(Group.MACHINE, name, before[name], now[name], _MACHINE.get(name, _OTHER_MACHINE))


def _difference(group: Group, name: str, old: Any, new: Any, means: str | None = None) -> Difference:
    means = means or _MEANS[group]
    sentence = f"{name}: {_words(old)} before, {_words(new)} now; {means}"
    return Difference(group=group, name=name, old=old, new=new, sentence=sentence)


def _flat(value: Mapping[Any, Any], path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, list):
            inner = dict(enumerate(inner))
        found |= _flat(inner, f"{path}{name}.") if isinstance(inner, Mapping) else {f"{path}{name}": inner}
    return found


def _short(digest: Any) -> str:
    return str(digest)[:_SHOWN_OF_A_HASH]


def _words(value: Any) -> str:
    return "nothing" if value is None or value == "" else str(value)
