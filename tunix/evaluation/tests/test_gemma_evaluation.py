"""Judging again by gemma on loopback, with rows, pages and API: what they say, and that the key is in none of them."""

from __future__ import annotations

import json
import logging
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import serializers
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from tunix.evaluation.execution import run_evaluation
from tunix.evaluation.models import Evaluation
from tunix.evaluation.services import evaluate_run
from tunix.pipeline.folder import hashes, write_predictions
from tunix.pipeline.judges import JudgeItem, Outputs
from tunix.pipeline.judges.tests.judge_server import KEY, JudgeServer, Say, chat
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_run
from tunix.work.log_context import without_secrets

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> TunixRun:
    """A completed run with five predictions on disk."""
    run = make_run(evaluation={"max_items": 5})
    folder = run.work_dir()
    write_predictions(folder, Outputs([JudgeItem(f"a {n}", "A", f"p{n}") for n in range(5)], [False] * 5))
    (folder / "result.json").write_text(json.dumps({"files": hashes(folder)}))
    return run


def judged(run: TunixRun) -> Evaluation:
    """Asked for by the service, carried out by the runner's function."""
    evaluation = evaluate_run(run=run, data={"judge": "gemma"}, actor=None)
    Evaluation.objects.filter(pk=evaluation.pk).update(status="running", epoch=1)
    run_evaluation(str(evaluation.pk), 1, SimpleNamespace(cancel_event=threading.Event()))
    evaluation.refresh_from_db()
    return evaluation


def test_a_verdict_has_its_version_and_what_it_used(judge_server: JudgeServer, run: TunixRun) -> None:
    evaluation = judged(run)
    assert (evaluation.status, evaluation.score_mean) == ("completed", 1.0)
    assert evaluation.judge_version.endswith("-gemma-test")
    assert evaluation.usage_json["calls"] == 5


def test_a_second_evaluation_counts_hits_of_the_cache(judge_server: JudgeServer, run: TunixRun) -> None:
    judged(run)
    usage = judged(run).usage_json
    assert (usage["calls"], usage["cache_hits"], usage["cost"]) == (0, 5, 0.0)


def test_page_and_api_show_what_could_not_be_judged(
    judge_server: JudgeServer, run: TunixRun, web: Any, api: Any
) -> None:
    judge_server.for_prediction({"p3": chat("x")})
    evaluation = judged(run)
    body = api.get(f"/api/evaluations/{evaluation.pk}").json()
    assert (body["failed_items"], body["failures"]) == (1, ["The answer was not JSON."])
    assert body["item_scores"] == [1.0, 1.0, 1.0, None, 1.0]
    assert body["usage"]["calls"] == 6
    page = web.get(f"/evaluations/{evaluation.pk}/").content.decode()
    assert "1 of 5 rows could not be judged" in page
    assert "Not judged: The answer was not JSON." in page
    assert "Judge: It says the same." in page


def test_rows_that_were_not_judged_can_be_shown_alone(judge_server: JudgeServer, run: TunixRun, web: Any) -> None:
    judge_server.for_prediction({"p3": chat("x")})
    answer = web.get(f"/evaluations/{judged(run).pk}/?show=failed")
    assert [row["prediction"] for row in answer.context["page"]] == ["p3"]


def test_a_refusal_fails_it_with_what_to_do_and_what_was_used(judge_server: JudgeServer, run: TunixRun) -> None:
    judge_server.answer = lambda request: Say(f"no {KEY}", 401)
    evaluation = judged(run)
    assert (evaluation.status, evaluation.reason) == ("failed", "judge_error")
    assert "Set JUDGE_API_KEY" in evaluation.error
    assert evaluation.usage_json["calls"] == 1


@pytest.mark.parametrize("status", [200, 401, 500])
def test_the_key_is_in_no_row_page_log_or_file(
    judge_server: JudgeServer, run: TunixRun, web: Any, api: Any, caplog: Any, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    if status != 200:
        judge_server.answer = lambda request: Say(f"no {KEY}", status)
    evaluation = judged(run)
    rows = serializers.serialize("json", [*Evaluation.objects.all(), *TunixRun.objects.all()])
    addresses = [f"/evaluations/{evaluation.pk}/", f"/runs/{run.pk}/", "/evaluations/"]
    pages = [web.get(address).content.decode() for address in addresses]
    answers = [api.get(f"/api/evaluations/{evaluation.pk}").content.decode()]
    files = [path.read_text(errors="replace") for path in run.work_dir().rglob("*") if path.is_file()]
    assert [text for text in (rows, *pages, *answers, *files, caplog.text) if KEY in text] == []


def test_a_key_that_somebody_logs_is_blanked_out(settings: Any) -> None:
    settings.JUDGE_API_KEY = KEY
    assert KEY not in without_secrets(f"the key is {KEY}")


def test_a_judge_that_cannot_be_asked_is_refused_with_what_to_do(
    api: Any, run: TunixRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUDGE_URL", raising=False)
    answer = api.post(f"/api/runs/{run.pk}/evaluate", {"judge": "gemma"})
    assert answer.status_code == 400
    assert "Set JUDGE_URL" in answer.json()["errors"]["judge"][0]


def test_a_host_outside_the_list_is_refused_and_named(
    judge_server: JudgeServer, api: Any, run: TunixRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE_URL", "https://judge.example/v1")
    answer = api.post(f"/api/runs/{run.pk}/evaluate", {"judge": "gemma"})
    assert "judge.example, which is not allowed" in answer.json()["errors"]["judge"][0]


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({}, []),
        ({"URL": "http://localhost/v1", "MODEL": "m"}, []),
        ({"MODEL": "m"}, ["evaluation.E001"]),
        ({"URL": "https://judge.example", "MODEL": "m"}, ["evaluation.E001"]),
        ({"MAX_FAILED_SHARE": "2"}, ["evaluation.E002"]),
        (
            {"URL": "http://judge.example", "MODEL": "m", "ALLOWED_HOSTS": "judge.example"},
            ["evaluation.W001", "evaluation.W002"],
        ),
        ({"URL": "https://judge.example", "MODEL": "m", "ALLOWED_HOSTS": "judge.example", "INPUT_PRICE": "1"}, []),
    ],
)
def test_checks_name_what_is_wrong(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], ids: list[str]) -> None:
    for name in ("URL", "MODEL", "API_KEY"):
        monkeypatch.delenv(f"JUDGE_{name}", raising=False)
    for name, value in values.items():
        monkeypatch.setenv(f"JUDGE_{name}", value)
    assert [found.id for found in run_checks() if found.id.startswith("evaluation.")] == ids


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's runner, without a process of its own."""

    def supervise(model: Any, pk: Any, poll: Any, foreground: bool) -> str:
        Evaluation.objects.filter(pk=pk).update(status="running", epoch=1)
        run_evaluation(str(pk), 1, SimpleNamespace(cancel_event=threading.Event()))
        return Evaluation.objects.get(pk=pk).status

    monkeypatch.setattr("tunix.work.foreground.supervise", supervise)


@pytest.mark.usefixtures("in_this_process")
def test_rejudge_scores_stored_outputs_again(
    judge_server: JudgeServer, run: TunixRun, capsys: Any, sent_tasks: list[Any]
) -> None:
    call_command("rejudge", str(run.pk), "--judge", "gemma", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["score_mean"], said["usage"]["calls"]) == ("completed", 1.0, 5)
    assert sent_tasks == []


@pytest.mark.usefixtures("in_this_process")
def test_rejudge_that_fails_says_why_and_exits_with_1(judge_server: JudgeServer, run: TunixRun, capsys: Any) -> None:
    judge_server.answer = lambda request: Say("no", 401)
    with pytest.raises(SystemExit, match="1"):
        call_command("rejudge", str(run.pk), "--judge", "gemma")
    assert "judge_error" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Give completed runs"),
        (["00000000-0000-0000-0000-000000000007"], "There is no run"),
        (["--job", "00000000-0000-0000-0000-000000000007"], "Give completed runs"),
    ],
)
def test_rejudge_of_nothing_is_refused(arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("rejudge", *arguments)


def test_rejudge_of_an_unknown_judge_is_refused(run: TunixRun) -> None:
    with pytest.raises(CommandError, match="judge: Must be one of"):
        call_command("rejudge", str(run.pk), "--judge", "gema")
