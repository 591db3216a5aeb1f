"""The versions of promoted models: counted for each name, never given twice, also by two at once."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from tunix.access.audit import record_act
from tunix.access.models import Act, AuditEntry, AuditKind
from tunix.api.exceptions import Conflict
from tunix.runs import promotion
from tunix.runs.model_deletion import delete_model
from tunix.runs.model_versions import take_version
from tunix.runs.models import BaseModel, ModelVersionCounter, TunixRun
from tunix.runs.promotion import promote_single_run
from tunix.work.tests.installation import Installation

from .checkpoints import make_promotable_run
from .factories import make_run

pytestmark = pytest.mark.django_db


def promote(run: TunixRun | None = None, name: str = "mine") -> BaseModel:
    data = {"name": name, "unconfirmed": True}
    return promote_single_run(run=run or make_promotable_run(), data=data, actor=None)


def test_each_name_counts_for_itself() -> None:
    assert [take_version(name) for name in ("mine", "mine", "other", "mine")] == [1, 2, 1, 3]


def test_a_number_that_was_rolled_back_is_given_to_the_next() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        take_version("mine")
        raise RuntimeError("the disk is gone")

    assert take_version("mine") == 1


def test_the_audit_trail_is_not_needed_to_know_what_was_given() -> None:
    delete_model(model=promote(), actor=None)
    AuditEntry.objects.all().delete()

    assert promote().version == 2


def test_a_run_that_somebody_else_promotes_meanwhile_is_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_promotable_run()
    own = promotion.lineage_of

    def lineage_of(**arguments: Any) -> dict[str, Any]:
        monkeypatch.setattr(promotion, "lineage_of", own)
        promote(run)
        return own(**arguments)

    monkeypatch.setattr(promotion, "lineage_of", lineage_of)

    with pytest.raises(Conflict, match="This run is promoted/mine@1 already"):
        promote(run)
    assert take_version("mine") == 2


RUNS = """
from tunix.runs.tests.checkpoints import make_promotable_run
print(*(make_promotable_run().pk for _ in range(8)))
"""
PROMOTE = """
import sys
from tunix.runs.models import TunixRun
from tunix.runs.promotion import promote_single_run
runs = TunixRun.objects.in_bulk({runs})
print("ready", flush=True)
sys.stdin.readline()
for run in runs.values():
    promote_single_run(run=run, data=dict(name="mine", unconfirmed=True), actor=None)
"""


@pytest.mark.slow
def test_two_who_promote_at_the_same_time_get_numbers_of_their_own(installation: Installation) -> None:
    runs = installation.run("shell", "--no-imports", "-c", RUNS).stdout.split()
    both = [start(installation, PROMOTE.format(runs=half)) for half in (runs[:4], runs[4:])]
    for process in both:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"

    said = [process.communicate("go\n", timeout=60)[1] for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    given = installation.query("SELECT version FROM runs_basemodel WHERE name = 'mine' ORDER BY version")
    assert [version for (version,) in given] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len(list(Path(installation.artifacts).glob("models/mine/*/weights.safetensors"))) == 8


def start(installation: Installation, script: str) -> subprocess.Popen[str]:
    """A script in a process of the installation, which waits for a line."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        env=installation.env,
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def migrate_from_old() -> dict[str, int]:
    """What the migration makes of the rows of a database that has no counters, as {name: last version}."""
    ModelVersionCounter.objects.all().delete()
    apps = MigrationLoader(connection).project_state().apps
    import_module("tunix.runs.migrations.0002_model_versions").count_what_was_given(apps, None)
    return dict(ModelVersionCounter.objects.values_list("name", "last_version"))


def test_an_old_database_counts_on_from_the_models_that_are_there() -> None:
    for name in ("mine", "mine", "other"):
        promote(name=name)
    AuditEntry.objects.all().delete()

    assert migrate_from_old() == {"mine": 2, "other": 1}
    assert promote().base_model_id == "promoted/mine@3"


def test_an_old_database_counts_on_from_the_models_that_were_deleted() -> None:
    for _ in range(12):
        model = promote()
    delete_model(model=model, actor=None)

    assert migrate_from_old() == {"mine": 12}
    assert promote().base_model_id == "promoted/mine@13"


def test_an_old_database_counts_on_from_what_runs_started_from() -> None:
    make_run(base_model_id="promoted/gone@7")

    assert migrate_from_old() == {"gone": 7}


def test_names_that_begin_alike_are_different_names() -> None:
    for name in ("mine", "mine-too", "mine-too", "min"):
        delete_model(model=promote(name=name), actor=None)

    assert migrate_from_old() == {"min": 1, "mine": 1, "mine-too": 2}


def test_other_words_of_the_audit_trail_are_no_models() -> None:
    record_act(Act.CREATED, make_run(name="promoted/mine@3"), kind=AuditKind.RUN, actor=None)

    assert migrate_from_old() == {}
