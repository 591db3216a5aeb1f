"""Who is tied with the first of a leaderboard, and the interval of every score."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tunix.evaluation.analysis.ties import Tie, TieBy, mark_ties
from tunix.evaluation.models import Evaluation
from tunix.evaluation.recording import record_verdict
from tunix.evaluation.tests.compared import make_judged_run, wrong_in
from tunix.runs.models import TunixRun
from tunix.runs.tests.factories import make_dataset, make_result, make_run

pytestmark = pytest.mark.django_db


def ties() -> list[Tie]:
    """How the places of the leaderboard stand to the first, from the first on."""
    places = list(Evaluation.objects.leaderboard())
    mark_ties(places, Evaluation.objects.leaderboard())
    return [place.tie for place in places]  # type: ignore[attr-defined]


def on_other_rows(scores: list[float]) -> TunixRun:
    """A run on another version of the same dataset."""
    run = make_run()
    run.config_json["dataset"]["version"] = "9" * 64
    run.save(update_fields=["config_json"])
    return make_judged_run(scores, run=run)


def test_a_recorded_verdict_has_its_interval() -> None:
    run = make_run()
    verdict = make_result(run).verdict
    assert verdict is not None
    evaluation = record_verdict(run=run, verdict=verdict)

    assert evaluation.score_low < 0.5 < evaluation.score_high  # type: ignore[operator]
    assert evaluation.interval_method == "Wilson"


def test_the_first_is_tied_with_itself() -> None:
    make_judged_run(wrong_in(range(5)))

    assert [tie.by for tie in ties()] == [TieBy.FIRST]


def test_the_same_rows_are_compared_in_pairs() -> None:
    for wrong in (range(2), range(4), range(60)):
        make_judged_run(wrong_in(wrong))

    _, near, far = ties()
    assert (near.tied, near.by, far.tied, far.by) == (True, "paired", False, "paired")
    assert near.p is not None and far.p is not None and far.p < 0.05 < near.p


def test_a_small_difference_that_never_goes_the_other_way_is_told_apart() -> None:
    """Both intervals overlap, and yet the paired test knows better."""
    make_judged_run(wrong_in(range(10)))
    make_judged_run(wrong_in(range(22)))

    assert [tie.tied for tie in ties()] == [True, False]


def test_other_rows_are_compared_by_their_intervals() -> None:
    make_judged_run(wrong_in(range(2)))
    on_other_rows(wrong_in(range(5)))
    on_other_rows(wrong_in(range(90)))

    assert [(tie.tied, tie.by) for tie in ties()[1:]] == [(True, "overlap"), (False, "overlap")]


def test_other_items_are_not_paired() -> None:
    make_judged_run(wrong_in(range(2)))
    make_judged_run(wrong_in(range(5), items=100))

    assert ties()[1].by == TieBy.OVERLAP


def test_the_first_rows_of_the_file_are_not_paired_with_a_sample() -> None:
    make_judged_run(wrong_in(range(2)), row_order="prompt_hash")
    make_judged_run(wrong_in(range(5)))

    assert ties()[1].by == TieBy.OVERLAP


def test_each_split_and_data_set_has_a_first_of_its_own() -> None:
    """A tie with a score that cannot be compared would mean nothing."""
    make_judged_run(wrong_in(range(2)))
    make_judged_run(wrong_in(range(5)), split="test")
    make_judged_run(wrong_in(range(7)), run=make_run(dataset=make_dataset("other")))

    assert [tie.by for tie in ties()] == [TieBy.FIRST] * 3


def test_the_first_may_stand_on_another_page() -> None:
    for wrong in (2, 4, 60):
        make_judged_run(wrong_in(range(wrong)))
    ranked = Evaluation.objects.leaderboard()
    last = list(ranked)[2:]
    mark_ties(last, ranked)

    assert last[0].tie.by == TieBy.PAIRED  # type: ignore[attr-defined]


def test_firsts_that_stand_elsewhere_are_read_at_once(django_assert_num_queries: Any) -> None:
    for split in ("validation", "test"):
        for wrong in (2, 4):
            make_judged_run(wrong_in(range(wrong)), split=split)
    ranked = Evaluation.objects.leaderboard()
    behind = [place for place in ranked if place.rank == 2]  # type: ignore[attr-defined]
    with django_assert_num_queries(2):
        mark_ties(behind, ranked)

    assert [place.tie.by for place in behind] == [TieBy.PAIRED] * 2  # type: ignore[attr-defined]


def test_a_reproduction_is_no_entry() -> None:
    source = make_judged_run(wrong_in(range(2)))
    make_judged_run(wrong_in(range(2)), run=make_run(reproduces=source))

    assert len(ties()) == 1


def test_the_api_tells_interval_and_tie(api: Any, django_assert_max_num_queries: Any) -> None:
    for wrong in range(2, 10):
        make_judged_run(wrong_in(range(wrong)))
    with django_assert_max_num_queries(3):
        rows = api.get("/api/leaderboard").json()["results"]

    assert [row["tie_by"] for row in rows[:2]] == ["first", "paired"]
    assert rows[1]["score_low"] < rows[1]["score_mean"] < rows[1]["score_high"]
    assert rows[1]["tied_with_first"] is True


def test_the_page_marks_who_is_tied(web: Client) -> None:
    make_judged_run(wrong_in(range(2)))
    make_judged_run(wrong_in(range(4)))
    shown = web.get(reverse("evaluation:leaderboard")).content.decode()

    assert shown.count("A paired test on the same") == 1 and "tied with the first" in shown
    assert "[0.964, 0.997]" in shown and "[0.950, 0.992]" in shown
