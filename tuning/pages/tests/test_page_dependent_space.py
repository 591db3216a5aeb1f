"""Pages of jobs whose trials have different parameters: what is lacking is a dash, never an error."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tuning.models import TuningJob
from tuning.terminal import ProgressTable
from tunix.pages.templatetags.pages import NOTHING

from ...tests.factories import make_job, make_trial

pytestmark = pytest.mark.django_db
SPACE = {
    "optimizer": {"type": "choice", "values": ["adamw", "sgd"]},
    "weight_decay": {"type": "choice", "values": [0.25, 0.125], "when": {"optimizer": ["adamw"]}},
    "batch_size": {"type": "logint", "min": 1, "max": 4},
    "max_seq_length": {"type": "derived", "product": "32 * batch_size"},
}
ALL = {"optimizer": "adamw", "weight_decay": 0.25, "batch_size": 2, "max_seq_length": 64}
FEWER = {"optimizer": "sgd", "batch_size": 3, "max_seq_length": 96}


def job_with_trials(**overrides: Any) -> TuningJob:
    job = make_job(status="completed", search_space_json=SPACE, constraints_json=["batch_size >= 2"], **overrides)
    make_trial(job, params_json=ALL, metric_value=0.5)
    make_trial(job, params_json=FEWER, metric_value=0.25)
    return job


def page(client: Client, job: TuningJob, query: str = "") -> str:
    answer = client.get(f"{job.get_absolute_url()}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_lacking_parameter_is_a_dash(admin_client: Client) -> None:
    text = page(admin_client, job_with_trials())

    assert '<td class="num">0.25</td>' in text
    assert f'<td class="num">{NOTHING}</td>' in text
    assert '<td class="num">96</td>' in text


@pytest.mark.parametrize("ordering", ["params.weight_decay", "-params.weight_decay"])
def test_trials_are_sorted_by_what_some_of_them_lack(admin_client: Client, ordering: str) -> None:
    page(admin_client, job_with_trials(), f"?ordering={ordering}")


def test_the_definition_tells_when_a_parameter_exists(admin_client: Client) -> None:
    text = page(admin_client, job_with_trials(), "?tab=definition")

    assert "where optimizer is adamw" in text
    assert "= 32 * batch_size" in text
    assert "<code>batch_size &gt;= 2</code>" in text
    assert "9 configurations," in text and "none run twice." in text


def test_the_definition_tells_of_replicates(admin_client: Client) -> None:
    text = page(admin_client, job_with_trials(algorithm_json={"name": "random", "replicates": 2}), "?tab=definition")

    assert "each run 2 times with different seeds" in text


def test_a_space_without_end_has_no_number(admin_client: Client) -> None:
    assert "Configurations" not in page(admin_client, make_job())


def test_the_check_tells_how_many_there_are(admin_client: Client) -> None:
    text = page(admin_client, job_with_trials(), "?tab=check")

    assert "9 distinct configurations" in text


def test_a_space_that_is_no_longer_valid_is_shown_as_json(admin_client: Client) -> None:
    job = make_job(search_space_json={"gone": {"type": "constant", "value": 1}})

    assert "&quot;gone&quot;" in page(admin_client, job, "?tab=definition")


def test_the_page_of_a_trial_shows_what_it_has(admin_client: Client) -> None:
    job = job_with_trials()
    text = admin_client.get(f"{job.get_absolute_url()}trials/1/").content.decode()

    assert "<dt>max_seq_length</dt><dd>96</dd>" in text
    assert "weight_decay" not in text.split("Attempts")[0]


def test_the_terminal_shows_trials_that_lack_a_parameter(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressTable(job_with_trials()) as table:
        drawn = table._drawn(list(table.job.trials.all()))
        table.console.print(drawn)

    lines = capsys.readouterr().out.splitlines()
    assert any("weight_decay=0.25" in line for line in lines)
    assert any("sgd" in line and " - " in line for line in lines)
