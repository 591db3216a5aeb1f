"""Functions that an operator registers as judges."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tunix.pipeline.judges import JUDGES, JudgeItem, Judgement
from tunix.pipeline.judges.checker import Checker, CheckerMisconfigured, checkers
from tunix.pipeline.judges.judging import JudgeContext, available_judge, judge_items
from tunix.pipeline.spec import EvaluationSpec

SOURCE = """
def same(prompt, answer, prediction):
    return answer == prediction

def told(prompt, answer, prediction):
    return prompt == "p" and answer == "a" and prediction == "b"
told.VERSION = "2026-01"

def raises(prompt, answer, prediction):
    return 1 / 0

def number(prompt, answer, prediction):
    return 1

def short(prompt, answer):
    return True

NOT_A_FUNCTION = 5
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module with checks, which is on the path."""
    name = f"checks_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    (tmp_path / f"{name}_broken.py").write_text("import no_such_package")
    (tmp_path / f"{name}_versioned.py").write_text(f"{SOURCE}\nVERSION = '7'\n")
    (tmp_path / f"{name}_misversioned.py").write_text(f"{SOURCE}\nVERSION = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    return name


def registered(entry: str) -> Checker:
    (checker,) = checkers({"JUDGE_CHECKERS": entry})
    return checker


def judged(checker: Checker, answer: str = "a", prediction: str = "b") -> Judgement:
    (judgement,) = judge_items(checker, [JudgeItem("p", answer, prediction)], JudgeContext())
    return judgement


def test_without_the_setting_there_is_none() -> None:
    assert checkers({}) == checkers({"JUDGE_CHECKERS": " , "}) == []


def test_several_are_registered_by_their_names(module: str) -> None:
    found = checkers({"JUDGE_CHECKERS": f"same = {module}.same, told={module}.told,"})
    assert [checker.name for checker in found] == ["checker:same", "checker:told"]


def test_the_function_gets_prompt_answer_and_prediction(module: str) -> None:
    assert judged(registered(f"told={module}.told")).score == 1.0
    assert judged(registered(f"told={module}.told"), prediction="c").score == 0.0


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("raises", "The checker failed with ZeroDivisionError: division by zero."),
        ("number", "The checker returned int instead of True or False."),
    ],
)
def test_what_is_neither_right_nor_wrong_has_no_score(module: str, function: str, error: str) -> None:
    assert judged(registered(f"x={module}.{function}")) == Judgement(None, error=error)


def test_the_version_is_that_of_the_function_or_module_or_a_hash_of_its_source(module: str) -> None:
    assert registered(f"x={module}.told").version == "2026-01"
    assert registered(f"x={module}_versioned.same").version == "7"
    assert registered(f"x={module}.same").version == f"source-{hashlib.sha256(SOURCE.encode()).hexdigest()[:16]}"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("MODULE.same", "Write name=package.module.function"),
        ("Same=MODULE.same", "Write name=package.module.function"),
        ("=MODULE.same", "Write name=package.module.function"),
        ("x=MODULE.same,x=MODULE.told", "There is a checker x already."),
        ("x=no_such_module.same", "cannot be imported: ModuleNotFoundError"),
        ("x=MODULE_broken.same", "cannot be imported: ModuleNotFoundError: No module named 'no_such_package'"),
        ("x=same", "cannot be imported"),
        ("x=", "cannot be imported"),
        ("x=MODULE.other", "has no function 'other'"),
        ("x=MODULE.NOT_A_FUNCTION", "has no function 'NOT_A_FUNCTION'"),
        ("x=MODULE.short", "must take three arguments"),
        ("x=MODULE_misversioned.same", "VERSION must be a text"),
    ],
)
def test_a_wrong_entry_is_named_with_what_to_do(module: str, entry: str, why: str) -> None:
    with pytest.raises(CheckerMisconfigured) as caught:
        checkers({"JUDGE_CHECKERS": entry.replace("MODULE", module)})
    assert str(caught.value).startswith("JUDGE_CHECKERS: '")
    assert why in str(caught.value)


def test_an_evaluation_is_judged_by_it(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(JUDGES, "checker:same", registered(f"same={module}.same"))
    judge = available_judge(EvaluationSpec(judge="checker:same"))
    assert [each.score for each in judge_items(judge, [JudgeItem("p", "a", "a")], JudgeContext())] == [1.0]


def in_a_process(setting: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a process of the service says of the judges that its forms offer."""
    code = (
        "import django; django.setup();"
        "from tunix.runs.pages.forms import RunForm; from tunix.pipeline.metrics import METRICS;"
        "print('checker:x' in METRICS, ('checker:x', 'checker:x') in RunForm.base_fields['judge'].choices)"
    )
    environment = os.environ | {"JUDGE_CHECKERS": setting, "DJANGO_SETTINGS_MODULE": "tunix.settings"}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), str(Path(__file__).parents[4])])
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_process_offers_the_registered_checkers(module: str, tmp_path: Path) -> None:
    assert in_a_process(f"x={module}.same", tmp_path).stdout.strip() == "True True"


def test_a_process_with_a_wrong_entry_does_not_start(module: str, tmp_path: Path) -> None:
    ended = in_a_process("x=no_such_module.same", tmp_path)
    assert ended.returncode != 0
    assert "JUDGE_CHECKERS: 'x=no_such_module.same'" in ended.stderr.splitlines()[-1]
