"""The examples in docs/judges.md are what the judges say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tunix.pipeline.judges import JUDGES, JudgeItem, ServiceJudge
from tunix.pipeline.judges.judging import JudgeContext, judge_items

PAGE = Path(__file__).parents[1] / "judges.md"
ROW = re.compile(r'^\| `(\w+)` \| `(".*")` \| `(".*")` \| (yes|no|no score|0\.\d{3}) \|$', re.MULTILINE)
WORDS = {1.0: "yes", 0.0: "no", None: "no score"}


def section() -> str:
    return PAGE.read_text(encoding="utf-8").split("### Examples")[1].split("\n#")[0]


def examples() -> list[tuple[str, str, str, str]]:
    """Judge, answer, prediction, and what the table says."""
    rows = ROW.findall(section())
    return [(judge, *(json.loads(text.replace(r"\|", "|")) for text in texts), said) for judge, *texts, said in rows]


def score_of(judge: str, answer: str, prediction: str) -> str:
    """The score of one answer, as the table writes it."""
    (judgement,) = judge_items(JUDGES[judge], [JudgeItem("?", answer, prediction)], JudgeContext())
    return WORDS.get(judgement.score) or f"{judgement.score:.3f}"


@pytest.mark.parametrize("judge", sorted({judge for judge, *_ in examples()}))
def test_the_judge_gives_the_scores_in_the_table(judge: str) -> None:
    rows = [row for row in examples() if row[0] == judge]
    assert [(*row[:3], score_of(*row[:3])) for row in rows] == rows


def test_every_line_of_the_table_is_read() -> None:
    lines = [line for line in section().splitlines() if line.startswith("| `")]
    assert len(lines) == len(examples()) >= 60


def test_every_judge_with_a_rule_has_examples() -> None:
    ruled = {name for name, judge in JUDGES.items() if not isinstance(judge, ServiceJudge)}
    assert {judge for judge, *_ in examples()} == ruled


def test_no_example_is_there_twice() -> None:
    assert len(set(examples())) == len(examples())
