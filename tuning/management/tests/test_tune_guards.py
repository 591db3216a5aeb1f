"""A trial that forgets what the base model knew does not win, for real: trained, judged and guarded by `tune`.

The base model says the letter of a prompt in capitals; the job teaches it to say the next one. With a large learning
rate it learns that and forgets the other; with the default's it has hardly begun.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tunix.work.tests.installation import Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

LETTERS = "abcdefgh"
JUDGED = {"max_items": 24, "max_new_tokens": 4}
KNOWN = {
    "name": "capitals",
    "dataset_key": "capitals",
    "base_model_id": "tiny-gemma3",
    "hyperparameters_json": {"num_steps": 60, "batch_size": 8, "learning_rate": 1e-2},
    "evaluation_json": JUDGED,
}
GUARDED = {
    "name": "next letters",
    "dataset_key": "next-letters",
    "base_model_id": "promoted/capitals@1",
    "search_space_json": {"learning_rate": {"type": "choice", "values": [3e-4, 3e-2]}},
    "algorithm_json": {"name": "grid"},
    "fixed_params_json": {"num_steps": 5, "batch_size": 16},
    "evaluation_json": JUDGED,
    "confirmation_json": {"controls": True, "seeds": 2},
    "guards_json": [{"dataset": "capitals", "max_drop": 0.2, **JUDGED}],
}


def said(installation: Installation, *command: object, is_json: bool = True) -> Any:
    done = installation.run(*command, *(["--json"] if is_json else []), timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if is_json else done.stdout


def import_letters(installation: Installation, key: str, shift: int) -> None:
    """Rows whose answer is the letter of the prompt, or the one `shift` after it, in capitals."""
    files = {"train": range(64), "validation": range(64, 88), "test": range(88, 112)}
    options = [
        part
        for split, numbers in files.items()
        for part in (f"--{split}", write_rows(installation.folder / f"{key}-{split}.jsonl", numbers, shift))
    ]
    said(installation, "import_dataset", key, *options, is_json=False)


def write_rows(path: Path, numbers: Iterable[int], shift: int) -> Path:
    rows = [{"prompt": f"{LETTERS[n % 8]} {n}", "answer": LETTERS[(n + shift) % 8].upper()} for n in numbers]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture(scope="module")
def swept(migrated: Installation, tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, dict[str, Any]]:
    """An installation after the guarded sweep, and what --json printed."""
    installation = migrated.copy_to(tmp_path_factory.mktemp("guarded"))
    installation.env["WITHOUT_RAY"] = "1"
    import_letters(installation, "capitals", 0)
    import_letters(installation, "next-letters", 1)
    run = said(installation, "train_run", installation.write_definition("capitals.json", KNOWN))
    said(installation, "promote_run", run["run_id"], "capitals", "--unconfirmed")
    return installation, said(installation, "tune", installation.write_definition("guarded.json", GUARDED))


def searched(summary: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The trial with the small learning rate, and the one with the large."""
    small, large = sorted(
        (trial for trial in summary["trials"] if trial["kind"] == "search"),
        key=lambda trial: trial["params"]["learning_rate"],
    )
    return small, large


def test_the_trial_that_learned_most_forgot_what_the_guard_asks(swept: tuple[Installation, dict[str, Any]]) -> None:
    small, large = searched(swept[1])

    assert large["metric_value"] > small["metric_value"]
    assert large["guards"][0]["drop"] > 0.2
    assert large["barred"].startswith("Loses ")


def test_it_does_not_win(swept: tuple[Installation, dict[str, Any]]) -> None:
    installation, summary = swept
    small, large = searched(summary)

    best = json.loads((installation.artifacts / "tuning" / summary["job_id"] / "best.json").read_text())
    assert summary["best_run_id"] == best["best_run_id"] == small["run_id"]
    assert summary["best_value"] < large["metric_value"]


def test_its_answers_to_the_guard_are_kept(swept: tuple[Installation, dict[str, Any]]) -> None:
    installation, summary = swept
    large = searched(summary)[1]

    folder = installation.artifacts / "runs" / large["run_id"]
    lines = (folder / "guards" / "0" / "judgements.jsonl").read_text().splitlines()
    scores = [json.loads(line)["score"] for line in lines]
    assert sum(scores) / len(scores) == pytest.approx(large["guards"][0]["score"])


def test_the_default_scores_what_its_trials_scored(swept: tuple[Installation, dict[str, Any]]) -> None:
    summary = swept[1]

    defaults = [trial["guards"][0]["score"] for trial in summary["trials"] if trial["kind"] == "default"]
    assert summary["guards"][0]["default_score"] == pytest.approx(sum(defaults) / 2)


def test_the_ledger_is_clean(swept: tuple[Installation, dict[str, Any]]) -> None:
    assert swept[0].run("check_ledger").returncode == 0


def test_a_guarded_run_is_reproduced_with_its_guards(swept: tuple[Installation, dict[str, Any]]) -> None:
    installation, summary = swept

    report = said(installation, "reproduce", summary["best_run_id"])
    assert report["report"]["outcome"] == "identical"
    assert report["report"]["differences"] == []
    assert any(name.startswith("guard 0 (capitals") for name in report["report"]["metrics"])
