"""A page about damaged work shows what it can and says what it cannot: no damage of a file or a row is a 500."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from .damages import DAMAGES, Damage, Plant, columns, dataset, job, of_dataset, of_winner, winner
from .finished import Finished
from .test_planted_damage import finished, prepared  # noqa: F401  (fixtures)

SHAPES = ("[]", "{}", "none", "loguniform", "better", "many", "good", "splits")
FILES = ("garbage", "nested", "pipe", "circle", "a_list", "cut_in_half", "/: removed")


ELSEWHERE = ("single: {'config_json': '{not json'}", "verdict: {'score_mean': 'good'}")
"""Pages that read many rows at once, the check of a job and the leaderboard, do not name the damaged one."""


def is_of_a_form(damage: Damage) -> bool:
    """Whether a page may fail to read it: text in place of an object, or a file that is none."""
    if damage.name in ELSEWHERE:
        return False
    return damage.sqlite_only or damage.name.endswith(FILES) or any(shape in damage.name for shape in SHAPES)


@pytest.mark.django_db  # a database is only made where some test is marked so; the others have one transaction
def test_there_are_enough_forms_of_damage() -> None:
    assert sum(map(is_of_a_form, DAMAGES)) > 60


@pytest.fixture
def web(finished: Finished) -> Client:  # noqa: F811
    user = get_user_model().objects.create_superuser("ada", password="a-long-password")
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def addresses(at: Finished) -> Iterator[str]:
    page = at.job.get_absolute_url()
    yield from (f"{page}?tab={tab}" for tab in ("trials", "definition", "check", "history"))
    yield from (f"/api/tuning/jobs/{at.job.pk}{rest}" for rest in ("", "/trials", "/trials/1"))
    yield from (f"{page}trials/1/", "/tuning/jobs/", "/runs/", "/datasets/")
    runs = {f"/runs/{run}/": f"/api/runs/{run}" for run in (at.job.best_run_id, at.single.pk)}
    for page, api in runs.items():
        yield from (f"{page}?tab={tab}" for tab in ("overview", "predictions", "evaluations", "try", "log"))
        yield from (f"{api}{rest}" for rest in ("", "/predictions", "/metrics", "/log"))
    yield from (at.rejudged.get_absolute_url(), f"/api/evaluations/{at.rejudged.pk}", "/api/leaderboard")
    yield from ("/datasets/few-rows/", "/api/datasets/few-rows", "/api/datasets/few-rows/rows")
    yield from (at.model.get_absolute_url(), f"/api/models/{at.model.base_model_id}", "/api/models")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("damage", [*filter(is_of_a_form, DAMAGES)], ids=lambda damage: damage.name)
def test_no_page_and_no_answer_fails(damage: Damage, finished: Finished, web: Client) -> None:  # noqa: F811
    if damage.sqlite_only and connection.vendor != "sqlite":
        pytest.skip("PostgreSQL refuses such a value")
    asked = list(addresses(finished))
    damage.plant(finished)

    codes = {address: web.get(address).status_code for address in asked}
    assert {address: code for address, code in codes.items() if code >= 500} == {}


def bad_line(where: str, name: str) -> Plant:
    """A line of a file becomes something else."""

    def plant(at: Finished) -> None:
        path: Path = {"winner": of_winner, "dataset": of_dataset}[where](at) / name
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join([lines[0], '{"index": \n', *lines[2:]]))

    return plant


@pytest.mark.parametrize(
    ("plant", "address", "sentence"),
    [
        (bad_line("winner", "predictions.jsonl"), "run?tab=predictions", "Line 2 of predictions.jsonl is damaged."),
        (bad_line("winner", "judgements.jsonl"), "run?tab=predictions", "Line 2 of judgements.jsonl is damaged."),
        (bad_line("winner", "metrics.jsonl"), "run?tab=overview", "1 line of metrics.jsonl is"),
        (bad_line("dataset", "train.jsonl"), "dataset", "Line 2 of train.jsonl is damaged."),
        (columns(job, search_space_json="loguniform"), "job?tab=check", "search_space_json cannot be read."),
        (columns(job, budget_json="none"), "job", "budget_json cannot be read."),
        (columns(winner, config_json=[]), "run", "config_json cannot be read."),
        (columns(dataset, manifest_json={"splits": {}}), "dataset", "manifest_json cannot be read."),
    ],
)
def test_page_says_what_is_damaged(
    plant: Plant,
    address: str,
    sentence: str,
    finished: Finished,  # noqa: F811
    web: Client,
) -> None:
    of, _, query = address.partition("?")
    pages = {"run": winner, "job": job, "dataset": dataset}
    asked = f"{pages[of](finished).get_absolute_url()}?{query}"
    plant(finished)

    assert sentence in " ".join(web.get(asked).content.decode().split())


def test_error_that_no_damage_explains_stays_an_error(
    finished: Finished,  # noqa: F811
    web: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tuning.pages.jobs.progress_context", lambda *args: 1 / 0)

    assert web.get(finished.job.get_absolute_url()).status_code == 500
