"""A chat template comes with a model and is a program: it runs without access, and with limits on time and size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunix.pipeline.data.chat import rendering
from tunix.pipeline.data.chat.rendering import ChatTemplateError, NotRendered, Request, renderer

CONVERSATION = Request([{"role": "user", "content": "hello"}])
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"


def rendered(template: str, max_seconds: float = 5) -> str | NotRendered:
    with renderer(template, {}, max_seconds) as render:
        return render([CONVERSATION])[0]


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (ENDLESS, "It took more than 0.2 seconds for one conversation."),
        ("{{ 'a' * 10 ** 10 }}", "It needs more than 1024 MiB of memory for one conversation."),
        ("{% if %}", "Line 1: Expected an expression, got 'end of statement block'."),
    ],
    ids=["time", "memory", "syntax"],
)
def test_a_template_that_cannot_be_used_is_named(template: str, problem: str) -> None:
    with pytest.raises(ChatTemplateError) as raised:
        rendered(template, max_seconds=0.2)
    assert str(raised.value) == f"The chat template cannot be used. {problem}"


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{{ cycler.__init__.__globals__.os.getcwd() }}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_a_template_reaches_nothing_outside_of_its_conversation(template: str) -> None:
    assert isinstance(rendered(template), NotRendered)


def test_a_text_of_any_length_is_refused() -> None:
    found = rendered("{% for a in range(9999) %}{{ 'a' * 9999 }}{% endfor %}")
    assert found == NotRendered("it becomes longer than 8,388,608 characters")


def test_one_conversation_that_is_refused_leaves_the_others() -> None:
    with renderer("{% if messages | length == 1 %}one{% else %}{{ raise_exception('two') }}{% endif %}", {}) as render:
        found = render([CONVERSATION, Request([*CONVERSATION.messages, *CONVERSATION.messages]), CONVERSATION])
    assert found == ["one", NotRendered("two"), "one"]


def test_the_date_is_fixed_so_that_a_run_can_be_reproduced() -> None:
    assert rendered("{{ strftime_now('%d %B %Y') }}") == "26 July 2024"


@pytest.mark.parametrize("template", ["{{ '\\ud83d' }}", "{{ messages[0].content ~ '\\udc00' }}"])
def test_half_of_a_pair_of_surrogates_is_refused(template: str) -> None:
    found = rendered(template)
    assert isinstance(found, NotRendered) and "lone surrogate, U+D" in found.problem


def replace_program(monkeypatch: pytest.MonkeyPatch, path: Path, code: str) -> None:
    path.write_text(f"import json, os, sys\nsys.stdin.readline()\nsys.stdin.readline()\n{code}\n")
    monkeypatch.setattr(rendering, "PROGRAM", path)


def test_a_program_that_ends_inside_a_line_is_a_template_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_program(monkeypatch, tmp_path / "program.py", """sys.stdout.write('{"text": "hel')""")
    with pytest.raises(ChatTemplateError, match="too much time or memory"):
        rendered("")


def test_the_program_does_not_get_the_secrets_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hidden")
    replace_program(monkeypatch, tmp_path / "program.py", "print(json.dumps({'text': repr(dict(os.environ))}))")
    found = rendered("")
    assert isinstance(found, str) and "SECRET_KEY" not in found and "hidden" not in found
