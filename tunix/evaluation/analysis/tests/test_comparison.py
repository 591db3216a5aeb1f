"""The comparison of a run with a baseline: numbers, items, and refusals."""

from __future__ import annotations

import pytest

from tunix.api.exceptions import Conflict
from tunix.evaluation.analysis.comparison import compare_with_baseline
from tunix.evaluation.tests.compared import make_baseline, make_judged_run, wrong_in
from tunix.pipeline.judges import JUDGES
from tunix.runs.tests.factories import make_dataset, make_run

pytestmark = pytest.mark.django_db


def test_wins_losses_and_difference() -> None:
    run = make_judged_run(wrong_in(range(30)))
    compared = compare_with_baseline(baseline=make_baseline(), run=run)

    numbers = compared.comparison
    assert (numbers.wins, numbers.losses, numbers.ties) == (10, 30, 160)
    assert numbers.difference == pytest.approx(-0.1)
    assert numbers.low < -0.1 < numbers.high < 0
    assert compared.regression.finding == "regression"


def test_the_worst_items_come_first_with_what_was_said() -> None:
    run = make_judged_run(wrong_in(range(3, 5)))
    items = compare_with_baseline(baseline=make_baseline(), run=run).changed_items(limit=3)

    assert [(item.index, item.difference) for item in items] == [(3, -1.0), (4, -1.0), (190, 1.0)]
    assert (items[0].baseline_prediction, items[0].prediction) == ("right", "<b>wrong")


def test_the_baseline_itself_has_not_regressed() -> None:
    baseline = make_baseline()
    compared = compare_with_baseline(baseline=baseline, run=baseline.run)

    assert (compared.regression.finding, compared.changed_items()) == ("no_regression", [])


def test_a_verdict_on_as_many_items_is_chosen() -> None:
    baseline = make_baseline()
    make_judged_run([1.0, 0.0], run=baseline.run)

    assert compare_with_baseline(baseline=baseline, run=make_judged_run(wrong_in(range(9)))).theirs.items == 200


def test_another_data_set_is_refused() -> None:
    run = make_judged_run([1.0], run=make_run(dataset=make_dataset("other")))

    with pytest.raises(Conflict, match="Different datasets: the baseline is for 'sums', this run for 'other'"):
        compare_with_baseline(baseline=make_baseline(), run=run)


def test_another_version_of_the_data_set_is_refused() -> None:
    run = make_judged_run([1.0])
    run.config_json["dataset"]["version"] = "9" * 64

    with pytest.raises(Conflict, match=r"Different rows: .* version 999999999999"):
        compare_with_baseline(baseline=make_baseline(), run=run)


@pytest.mark.parametrize("verdict", [{"split": "test"}, {"judge": "numeric_match"}, {"judge_version": "7"}])
def test_another_verdict_is_refused(verdict: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JUDGES["answer_correctness"], "version", "1", raising=False)
    run = make_judged_run(wrong_in(range(9)), **verdict)

    with pytest.raises(Conflict, match=r"was judged by .* Rejudge it with the judge of the baseline"):
        compare_with_baseline(baseline=make_baseline(), run=run)


def test_a_baseline_of_an_older_version_of_the_judge_has_a_way_out() -> None:
    baseline, version = make_baseline(), JUDGES["answer_correctness"].version
    assert baseline.judge_version != version
    run = make_judged_run(wrong_in(range(9)), judge_version=version)

    with pytest.raises(Conflict, match=f"Now answer_correctness has version {version}: rejudge this run and that of"):
        compare_with_baseline(baseline=baseline, run=run)


def test_no_verdict_is_refused() -> None:
    with pytest.raises(Conflict, match="has no verdict"):
        compare_with_baseline(baseline=make_baseline(), run=make_run())


def test_other_items_are_refused() -> None:
    with pytest.raises(Conflict, match="Different items: the baseline was judged on 200 items, this run on 2"):
        compare_with_baseline(baseline=make_baseline(), run=make_judged_run([1.0, 0.0]))


@pytest.mark.parametrize(("order", "named"), [("prompt_hash", "the baseline"), ("file", "this run")])
def test_the_first_rows_of_the_file_are_not_paired_with_a_sample(order: str, named: str) -> None:
    baseline = make_baseline(
        run=make_judged_run([1.0] * 9, row_order="file" if order == "prompt_hash" else "prompt_hash")
    )
    with pytest.raises(Conflict, match=f"judged {named} on the first rows of the file.* Rejudge {named}."):
        compare_with_baseline(baseline=baseline, run=make_judged_run([1.0] * 9, row_order=order))


def test_an_item_that_could_not_be_judged_counts_0() -> None:
    baseline = make_baseline(run=make_judged_run([1.0] * 4))
    compared = compare_with_baseline(baseline=baseline, run=make_judged_run([1.0, None, 1.0, 1.0]))

    assert (compared.comparison.losses, compared.comparison.items) == (1, 4)
    assert [(item.index, item.score) for item in compared.changed_items()] == [(1, 0.0)]
