"""The model card: what it says, and that nothing in it is more than text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunix.runs.base_models.card import code, model_card, plain, without_escapes
from tunix.runs.base_models.files import read_card
from tunix.runs.base_models.promotion import promote_run
from tunix.runs.tests.checkpoints import make_promotable_run

pytestmark = pytest.mark.django_db
ORIGIN = {
    "job": {"id": "7" * 8, "name": "<script>alert(1)</script> [x](http://evil)"},
    "trial": {"number": 3, "kind": "search"},
    "confirmed": True,
    "verdict": "Better than the default by 0.08 [0.05, 0.11].\n# Not a heading",
}


def card() -> str:
    run = make_promotable_run(name="a|b `c`", hyperparameters={"learning_rate": 0.005})
    folder = promote_run(run=run, name="mine", actor=None, origin=ORIGIN).folder()
    assert isinstance(folder, Path)
    return (folder / "README.md").read_text()


def test_a_folder_that_cannot_be_read_has_no_card() -> None:
    model = promote_run(run=make_promotable_run(), name="mine", actor=None, origin=ORIGIN)
    folder = model.folder()
    assert folder is not None and read_card(model)
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("a file where the folder was")
    assert read_card(model) == ""


def test_it_quotes_the_verdict_and_the_score() -> None:
    text = card()
    assert "> Better than the default by 0\\.08 \\[0\\.05, 0\\.11\\]\\." in text
    assert "0\\.5000 on 2 rows of the validation split, by answer\\_correctness, version 1" in text


def test_it_names_job_trial_run_data_and_base_model() -> None:
    text = card()
    assert "| trial | 3 (search) |" in text
    assert "| dataset | `sums` version `0000" in text
    assert "1. `tiny-gemma3`, hash `" in text


def test_it_says_how_to_start_from_it() -> None:
    text = card()
    assert '"base_model_id": "promoted/mine@1"' in text
    assert 'checkpoint.load(Path("artifacts/models/mine/1"))' in text


def test_it_lists_the_hyperparameters() -> None:
    assert "| learning_rate | `0.005` |" in card()


def test_what_users_wrote_stays_text() -> None:
    text = card()
    assert "<script>" not in text
    assert "[x](" not in text
    assert "\n# Not" not in text
    assert "a\\|b \\`c\\`" in text


@pytest.mark.parametrize(("text", "escaped"), [("a\nb", "a b"), ("<b>", "\\<b\\>"), ("1. x", "1\\. x"), ("", "")])
def test_plain(text: str, escaped: str) -> None:
    assert plain(text) == escaped


def test_a_page_shows_it_without_escapes() -> None:
    text = "0.08 [0.05, 0.11] a_b \\ <b>"
    assert without_escapes(plain(text)) == text
    assert without_escapes(card()).count("> Better than the default by 0.08 [0.05, 0.11].") == 1


@pytest.mark.parametrize(("value", "shown"), [("a`b|c", "`abc`"), (0.1, "`0.1`"), (None, "`None`"), ("", "")])
def test_code(value: object, shown: str) -> None:
    assert code(value) == shown


def test_a_run_that_was_not_judged_has_no_score() -> None:
    run = make_promotable_run()
    lineage = promote_run(run=run, name="mine", actor=None, origin=ORIGIN | {"verdict": ""}).lineage_json
    text = model_card(lineage | {"score": None})
    assert "## Score" not in text
    assert "## The verdict" not in text


def test_it_tells_the_scores_on_guards() -> None:
    score = {"judge": "choice_match", "judge_version": "1", "split": "validation", "items": 64, "score_mean": 0.75}
    lineage = promote_run(run=make_promotable_run(), name="mine", actor=None, origin=ORIGIN).lineage_json
    about = {"base_model_id": "promoted/mine@1", "name": "mine", "version": 1}
    assert "## Scores on guards" not in model_card(lineage | about)
    text = model_card(lineage | about | {"guards": [score | {"dataset": {"key": "banking77", "version": "0"}}]})
    assert "> banking77\\: 0\\.7500 on 64 rows of the validation split" in text
