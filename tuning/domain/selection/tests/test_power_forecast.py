"""What a job will be able to show, said before it starts."""

import numpy as np
import pytest

from tuning.domain.selection.power_forecast import (
    forecast,
    forecast_by_noise,
    forecast_of_lead,
    needs_of,
    noise_seen,
    sentence_of_needs,
)


def runs(*rates, items=1000):
    """Runs that have so many of the same rows right: the hardest rows are the last."""
    return [list((np.arange(items) < rate * items).astype(float)) for rate in rates]


def test_the_smallest_difference_is_told():
    assert forecast(100).sentence == (
        "With 100 items the search can tell apart trials that differ by 12 points or more at 80% power "
        "(20% discordant items assumed)."
    )


def test_what_the_confirmation_shows_is_told():
    told = forecast(256, test_items=256)
    assert 0.03 < told.confirmed < 0.12
    assert "3 seeds of winner and default and 256 test items, can show an improvement" in told.sentence


def test_the_stages_of_the_proof_show_more_than_its_first_one():
    told = forecast(256, test_items=256, seeds=3, most_seeds=8)
    assert "with 3 to 8 seeds of winner and default" in told.sentence
    assert told.confirmed < forecast(256, test_items=256, seeds=3).confirmed


def test_more_seeds_show_more():
    assert forecast(256, 256, seeds=6).confirmed < forecast(256, 256, seeds=3).confirmed


def test_few_items_are_warned_of_with_the_number_that_would_do():
    warning = forecast(64).warning
    enough = int(warning.split("Raise max_items to ")[1].split()[0])
    assert forecast(enough).warning is None
    assert forecast(enough - 1).warning is not None


def test_many_items_are_not():
    assert forecast(1024).warning is None


def test_no_items_are_refused():
    with pytest.raises(ValueError, match="at least 1 item"):
        forecast(0)


def test_the_noise_of_the_controls_is_seen_with_its_range():
    noise = noise_seen(runs(0.56, 0.60, 0.64))
    assert noise.deviation == pytest.approx(0.04, abs=0.002)
    assert noise.low < noise.deviation < noise.high
    assert noise.discordant == pytest.approx((0.04 + 0.08 + 0.04) / 3)


@pytest.mark.parametrize("seen", [[], runs(0.5), [[1.0], [1.0, 0.0]]])
def test_one_run_shows_no_noise(seen):
    assert noise_seen(seen) is None


def test_after_the_controls_the_forecast_is_a_range():
    told = forecast_by_noise(noise_seen(runs(0.56, 0.60, 0.64)), 1000, 3073, seeds=3, most_seeds=8)
    assert told.startswith("Seed sd 4.0 points seen in 3 runs of the default (")
    assert "3 to 8 seeds show " in told
    assert "For 5 points take " in told or "A difference of 5 points takes more than the 3,073 test rows" in told


def test_after_the_ranking_the_chance_of_the_proof_is_a_range():
    told = forecast_of_lead(runs(0.7, 0.72, 0.71), runs(0.6, 0.61, 0.6), 3, 1000, seeds=3, most_seeds=8)
    assert told.startswith("On validation the winner leads the default by 11 points: the proof will show it with a ")


def test_more_seeds_need_fewer_rows():
    needs = needs_of(0.05, 10_000)
    assert [need.seeds for need in needs] == sorted(need.seeds for need in needs)
    assert [need.rows for need in needs] == sorted((need.rows for need in needs), reverse=True)
    assert sentence_of_needs(0.05, needs, 10_000).startswith(
        f"For 5 points take {needs[0].rows:,} test rows and up to "
    )


def test_what_no_plan_shows_is_told():
    assert sentence_of_needs(0.001, needs_of(0.001, 300), 300) == (
        "A difference of 0.1 points takes more than the 300 test rows and 20 seeds of each."
    )
