"""What real jobs of known truth have to say."""

import pytest

from tunix.operations.benchmarks.proofs import goals_of


def verdicts(**counts):
    return [{"outcome": outcome} for outcome, count in counts.items() for _ in range(count)]


def test_two_of_twenty_may_be_falsely_better():
    assert all(goals_of(verdicts(better=2, equivalent=17, undecided=1), verdicts(better=6, undecided=2)).values())


def test_where_the_default_is_ahead_nothing_must_be_as_good():
    assert all(goals_of(verdicts(nothing_to_prove=10, equivalent=9, undecided=1), []).values())


@pytest.mark.parametrize(
    ("goal", "nothing", "something"),
    [
        ("false_better", {"better": 3, "equivalent": 17}, {"better": 8}),
        ("as_good", {"undecided": 4, "equivalent": 16}, {"better": 8}),
        ("better", {"equivalent": 20}, {"better": 5, "undecided": 3}),
    ],
)
def test_a_goal_is_missed(goal, nothing, something):
    assert [name for name, met in goals_of(verdicts(**nothing), verdicts(**something)).items() if not met] == [goal]
