"""The checker finds every planted damage, in files and in rows, and never dies of one: it tells of the others too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from tunix.operations.checker.check import check_ledger
from tunix.pipeline import stamps

from .damages import DAMAGES, Damage
from .finished import Finished, make_finished
from .worlds import change

SECONDS = 120
"""A checker that waits for a pipe waits for ever."""
FAR_AWAY = "best_is_the_best_of_the_rows"
"""The rule that finds what is planted in another job beside each damage."""


@pytest.fixture(scope="module")
def prepared(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The finished work and its folder: made once, in a transaction that is rolled back at the end."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copytree(settings.ARTIFACTS_DIR / "datasets", folder / "datasets")  # the built-in ones, which have rows
    with django_db_blocker.unblock(), override_settings(ARTIFACTS_DIR=folder), transaction.atomic():
        yield make_finished(), folder
        transaction.set_rollback(True)


@pytest.fixture
def finished(prepared: Any, artifacts_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Finished]:
    """A copy of the finished work, which a test may damage."""
    monkeypatch.setattr("tunix.operations.checker.processes.marked_processes", list)
    monkeypatch.setattr(stamps, "SETTLED_SECONDS", 1e9)  # never trusts a hash from before the damage
    work, folder = prepared
    shutil.copytree(folder, artifacts_dir, dirs_exist_ok=True)
    savepoint = transaction.savepoint()
    work.job.refresh_from_db()
    yield work
    transaction.savepoint_rollback(savepoint)


def findings() -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.job) for finding in check_ledger().findings]


def test_finished_work_is_clean(finished: Finished) -> None:
    assert findings() == []


@pytest.mark.django_db  # a database is only made where some test is marked so; the others have one transaction
def test_there_are_enough_damages() -> None:
    assert len([damage for damage in DAMAGES if damage.rule]) >= 80
    assert len({damage.name for damage in DAMAGES}) == len(DAMAGES)


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("damage", [damage for damage in DAMAGES if damage.rule], ids=lambda damage: damage.name)
def test_planted_damage_is_found_and_hides_no_other(damage: Damage, finished: Finished) -> None:
    if damage.sqlite_only and connection.vendor != "sqlite":
        pytest.skip("PostgreSQL refuses such a value")
    damage.plant(finished)
    change(finished.other, best_value=0.9)
    found = findings()
    assert damage.rule in {rule for rule, _ in found}
    assert (FAR_AWAY, str(finished.other.pk)) in found


@pytest.mark.parametrize("damage", [damage for damage in DAMAGES if damage.harmless], ids=lambda damage: damage.name)
def test_harmless_change_is_no_finding(damage: Damage, finished: Finished) -> None:
    damage.plant(finished)
    assert findings() == []
