"""What differs between what went into two runs: what was asked, rows, base model, judge, packages, code, machine.

Only what both runs recorded is compared: an older run knows less of itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from tunix.pipeline.provenance.installed import CORE
from tunix.pipeline.provenance.run_record import RunRecord
from tunix.pipeline.spec import Scalar, Value

_SHOWN_OF_A_HASH = 12
_GUARD_VERSION = re.compile(r"guards\.\d+\.dataset\.version")
_NOT_ASKED = ("run_id", "version", "dataset.version", "base_model_hash", "threads", "max_judge_cost", "judge_twice")


class Group(StrEnum):
    """Where a difference lies."""

    ASKED = "asked"
    DATA = "data"
    BASE_MODEL = "base_model"
    JUDGE = "judge"
    PACKAGES = "packages"
    CODE = "code"
    MACHINE = "machine"


_MEANS = {
    Group.ASKED: "the runs were asked for different things.",
    Group.DATA: "the runs trained or were judged on different rows.",
    Group.BASE_MODEL: "training began from other weights.",
    Group.JUDGE: "the same prediction may get another score; scores of the two cannot be compared.",
    Group.CODE: "this project trains, generates or judges in another way.",
}
_MEANS_GUARD = "the runs were guarded by different rows; training and verdict do not depend on them."
_CORE_PACKAGE = "compiled programs may differ in their last bits, and predictions with them."
_OTHER_PACKAGE = "unlikely to change a result."
_LOCK = "the packages above are those that differ."
_MACHINE = {
    "threads": "sums are taken in another order, which changes the last bits, and sometimes predictions.",
    "python": "unlikely to change a result.",
    "system": "libraries may compute with other last bits.",
}
_OTHER_MACHINE = "compiled programs may compute with other last bits, and predictions may follow."


class Difference(Value):
    """One thing that differs: what it was, what it is (null: not there), and a sentence on what that probably means."""

    group: Group
    name: str
    old: Scalar
    new: Scalar
    sentence: str


def differences(old: RunRecord, new: RunRecord) -> list[Difference]:
    """Everything that differs, in the order of the groups; rows are named by `row_changes`."""
    return [*_asked(old, new), *_data(old, new), *_judge(old, new), *_packages(old, new), *_machine(old, new)]


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
    """The guards that both runs recorded; that one has more of them is named by what was asked."""
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
    """Name and both versions, those that a run computes with first. All packages where both runs know them."""
    if old.snapshot and new.snapshot:
        before, now = old.snapshot.packages, new.snapshot.packages
        names = {*before, *now}
    else:
        before, now = (record.result.environment.get("packages", {}) for record in (old, new))
        names = {*before} & {*now}
    for name in sorted(names, key=lambda name: (name not in CORE, name)):
        yield name, before.get(name), now.get(name)


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
