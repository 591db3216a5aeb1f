from __future__ import annotations

import pytest

from tunix.pipeline.data.labels import MOST_LABELS, answered_with, labels_of
from tunix.pipeline.data.messages import Message
from tunix.pipeline.data.rows import DatasetError, Row


def test_labels_are_the_distinct_answers_in_order() -> None:
    assert labels_of([Row("1", "yes"), Row("2", "no"), Row("3", "yes")]) == ["no", "yes"]


@pytest.mark.parametrize("answers", [1, MOST_LABELS + 1])
def test_there_is_a_choice_only_among_a_few(answers: int) -> None:
    with pytest.raises(DatasetError, match=f"have {answers} different answers.*leave out the judge's option"):
        labels_of([Row(str(number), str(number)) for number in range(answers)])


def test_another_answer_of_a_conversation_is_its_last_turn() -> None:
    row = Row.of_messages((Message("user", "Is it?"), Message("assistant", "yes", thinking="Well.")))
    found = answered_with(row, "no")
    assert (found.prompt, found.answer) == (row.prompt, "no")
    assert found == Row.of_messages((Message("user", "Is it?"), Message("assistant", "no")))
