"""The sentences that say what was shown."""

import pytest

from tuning.domain.selection.verdict import JobVerdict, difference_of, p_of, sentence_of_runs
from tunix.statistics.results import Comparison


def comparison(difference=0.08, low=0.05, high=0.11, p=0.001):
    return Comparison(difference, low, high, p, wins=30, losses=10, ties=216, items=256, method="t")


def test_two_runs_are_no_configurations():
    assert sentence_of_runs("trial 17", "trial 3", comparison(0.03, -0.01, 0.07, 0.13)) == (
        "Trial 17 against trial 3: these two runs differ by +0.03 [-0.01, 0.07] (p = 0.13; 256 items); this says "
        "nothing about the configurations, which needs several seeds of both."
    )


def test_a_narrow_interval_has_a_third_decimal():
    assert difference_of(comparison(0.004, 0.001, 0.007)) == "+0.004 [0.001, 0.007]"


def test_an_end_beyond_zero_is_not_rounded_onto_it():
    assert difference_of(comparison(0.039, -0.002, 0.08)) == "+0.039 [-0.002, 0.080]"


def test_what_rounds_to_nothing_has_no_minus():
    assert difference_of(comparison(-0.001, -0.04, 0.04)) == "+0.00 [-0.04, 0.04]"


@pytest.mark.parametrize(("p", "said"), [(0.0004, "p < 0.001"), (0.0362, "p = 0.036"), (1.0, "p = 1")])
def test_p_has_two_digits(p, said):
    assert p_of(p) == said


def test_an_earlier_verdict_keeps_its_text_and_names_its_method():
    stored = {"outcome": "no_improvement", "sentence": "No improvement over the default: +0.01.", "method": "t"}
    verdict = JobVerdict.read(stored)
    assert verdict.sentence == stored["sentence"]
    assert "an earlier method: every confirmation was tested at 5%" in verdict.method_in_words
    assert "in stages" in JobVerdict.read(stored | {"protocol": 2}).method_in_words
