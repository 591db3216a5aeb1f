"""The rows of a run that is raced are judged block by block: what is asked of the judge, and what the run reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.data.rows import Row
from tunix.pipeline.engine.progress import Progress
from tunix.pipeline.folder import RunFolder, run_dir
from tunix.pipeline.judges import JUDGES, JudgeItem, Meter, Outputs
from tunix.pipeline.judges.tests.judge_server import JudgeServer, chat
from tunix.pipeline.racing import is_lost
from tunix.pipeline.scoring import Scoring
from tunix.pipeline.spec import JudgeResult, RaceSpec
from tunix.pipeline.tests.making import make_dataset, make_spec, no_report

ROWS = 128
RACE = RaceSpec(expected=[0.8] * ROWS)


class Raced:
    """A run whose first `right` predictions are right and whose others are wrong, when it comes to its judge."""

    def __init__(self, artifacts: Path, right: int, race: RaceSpec | None = RACE, **evaluation: Any) -> None:
        samples = evaluation.get("samples", 1)
        asked = {"judge": "answer_correctness", "max_items": ROWS} | evaluation
        spec = make_spec(make_dataset(artifacts), evaluation=asked, race=race)
        self.folder = RunFolder(run_dir(artifacts, spec.run_id))
        said = ["A" if index < right else f"p{index}" for index in range(ROWS * samples)]
        items = [JudgeItem(f"a {n}", "A", text) for n, text in enumerate(said)]
        self.outputs = Outputs(items, [False] * len(said), samples)
        self.meter = Meter()
        scoring = Scoring(spec, artifacts, self.folder, Progress(self.folder, no_report, 0), self.meter)
        sample = Sample([Row(f"a {n}", "A", group="g") for n in range(ROWS)], range(ROWS))
        self.result: JudgeResult = scoring.judge(JUDGES[asked["judge"]], self.outputs, sample)
        self.folder.close()

    def log(self) -> str:
        return (self.folder.path / "log.txt").read_text()


def test_a_run_that_is_behind_is_judged_on_its_first_rows(tmp_path: Path) -> None:
    raced = Raced(tmp_path, right=0)

    found = raced.result.raced_out
    assert found is not None
    assert (found.rows, found.planned, raced.result.items) == (32, ROWS, 32)
    assert len(raced.result.item_scores) == len(raced.result.item_groups or []) == 32
    assert raced.result.score_mean == raced.result.score_best == found.estimate
    assert len((raced.folder.path / "judgements.jsonl").read_text().splitlines()) == 32
    assert "Raced out after 32 of 128 rows" in raced.log()


def test_a_run_that_keeps_up_is_judged_on_all_rows(tmp_path: Path) -> None:
    raced = Raced(tmp_path, right=ROWS)

    assert (raced.result.items, raced.result.score_mean, raced.result.raced_out) == (ROWS, 1.0, None)
    assert "raced_out" not in raced.result.model_dump()


def test_the_stored_scores_decide_the_same_again(tmp_path: Path) -> None:
    result = Raced(tmp_path, right=20).result
    scores = result.item_scores

    assert is_lost(RACE, scores)
    assert not any(is_lost(RACE, scores[:rows]) for rows in range(32, len(scores), 32))


def test_a_row_with_several_answers_is_one_row(tmp_path: Path) -> None:
    result = Raced(tmp_path, right=0, samples=2, temperature=0.5).result

    assert result.items == 32


def test_a_race_over_other_rows_is_not_held(tmp_path: Path) -> None:
    raced = Raced(tmp_path, right=0, race=RaceSpec(expected=[0.8] * 100))

    assert raced.result.items == ROWS
    assert "Warning: no race, which expects 100 rows, not 128." in raced.log()


def test_a_service_is_asked_about_the_judged_rows_only(judge_server: JudgeServer, tmp_path: Path) -> None:
    judge_server.for_prediction({f"p{n}": chat(json.dumps({"score": 0, "reason": "No."})) for n in range(ROWS)})
    raced = Raced(tmp_path, right=0, judge="gemma")

    assert len(judge_server.asked) == raced.result.items == 32
    assert raced.meter.usage is not None
    assert raced.meter.usage.calls == 32


def test_the_limit_of_unjudged_rows_is_a_share_of_all_rows(judge_server: JudgeServer, tmp_path: Path) -> None:
    """A tenth of 32 rows would be 3, of all rows it is 12."""
    judge_server.for_prediction({f"p{n}": chat("no JSON") for n in range(20, 30)})
    raced = Raced(tmp_path, right=20, race=RaceSpec(expected=[0.5] * ROWS), judge="gemma")

    assert (raced.result.failed_items, raced.result.items) == (10, ROWS)


def test_rows_that_could_not_be_judged_decide_no_race(judge_server: JudgeServer, tmp_path: Path) -> None:
    wrong = {f"p{n}": chat(json.dumps({"score": 0, "reason": "No."})) for n in range(12, ROWS)}
    judge_server.for_prediction(wrong | {f"p{n}": chat("no JSON") for n in range(12)})

    raced = Raced(tmp_path, right=0, judge="gemma")

    assert (raced.result.failed_items, raced.result.items) == (12, 64)  # 12 of the first 32 were too many
