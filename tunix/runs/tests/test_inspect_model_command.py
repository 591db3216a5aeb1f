"""`manage.py inspect_model` prints what a folder contains, or every fault, with exit code 1."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tunix.pipeline.models.pretrained.tests.tiny import change_json, make_folder


def output_of(*arguments: Any) -> str:
    out = StringIO()
    call_command("inspect_model", *map(str, arguments), stdout=out)
    return out.getvalue()


def facts_of(output: str) -> dict[str, str]:
    return {line[:18].strip(): line[18:] for line in output.splitlines()}


def test_the_facts_are_printed(tmp_path: Path) -> None:
    facts = facts_of(output_of(make_folder(tmp_path / "model", "gemma3", torch_dtype="bfloat16")))

    expected = {"family": "gemma3", "dtype": "bfloat16", "layers": "6", "tied embeddings": "yes"}
    expected |= {"rope": "theta 1,000,000", "sliding rope": "theta 10,000", "tokenizer": "BPE, 48 tokens"}
    assert expected.items() <= facts.items()
    assert len(facts["content hash"]) == 64


def test_warnings_are_printed(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    (folder / "tokenizer_config.json").unlink()

    assert "\nWarning: The folder has no chat template." in output_of(folder)


def test_the_hash_can_be_left_out(tmp_path: Path) -> None:
    assert "content_hash" not in json.loads(output_of(make_folder(tmp_path / "model"), "--no-hash", "--json"))


def test_facts_as_json(tmp_path: Path) -> None:
    told = json.loads(output_of(make_folder(tmp_path / "model"), "--json"))

    assert (told["parameters"], told["end_token_ids"], told["warnings"]) == (67_904, [2, 5], [])


def test_faults_are_printed_with_their_files(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model", rope_scaling={"rope_type": "yarn", "factor": 4.0})
    (folder / "tokenizer.json").unlink()

    with pytest.raises(CommandError) as caught:
        output_of(folder)

    lines = str(caught.value).splitlines()
    assert lines[0] == f"{folder} cannot be used: 2 faults."
    assert lines[1].startswith("  config.json: rope_type is 'yarn'")
    assert lines[2].startswith("  tokenizer.json: The file is missing.")
    assert caught.value.returncode == 1


def test_faults_as_json(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "model")
    change_json(folder / "config.json", model_type="phi3")

    with pytest.raises(CommandError) as caught:
        output_of(folder, "--json")

    assert list(json.loads(str(caught.value))["errors"]) == ["config.json"]
