"""The hosts that the judge gemma may call, and its messages about invalid settings."""

from __future__ import annotations

import pytest

from tunix.pipeline.failures import JudgeFailed
from tunix.pipeline.judges import JUDGES, JudgeItem
from tunix.pipeline.judges.gemma.settings import JudgeMisconfigured, is_loopback, read_settings
from tunix.pipeline.judges.judging import available_judge
from tunix.pipeline.judges.limits import max_failed_share
from tunix.pipeline.judges.tests.judge_server import KEY, JudgeServer
from tunix.pipeline.spec import EvaluationSpec

LOCAL = {"JUDGE_URL": "http://localhost:11434/v1/", "JUDGE_MODEL": "m"}


def fault(**values: str) -> str:
    environment = LOCAL | {f"JUDGE_{name}": value for name, value in values.items()}
    with pytest.raises(JudgeMisconfigured) as raised:
        read_settings(environment)
    return str(raised.value)


def test_url_and_model_are_enough() -> None:
    settings = read_settings(LOCAL)
    assert (settings.url, settings.max_cost, settings.concurrency) == ("http://localhost:11434/v1", None, 4)


def test_an_address_with_the_whole_path_means_the_same() -> None:
    url = "http://localhost/v1/chat/completions"
    assert read_settings(LOCAL | {"JUDGE_URL": url}).url == "http://localhost/v1"


@pytest.mark.parametrize("name", ["URL", "MODEL"])
def test_what_is_missing_is_named(name: str) -> None:
    assert f"Set JUDGE_{name}" in fault(**{name: " "})


@pytest.mark.parametrize(
    "url", ["http://judge.example/v1", "https://10.0.0.7/v1", "http://localhost.example", "http://0.0.0.0/v1"]
)
def test_a_host_outside_the_list_is_refused(url: str) -> None:
    assert "not allowed" in fault(URL=url)
    assert "JUDGE_ALLOWED_HOSTS=" in fault(URL=url)


def test_a_named_host_is_allowed_in_any_case() -> None:
    values = {"JUDGE_URL": "https://Judge.Example/v1", "JUDGE_ALLOWED_HOSTS": "other, judge.example"}
    assert read_settings(LOCAL | values).host == "judge.example"


@pytest.mark.parametrize(
    ("host", "local"), [("127.0.0.9", True), ("::1", True), ("localhost", True), ("10.0.0.1", False)]
)
def test_loopback(host: str, local: bool) -> None:
    assert is_loopback(host) is local


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"URL": "ftp://localhost"}, "must begin with http"),
        ({"URL": "localhost"}, "must begin with http"),
        ({"URL": "http://[::1"}, "not a valid address"),
        ({"URL": "http://localhost:99999"}, "not a valid address"),
        ({"URL": "http://me:secret@localhost/v1"}, "must not contain a user"),
        ({"URL": "http://localhost/v1?key=secret"}, "must not contain a user"),
        ({"API_KEY": "secret key"}, "JUDGE_API_KEY contains"),
        ({"TIMEOUT_SECONDS": "0"}, "JUDGE_TIMEOUT_SECONDS must be a number from 0.1"),
        ({"CONCURRENCY": "2.5"}, "a whole number from 1 to 64"),
        ({"CONCURRENCY": "inf"}, "a whole number"),
        ({"MAX_RETRIES": "many"}, "JUDGE_MAX_RETRIES must"),
        ({"INPUT_PRICE": "-1"}, "JUDGE_INPUT_PRICE must"),
        ({"MAX_COST": "nan"}, "JUDGE_MAX_COST must"),
    ],
)
def test_a_wrong_value_is_named_and_no_secret_is_repeated(values: dict[str, str], words: str) -> None:
    assert words in fault(**values)
    assert "secret" not in fault(**values)


def test_the_key_is_not_in_what_is_printed_of_the_settings() -> None:
    assert KEY not in repr(read_settings(LOCAL | {"JUDGE_API_KEY": KEY}))


def test_a_judge_that_cannot_be_asked_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUDGE_URL", raising=False)
    with pytest.raises(JudgeFailed, match="Set JUDGE_URL"):
        available_judge(EvaluationSpec(judge="gemma"))


def test_a_host_outside_the_list_is_sent_nothing(judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The very server, under another of its names."""
    monkeypatch.setenv("JUDGE_URL", judge_server.url.replace("127.0.0.1", "ip6-localhost"))
    with pytest.raises(JudgeFailed, match="not allowed"):
        JUDGES["gemma"].judge([JudgeItem("a", "b", "c")])
    assert judge_server.asked == []


@pytest.mark.parametrize("share", ["2", "-1", "x", "nan"])
def test_a_wrong_share_is_named(share: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_MAX_FAILED_SHARE", share)
    with pytest.raises(JudgeFailed, match="JUDGE_MAX_FAILED_SHARE must"):
        max_failed_share()
