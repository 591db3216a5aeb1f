"""Who stands where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tunix.evaluation.choices import EvaluationStatus
from tunix.evaluation.models import Evaluation
from tunix.evaluation.tests.factories import make_evaluation
from tunix.runs.tests.factories import make_dataset, make_run

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def scores() -> list[float | None]:
    return [place.score_mean for place in Evaluation.objects.leaderboard()]


def test_best_score_stands_first() -> None:
    for score in (0.2, 0.9, 0.5):
        make_evaluation(score_mean=score)
    assert scores() == [0.9, 0.5, 0.2]


def test_equals_share_a_rank_and_the_earlier_stands_first() -> None:
    late = make_evaluation(score_mean=0.5, created_at=NOW)
    early = make_evaluation(score_mean=0.5, created_at=NOW - timedelta(hours=1))
    third = make_evaluation(score_mean=0.4)
    places = list(Evaluation.objects.leaderboard())
    assert [(place.pk, place.rank) for place in places] == [(early.pk, 1), (late.pk, 1), (third.pk, 3)]


def test_latest_verdict_of_a_run_judge_and_split_counts() -> None:
    run = make_run()
    make_evaluation(run, score_mean=0.9, created_at=NOW - timedelta(hours=1))
    make_evaluation(run, score_mean=0.3, created_at=NOW)
    assert scores() == [0.3]


def test_other_judges_and_splits_have_places_of_their_own() -> None:
    run = make_run()
    make_evaluation(run, score_mean=0.3)
    make_evaluation(run, score_mean=0.2, judge="numeric_match")
    make_evaluation(run, score_mean=0.1, split="test")
    assert scores() == [0.3, 0.2, 0.1]


def test_failed_attempt_to_judge_again_hides_nothing() -> None:
    run = make_run()
    make_evaluation(run, score_mean=0.3, created_at=NOW - timedelta(hours=1))
    make_evaluation(run, score_mean=None, status=EvaluationStatus.FAILED, created_at=NOW)
    assert scores() == [0.3]


def test_rank_counts_within_the_filter() -> None:
    make_evaluation(score_mean=0.9)
    make_evaluation(make_run(dataset=make_dataset("other")), score_mean=0.5)
    places = Evaluation.objects.leaderboard().filter(run__dataset__key="other")
    assert [place.rank for place in places] == [1]


def test_versions_of_a_judge_have_ranks_of_their_own() -> None:
    make_evaluation(score_mean=0.9, judge_version="1", created_at=NOW - timedelta(hours=1))
    make_evaluation(score_mean=0.2, judge_version="2")
    assert [place.rank for place in Evaluation.objects.leaderboard()] == [1, 1]


def test_splits_and_data_sets_have_ranks_of_their_own() -> None:
    make_evaluation(score_mean=0.9)
    make_evaluation(score_mean=0.8, split="test")
    make_evaluation(make_run(dataset=make_dataset("other")), score_mean=0.7)
    assert [place.rank for place in Evaluation.objects.leaderboard()] == [1, 1, 1]


def test_newest_version_of_each_judge_counts() -> None:
    run = make_run()
    make_evaluation(run, score_mean=0.9, judge_version="1", created_at=NOW - timedelta(hours=1))
    make_evaluation(run, score_mean=0.2, judge_version="2", created_at=NOW)
    make_evaluation(run, score_mean=0.4, judge="numeric_match", judge_version="1")
    places = Evaluation.objects.leaderboard().of_newest_judges()
    assert [(place.score_mean, place.judge_version) for place in places] == [(0.4, "1"), (0.2, "2")]


def test_older_version_is_shown_when_asked_for(api: Any, web: Any) -> None:
    make_evaluation(score_mean=0.9, judge_version="1", created_at=NOW - timedelta(hours=1))
    make_evaluation(score_mean=0.2, judge_version="2", created_at=NOW)
    (newest,) = api.get("/api/leaderboard").json()["results"]
    (older,) = api.get("/api/leaderboard?judge_version=1").json()["results"]
    assert (newest["judge_version"], older["judge_version"], older["newest_version"]) == ("2", "1", "2")
    page = web.get("/leaderboard/?judge_version=1").content.decode()
    assert "version 1" in page
    assert "The newest version is 2" in page
