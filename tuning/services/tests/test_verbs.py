"""The table of verbs: what it promises of services, states and documents is true."""

from __future__ import annotations

import inspect
import re
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from tuning.choices import JobStatus, TrialStatus
from tuning.services.verb import Verb
from tuning.services.verbs import JOB_VERBS, PERMITTED, TRIAL_VERBS, reason_disabled, refusal
from tunix.access.tests.factories import make_member

from ...tests.factories import make_job, make_trial

ROWS = [pytest.param(verb, id=f"{verb.target}-{verb.name}") for verb in chain(JOB_VERBS.values(), TRIAL_VERBS.values())]
DOCS = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()
REFUSED = "409"


@pytest.mark.parametrize("verb", ROWS)
def test_the_service_of_a_verb_takes_its_target_and_its_arguments(verb: Verb) -> None:
    service = import_string(f"tuning.services.{verb.service}")
    takes_data = bool(verb.arguments) or verb.has_page

    required = {name for name, one in inspect.signature(service).parameters.items() if one.default is one.empty}

    assert required == {verb.target, "actor"} | ({"data"} if takes_data else set())


@pytest.mark.parametrize("verb", ROWS)
def test_the_permission_of_a_verb_has_words(verb: Verb) -> None:
    assert verb.permission in PERMITTED


@pytest.mark.django_db
@pytest.mark.parametrize("status", list(JobStatus))
def test_a_job_is_refused_with_its_state_outside_the_states_of_a_verb(status: JobStatus) -> None:
    job = make_job(status=status)
    refused = {name for name in JOB_VERBS if (refusal(job, name) or "").startswith(f"The job is {status}.")}

    assert refused == {name for name, verb in JOB_VERBS.items() if status not in verb.states}


@pytest.mark.django_db
def test_the_refusal_says_what_to_do_instead() -> None:
    assert refusal(make_job(status=JobStatus.FAILED), "start") == "The job is failed. Resume it instead."


@pytest.mark.django_db
def test_a_verb_that_is_allowed_has_no_refusal() -> None:
    assert refusal(make_job(), "start") is None


@pytest.mark.django_db
def test_without_the_permission_a_button_says_so() -> None:
    job, viewer = make_job(), make_member("viewer")

    assert reason_disabled(job, "delete", viewer) == "You have no permission to delete tuning jobs."


@pytest.mark.django_db
def test_a_verb_without_effect_is_accepted_but_its_button_is_disabled(user: object) -> None:
    job = make_job(status=JobStatus.CANCELED)

    assert (refusal(job, "cancel"), reason_disabled(job, "cancel", user)) == (None, "The job is canceled.")


@pytest.mark.django_db
def test_every_verb_without_a_page_has_an_address() -> None:
    trial = make_trial()

    for name, verb in JOB_VERBS.items():
        assert verb.has_page or reverse(f"tuning:job-{name}", args=[trial.job_id])
    for name in TRIAL_VERBS:
        assert reverse(f"tuning:trial-{name}", args=[trial.job_id, trial.number])


def documented(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of docs/api.md, without the backticks."""
    section = DOCS.split(f"\n{heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    lines = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)
    return [line.replace("`", "").split(" | ") for line in lines]


@pytest.mark.parametrize(
    ("heading", "verbs", "states"),
    [("## What a job allows", JOB_VERBS, JobStatus), ("### What a trial allows", TRIAL_VERBS, TrialStatus)],
    ids=["job", "trial"],
)
def test_the_documents_list_every_verb_with_its_states(
    heading: str, verbs: dict[str, Verb], states: type[JobStatus] | type[TrialStatus]
) -> None:
    head, *rows = documented(heading)

    assert head == ["verb", "button", "request", "permission", *states]
    assert [row[:4] for row in rows] == [
        [verb.name, verb.label, verb.request or f"POST /{verb.name}", verb.permission.split(".")[1]]
        for verb in verbs.values()
    ]
    for verb, row in zip(verbs.values(), rows, strict=True):
        answers = {str(answer) for answer in verb.answers}
        assert {state for state, answer in zip(states, row[4:], strict=True) if answer in answers} == verb.states
        assert set(row[4:]) <= answers | {REFUSED}
