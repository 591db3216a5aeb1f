"""Which workers get no more trials."""

from __future__ import annotations

import pytest

from tuning.domain.selection.quarantine import Execution, is_quarantined, workers_to_quarantine


def executions(*words: str) -> list[Execution]:
    """`a/1 ok`, `a/1 bad` (unexplained) or `a/1 diverged` (explained by its parameters), in order."""
    pairs = [word.split() for word in words]
    return [Execution(worker, how == "ok", how == "bad") for worker, how in pairs]


def test_a_worker_that_fails_three_times_while_others_succeed() -> None:
    ended = executions("a/1 bad", "a/2 ok", "a/1 bad", "a/2 ok", "a/1 bad")
    assert workers_to_quarantine(ended) == ["a/1"]


def test_a_host_whose_workers_fail_while_those_of_another_succeed() -> None:
    ended = executions("a/1 bad", "b/1 ok", "a/2 bad", "b/1 ok", "a/3 bad")
    assert workers_to_quarantine(ended) == ["a"]


@pytest.mark.parametrize(
    "ended",
    [
        ["a/1 bad", "a/1 bad", "a/1 bad"],
        ["a/2 ok", "a/2 ok", "a/1 bad", "a/1 bad", "a/1 bad"],
        ["a/1 bad", "a/2 ok", "a/1 ok", "a/1 bad", "a/2 ok", "a/1 bad"],
        ["a/1 diverged", "a/2 ok", "a/1 diverged", "a/2 ok", "a/1 diverged"],
        ["a/1 bad", "a/2 bad", "a/1 bad", "a/2 ok", "a/1 bad"],
    ],
    ids=["nobody else", "successes before", "it succeeds too", "explained", "one success elsewhere"],
)
def test_nobody_is_set_aside(ended: list[str]) -> None:
    assert workers_to_quarantine(executions(*ended)) == []


def test_a_worker_that_succeeded_again_is_taken_back() -> None:
    ended = executions("a/1 bad", "a/2 ok", "a/1 bad", "a/2 ok", "a/1 bad", "a/1 ok")
    assert workers_to_quarantine(ended) == []


@pytest.mark.parametrize(("names", "expected"), [(["a"], True), (["a/1"], True), (["a/2", "b"], False), ([], False)])
def test_a_worker_is_set_aside_with_its_host(names: list[str], expected: bool) -> None:
    assert is_quarantined("a/1", names) is expected
