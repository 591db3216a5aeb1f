"""What a job will be able to show, said before it starts."""

import pytest

from tuning.domain.selection.power_forecast import forecast


def test_the_smallest_difference_is_told():
    assert forecast(100).sentence == (
        "With 100 items the search can tell apart trials that differ by 12 points or more at 80% power "
        "(20% discordant items assumed)."
    )


def test_what_the_confirmation_shows_is_told():
    told = forecast(256, test_items=256)
    assert 0.03 < told.confirmed < 0.12
    assert "3 seeds of winner and default and 256 test items, can show an improvement" in told.sentence


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
