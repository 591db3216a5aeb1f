"""Outputs that are judged twice: what the second judging records and costs, and that it fails no run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.engine.progress import Progress
from tunix.pipeline.folder import SECOND_JUDGEMENTS, RunFolder, run_dir
from tunix.pipeline.judges import JUDGES, JudgeItem, Meter, Outputs
from tunix.pipeline.judges.tests.judge_server import JudgeServer, Say, chat, good
from tunix.pipeline.scoring import Scoring
from tunix.pipeline.spec import DatasetRef, RunOutcome
from tunix.pipeline.tests.making import make_dataset, make_rows, make_spec, no_report

ITEMS = [JudgeItem(f"a {n}", "A", f"p{n}") for n in range(4)]


class Judged:
    """A run of four outputs that has come to its judge."""

    def __init__(self, artifacts: Path, judge: str = "gemma", **fields: Any) -> None:
        spec = make_spec(make_dataset(artifacts), evaluation={"judge": judge, "max_items": 4}, **fields)
        folder = RunFolder(run_dir(artifacts, spec.run_id))
        self.folder, self.meter, outputs = folder.path, Meter(), Outputs(ITEMS, [False] * 4)
        scoring = Scoring(spec, artifacts, folder, Progress(folder, no_report, 0), self.meter)
        sample = Sample(make_rows(4), range(4))
        self.result = scoring.judge_twice(JUDGES[judge], outputs, scoring.judge(JUDGES[judge], outputs, sample))
        folder.close()


def test_both_scores_of_an_inconsistent_judge_are_kept(judge_server: JudgeServer, tmp_path: Path) -> None:
    judge_server.in_turn(*[good(1.0)] * 4, good(0.5))
    judged = Judged(tmp_path, judge_twice=True)

    assert (judged.result.item_scores, judged.result.second_scores) == ([1.0] * 4, [0.5] * 4)
    assert judged.result.score_mean == 1.0
    lines = (judged.folder / SECOND_JUDGEMENTS).read_text().splitlines()
    assert [json.loads(line)["score"] for line in lines] == [0.5] * 4


def test_the_cache_is_not_asked_the_second_time(judge_server: JudgeServer, tmp_path: Path) -> None:
    judged = Judged(tmp_path, judge_twice=True)

    assert len(judge_server.asked) == 8
    assert judged.meter.usage is not None
    assert (judged.meter.usage.calls, judged.meter.usage.cache_hits) == (8, 0)


def test_the_first_judgements_stay_in_the_cache(judge_server: JudgeServer, tmp_path: Path) -> None:
    judge_server.in_turn(*[good(1.0)] * 4, good(0.5))
    Judged(tmp_path, judge_twice=True)

    assert Judged(tmp_path).result.item_scores == [1.0] * 4
    assert len(judge_server.asked) == 8


def test_outputs_are_judged_once_unless_the_spec_asks_for_more(judge_server: JudgeServer, tmp_path: Path) -> None:
    assert Judged(tmp_path).result.second_scores is None
    assert len(judge_server.asked) == 4


def test_a_judge_without_a_service_judges_once(tmp_path: Path) -> None:
    judged = Judged(tmp_path, "answer_correctness", judge_twice=True)

    assert judged.result.second_scores is None
    assert not (judged.folder / SECOND_JUDGEMENTS).exists()


def test_a_budget_that_ends_in_the_second_judging_fails_nothing(judge_server: JudgeServer, tmp_path: Path) -> None:
    judged = Judged(tmp_path, judge_twice=True, max_judge_cost=1.0)  # an answer costs 0.2

    assert (judged.result.score_mean, judged.result.second_scores) == (1.0, None)
    assert "noise is unknown: The judge gemma has cost 1" in (judged.folder / "log.txt").read_text()
    assert judged.meter.cost == pytest.approx(1.0)


def test_a_service_that_goes_away_fails_nothing(judge_server: JudgeServer, tmp_path: Path) -> None:
    judge_server.in_turn(*[good()] * 4, Say("no", status=401))

    assert Judged(tmp_path, judge_twice=True).result.second_scores is None


def test_an_item_without_a_second_score(judge_server: JudgeServer, tmp_path: Path) -> None:
    judge_server.in_turn(*[good()] * 4, chat("no JSON"), chat("no JSON"), good(0.0))

    assert Judged(tmp_path, judge_twice=True).result.second_scores == [None, 0.0, 0.0, 0.0]


@pytest.mark.slow
def test_a_whole_run_is_judged_twice(
    judge_server: JudgeServer, artifacts: Path, letters: DatasetRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tunix.pipeline.run import execute

    monkeypatch.setenv("JUDGE_MODEL", "judges twice")
    spec = make_spec(letters, evaluation={"judge": "gemma", "max_items": 8}, judge_twice=True)
    result = execute(spec, no_report, artifacts_dir=artifacts)

    assert result.outcome == RunOutcome.COMPLETED
    assert SECOND_JUDGEMENTS in result.files
    assert result.verdict is not None
    assert result.verdict.second_scores == result.verdict.item_scores
