"""When a job must fail because of its trials."""

from tuning.domain.selection.selection import Candidate, nothing_completed, stop_reason


def failed(number, reason="diverged", error="loss is nan"):
    return Candidate(number, None, "failed", reason, error)


def unexplained(*errors):
    return [failed(number, "error", error) for number, error in enumerate(errors)]


def completed(number):
    return Candidate(number, 0.5)


def test_no_trials_no_reason():
    assert stop_reason([], 0) is None


def test_as_many_failures_as_allowed_go_on():
    assert stop_reason([failed(0), failed(1), completed(2)], 2) is None


def test_one_failure_more_ends_the_job():
    reason = stop_reason([failed(0), completed(1), failed(2, "out_of_memory"), failed(3)], 2)
    assert reason == "3 of 4 trials failed (diverged: 2, out_of_memory: 1); max_failed_trials allows at most 2."


def test_no_failure_allowed():
    assert stop_reason([failed(0)], 0) == "1 of 1 trials failed (diverged: 1); max_failed_trials allows none."


def test_same_unexplained_error_three_times():
    reason = stop_reason(unexplained("KeyError: 'x'", "KeyError: 'x'", "Traceback\n  File\nKeyError: 'x'"), 10)
    assert reason == "3 trials in a row failed with the same error: KeyError: 'x'"


def test_numbers_and_addresses_do_not_make_errors_differ():
    assert stop_reason(unexplained("bad row 3 at 0x7fa", "bad row 14 at 0x8bc", "bad row 5 at 0x1"), 10)


def test_different_errors_go_on():
    assert stop_reason(unexplained("KeyError: 'x'", "KeyError: 'y'", "KeyError: 'x'"), 10) is None


def test_a_success_between_goes_on():
    first, *rest = unexplained("boom", "boom", "boom")
    assert stop_reason([first, completed(9), *rest], 10) is None


def test_explained_failures_in_a_row_go_on():
    assert stop_reason([failed(0), failed(1), failed(2)], 10) is None


def test_nothing_completed_is_a_failure():
    assert nothing_completed([failed(0), failed(1)]) == "None of 2 trials completed (diverged: 2)."


def test_one_completed_is_enough():
    assert nothing_completed([failed(0), completed(1)]) is None


def test_one_of_several_workers_proves_no_fault_of_the_set_up():
    others = [Candidate(0, 0.5, worker="a/1")]
    bad = [Candidate(n, None, "failed", "error", "boom", worker="a/2") for n in (1, 2, 3)]
    assert stop_reason(others + bad, 9) is None


def test_the_only_worker_does():
    bad = [Candidate(n, None, "failed", "error", "boom", worker="a/2") for n in (1, 2, 3)]
    assert "3 trials in a row" in (stop_reason(bad, 9) or "")
