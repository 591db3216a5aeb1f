"""Texts that cannot be read, and those that would cost too much to read."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuning.domain.importers.importing import TOOLS, import_definition
from tuning.domain.importers.report import InvalidImport

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nparameters: {lr: {values: *b}}\n"
MERGED = "base: &base {min: 0}\nparameters: {lr: {<<: *base, max: 1}}\n"
SWEEP = {"parameters": {"seed": {"value": 1}}}


def refusal(definition: Any, **more: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidImport) as refused:
        import_definition(definition, **more)
    return refused.value.errors


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "It is empty."),
        ("# only a comment", "It is empty."),
        ("searchSpaceFile: space.json\ntrialCommand: run", "Its search space is in another file"),
        ("on: {push: 1}", "Line 1: the key on must be text; put it in quotation marks."),
        ("lr: [", "neither JSON nor Python nor YAML"),
        ("just words", "Cannot tell"),
        (BOMB, "aliases"),
        (MERGED, "aliases"),
        ("a: !!python/object/apply:os.abort []", "could not determine a constructor"),
        ("parameters: {1: {value: 2}}", "must be text"),
        ("parameters: {lr: {value: .nan}}", "finite"),
        ("parameters: {lr: {value: 1e999}}", "finite"),
        ('{"parameters": {"lr": {"value": NaN}}}', "finite"),
        ("{'parameters': {'lr': {'value': 1e999}}}", "finite"),
        ('{"parameters": {"lr": {"value": "\\u0000"}}}', "NUL"),
        ('{"parameters": {"lr": {"value": "\\ud800"}}}', "surrogate"),
        ("lr: \x00", "NUL"),
        ("lr: {value: 1}\nlr: {value: 2}", "Line 2: the key 'lr' appears twice."),
        ("parameters: {lr: {value: !!binary aGk=}}", "bytes"),
        ("parameters: {lr: {value: !!set {a}}}", "set"),
        ("[" * 100_000, "nested"),
        ("{a: " * 5_000, "nested"),
        ("a" * 50_001, "longer than"),
        (" " * 1_000_001, "longer than"),
        ("9" * 5000, "too many digits"),
        ("-" * 40_000 + "1", "Cannot tell"),
        ("1+" * 20_000 + "1", "Cannot tell"),
        (json.dumps({"lr": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}), "nested"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_in_words(text: str, words: str) -> None:
    ((message,),) = refusal(text).values()

    assert words in message


@pytest.mark.parametrize("definition", [None, 1, True, [], {}, [1], {"a": {}}, {"parameters": []}, {"trials": [1]}])
def test_data_of_no_tool_is_refused_with_what_was_looked_for(definition: Any) -> None:
    assert "Cannot tell which tool" in refusal(definition)["definition"][0]


def test_a_space_of_ours_needs_no_translation() -> None:
    assert "a search space of this service" in refusal({"seed": {"type": "choice", "values": [1]}})["definition"][0]


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        (SWEEP, ", but like wandb. Name that tool, or none."),
        ("from ray import tune\nspace = {'lr': tune.uniform(0.1, 0.2)}", ", but like ray."),
        ("a: 1\n---\nparameters: {lr: {min: 0.1, max: 0.2}}", ", but like wandb."),
        ("lr: [0.1, 0.2]", ", but like lists."),
        ({"x": 1}, ". Its fields are x."),
    ],
)
def test_a_tool_that_is_named_must_fit(definition: Any, found: str) -> None:
    assert refusal(definition, tool="katib")["definition"][0].startswith(f"Does not look like katib{found}")


@pytest.mark.parametrize("tool", ["wanb", 1, [], {}])
def test_a_tool_that_nobody_knows_is_refused(tool: Any) -> None:
    assert list(refusal(SWEEP, tool=tool)) == ["tool"]


def test_a_tool_that_is_named_is_taken() -> None:
    assert import_definition(SWEEP, tool="wandb").space == {"seed": {"type": "constant", "value": 1}}


@pytest.mark.parametrize(
    "text", ['{"parameters": {"seed": {"value": 1}}}', "parameters: {seed: {value: 1}}", "s = {'seed': [1]}"]
)
def test_mark_at_the_beginning_of_a_file_is_not_read(text: str) -> None:
    assert import_definition(f"\ufeff{text}").space == {"seed": {"type": "constant", "value": 1}}


def test_too_many_parameters_are_refused() -> None:
    many = {"parameters": {f"p{number}": {"value": number} for number in range(201)}}

    assert "more than 200" in refusal(many)["definition"][0]


def test_the_time_it_takes_to_read_a_text_grows_with_its_length_alone() -> None:
    began = time.monotonic()

    refusal("\n".join(["parameters:", *(f"  p{number}: {{value: {number}}}" for number in range(2000))]))

    assert time.monotonic() - began < 60


VOCABULARY = (
    "parameters value values min max distribution q_normal log_uniform name attributes FloatDistribution low high "
    "loguniform choice spec feasibleSpace list parameterType int parameterId parameter_id doubleValueSpec "
    "conditionalParameterSpecs hyperparameters type log minval maxval vals count _type _value _name uniform bounds "
    "dependents objective metric goal searcher grid learning_rate when user_attrs search_space_json trials step"
)
WORDS = st.sampled_from(VOCABULARY.split())
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=5),
    max_leaves=30,
)
SHAPED = {
    "wandb": lambda item: {"parameters": {"lr": {"value": 1}, "x": item}, "metric": item, "run_cap": item},
    "optuna": lambda item: {
        "distributions": {"lr": {"name": "IntDistribution", "attributes": item}, "x": item},
        "directions": item,
    },
    "ray": lambda item: {"a": {"choice": [1]}, "lr": {"loguniform": item}, "x": item, "y": {"choice": item}},
    "katib": lambda item: {"spec": {"parameters": [{"name": "x", "feasibleSpace": item}, item], "objective": item}},
    "vizier": lambda item: {"parameters": [{"parameterId": "x", "conditionalParameterSpecs": [item]}, item], "m": item},
    "determined": lambda item: {"hyperparameters": {"a": {"type": "int", "minval": item}, "x": item}, "searcher": item},
    "nni": lambda item: {"searchSpace": {"x": {"_type": "choice", "_value": [item]}, "y": item}, "tuner": item},
    "ax": lambda item: {"parameters": [{"name": "x", "bounds": item}, item], "objectives": item},
    "lists": lambda item: {"lr": [1, item], "bs": item, "_": item},
}


@pytest.mark.parametrize("tool", TOOLS)
@settings(max_examples=60, deadline=None)
@given(item=ANYTHING)
def test_any_data_is_translated_or_refused(tool: str, item: Any) -> None:
    for definition in (item, SHAPED[tool](item)):
        try:
            json.dumps(import_definition(definition).to_json(), allow_nan=False)
        except InvalidImport as refused:
            assert refused.errors


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60) | ANYTHING.map(str))
def test_any_text_is_translated_or_refused(text: str) -> None:
    try:
        import_definition(text)
    except InvalidImport as refused:
        assert refused.errors


@pytest.mark.parametrize("value", ['!!int ""', '!!float ""', "!!bool maybe", "!!timestamp soon"])
def test_a_tag_that_its_value_does_not_fit_is_refused(value: str) -> None:
    assert "its tag" in refusal(f"parameters:\n  lr: {{value: {value}}}\n")["definition"][0]


@pytest.mark.parametrize("largest", [400, 10**15])
def test_a_power_that_no_number_can_hold_is_refused(largest: int) -> None:
    rate = {"type": "log", "base": 10, "minval": 1, "maxval": largest}
    [note] = import_definition({"hyperparameters": {"learning_rate": rate}}).refused
    assert "not a usable number" in note.message


@pytest.mark.parametrize("inside", ['"x\\ud800": 1', '"x": NaN', f'"x": {"[" * 30}{"]" * 30}'])
def test_json_inside_of_text_has_the_same_bounds(inside: str) -> None:
    text = f'{{"name": "FloatDistribution", "attributes": {{"low": 0, "high": 1}}, {inside}}}'
    assert "Cannot tell" in refusal({"learning_rate": text})["definition"][0]


def test_a_call_keeps_its_words_over_several_lines() -> None:
    text = "space = {\n  'ü': tune.choice(['ä',\n    func()]),\n}"
    [note] = import_definition(text, tool="ray").refused
    assert note.source == "tune.choice(['ä',\n    func()])"


@pytest.mark.parametrize("text", ["{'a':[\n" + "f(),\n" * 9000 + "]}", "{" * 49_000])
def test_many_calls_and_many_brackets_are_read_in_little_time(text: str) -> None:
    begun = time.process_time()
    refusal(text)
    assert time.process_time() - begun < 10  # 200 seconds where each call splits the text, 15 with each bracket


CHAIN = "def f0(trial): trial.suggest_int('seed', 1, 2)\n" + "".join(
    f"def f{n}(trial): f{n - 1}(trial), f{n - 1}(trial), f{n - 1}(trial)\n" for n in range(1, 60)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CHAIN, "call each other too often"),
        ("import sys\nprint(" + "1+" * 9000 + "1)\n", "nested too deeply"),
        ("print(" + "1+" * 300 + "1)\n", "Is Python"),
        ("if x: y()\n" + "elif x: y()\n" * 3000, ""),
    ],
)
def test_python_that_would_take_long_to_read_is_refused_in_little_time(text: str, words: str) -> None:
    begun = time.process_time()
    assert words in refusal(text)["definition"][0]
    assert time.process_time() - begun < 10


def test_a_condition_on_too_many_values_is_refused() -> None:
    below = {"parentIntValues": {"values": list(range(1, 1002))}, "parameterSpec": RATE | {"parameterId": "seed"}}
    rank = {"parameterId": "lora_rank", "integerValueSpec": {"minValue": 1, "maxValue": 2000}}
    refused = import_definition({"parameters": [rank | {"conditionalParameterSpecs": [below]}]}).refused
    assert "more than 1,000 values" in refused[0].message


RATE = {"doubleValueSpec": {"minValue": 1, "maxValue": 2}}
