from __future__ import annotations

from tunix.pipeline.data.chat.token_spans import token_spans


def test_a_range_has_the_tokens_of_its_characters() -> None:
    assert token_spans([(0, 2), (2, 5), (5, 6)], [(0, 2), (2, 6), (5, 6)]) == [(0, 1), (1, 3), (2, 3)]


def test_a_token_across_the_beginning_belongs_to_the_range() -> None:
    assert token_spans([(0, 2), (2, 5), (5, 6)], [(3, 6)]) == [(1, 3)]


def test_tokens_of_one_character_stay_together() -> None:
    assert token_spans([(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)], [(1, 2), (2, 3)]) == [(1, 4), (4, 5)]


def test_white_space_whose_offsets_were_trimmed_keeps_its_place() -> None:
    assert token_spans([(0, 1), (3, 3), (4, 7)], [(1, 7)]) == [(1, 3)]
