"""The seeds of a job: the same for the same question, different for any other."""

from __future__ import annotations

from tuning.domain.selection.seeds import seed_of


def test_a_seed_depends_on_job_role_and_index_alone():
    asked = [(salt, role, index) for salt in ("a", "b") for role in ("ranking", "proof") for index in range(4)]
    seeds = [seed_of(*question) for question in asked]
    assert len(set(seeds)) == len(asked)
    assert seeds == [seed_of(*question) for question in asked]


def test_a_seed_is_the_same_in_every_version():
    # The first 4 bytes of sha256sum of a/proof/3, without the last bit.
    assert seed_of("a", "proof", 3) == 0xA2F38E49 >> 1


def test_a_seed_suits_every_generator():
    assert all(0 <= seed_of("job", "proof", index) < 2**31 for index in range(1000))
