"""Finds the answers of the assistant in a rendered conversation.

Few templates mark what the assistant writes, so an answer is found by rendering the conversation up to it: it begins
where the text up to the generation prompt ends, and ends where the text up to the answer ends. Some templates render a
conversation otherwise than its beginnings, such as those that leave the reasoning out of earlier answers. Then a mark
in place of the answer, or of the message after it, shows where it is. What is not found is refused, never estimated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tunix.pipeline.data.chat.conversation import Conversation
from tunix.pipeline.data.chat.rendering import NotRendered, Render, Request
from tunix.pipeline.data.messages import THINK_END, THINK_START, Message, without_thinking

MARK = "\ue000the text of this message\ue001"
"""Stands for a text, between two characters for private use that no template changes."""

Characters = tuple[int, int]
"""A half-open range of characters."""


@dataclass(frozen=True)
class RenderedConversation:
    """The text up to the end of the last answer, its first characters that are the prompt, and the answers to learn.

    `is_ended` says whether the last answer ends with an end token of the template.
    """

    text: str
    prompt_length: int
    trained: tuple[Characters, ...]
    is_ended: bool

    @property
    def prompt(self) -> str:
        return self.text[: self.prompt_length]


class NotFound(Exception):
    """Why the answers of a conversation cannot be found in its rendered text."""


def render_conversations(
    conversations: Sequence[Conversation], render: Render, ends: Sequence[str]
) -> list[RenderedConversation | NotRendered]:
    """The conversations in order. `ends` are the texts of the tokens that can end an answer. Raises ChatTemplateError.

    1. Render each whole, and up to each answer, with and without it. 2. Where these are not beginnings of the whole,
    render it again with marks. 3. Find the answers.
    """
    searches = [_Search(conversation, ends) for conversation in conversations]
    for step in (_Search.beginnings, _Search.marked):
        asked = [list(step(search)) for search in searches]
        texts = iter(render([request for requests in asked for _, request in requests]))
        for search, requests in zip(searches, asked, strict=True):
            search.texts |= {key: next(texts) for key, _ in requests}
    return [search.found() for search in searches]


def render_prompts(conversations: Sequence[Conversation], render: Render) -> list[str | NotRendered]:
    """The prompt of each conversation's last answer. Raises ChatTemplateError."""
    return render([each.request(each.last, generation_prompt=True) for each in conversations])


_WHOLE, _PROMPT, _ANSWERED, _MARKED = "whole", "prompt", "answered", "marked"
Key = tuple[str, int]


class _Search:
    """The texts of one conversation, by what was rendered, and the search for its answers."""

    def __init__(self, conversation: Conversation, ends: Sequence[str]) -> None:
        self.conversation = conversation
        self.texts: dict[Key, str | NotRendered] = {}
        self._ends = ends
        self._answers = sorted({*conversation.trained, conversation.last})

    def beginnings(self) -> Iterator[tuple[Key, Request]]:
        """The whole, and its beginnings before and after each answer."""
        yield (_WHOLE, 0), self.conversation.request()
        for index in self._answers:
            yield (_PROMPT, index), self.conversation.request(index, generation_prompt=True)
            if index != self.conversation.last:
                yield (_ANSWERED, index), self.conversation.request(index + 1)

    def marked(self) -> Iterator[tuple[Key, Request]]:
        """The whole with marks, for each answer whose beginnings are not those of the whole."""
        wanted = set()
        for index in self._answers[:-1]:
            if not self._is_beginning((_PROMPT, index)) or not self._is_beginning((_ANSWERED, index)):
                wanted |= {index, index + 1}
        for index in sorted(wanted):
            content = _marked(self.conversation.messages[index])
            yield (_MARKED, index), self.conversation.with_content(index, content)

    def found(self) -> RenderedConversation | NotRendered:
        """The conversation with its answers, or why it is refused."""
        if isinstance(whole := self.texts[_WHOLE, 0], NotRendered):
            return whole
        try:
            spans = {index: self._answer(index, whole) for index in self._answers}
            start, stop = spans[last := self.conversation.last]
            trained = (spans[index] for index in self.conversation.trained if self._is_learnt(index, whole, spans))
            return RenderedConversation(whole[:stop], start, tuple(trained), self._ends_at(whole, *spans[last]))
        except NotFound as error:
            return NotRendered(str(error))

    def _answer(self, index: int, whole: str) -> Characters:
        """Where an answer is in the whole. Raises NotFound."""
        start = self._start(index, whole)
        stop = self._stop(index, start, whole)
        message, text = self.conversation.messages[index], whole[start:stop]
        # Beside a call, a text may be missing: the templates of Llama 3 write the call alone, also when it is used.
        calls = [call.name for call in message.tool_calls]
        for part in calls or [without_thinking(message.content).strip()]:
            if part not in text:
                raise NotFound(
                    f"the chat template does not write {_quoted(part)} of messages[{index}] as it is. Use a template "
                    "that knows such messages, or leave the row out"
                )
        return start, stop

    def _start(self, index: int, whole: str) -> int:
        prompt = self.texts[_PROMPT, index]
        if isinstance(prompt, str) and whole.startswith(prompt):
            return len(prompt)
        if index == self.conversation.last:
            raise NotFound(self._why_not_asked(prompt, whole))
        return len(self._around(index, whole)[0])

    def _why_not_asked(self, prompt: str | NotRendered, whole: str) -> str:
        if isinstance(prompt, NotRendered):
            return f"the chat template cannot render the prompt of the last answer: {prompt.problem}"
        different = (place for place, (one, other) in enumerate(zip(prompt, whole, strict=False)) if one != other)
        same = next(different, min(len(prompt), len(whole)))
        return (
            f"the chat template asks for the last answer with {_quoted(prompt[same:])}, but renders the answer after "
            f"{_quoted(whole[max(0, same - 20) : same])}, so the model would be used with another prompt than it "
            "learns. Use a template that writes both alike"
        )

    def _stop(self, index: int, start: int, whole: str) -> int:
        if index == self.conversation.last:
            return self._last_end(whole, start, len(whole)) or self._end_of_text(whole, start, len(whole))
        answered = self.texts[_ANSWERED, index]
        if isinstance(answered, str) and whole.startswith(answered):
            limit = len(answered)
            return self._last_end(whole, start, limit) or self._end_of_text(whole, start, limit)
        before_next, _ = self._around(index + 1, whole)
        if stop := self._last_end(whole, start, len(before_next)):
            return stop
        return len(whole) - len(self._around(index, whole)[1])

    def _last_end(self, whole: str, start: int, limit: int) -> int:
        """Behind the last end token between `start` and `limit`; 0 if there is none."""
        places = ((whole.rfind(end, start, limit), len(end)) for end in self._ends)
        return max((place + length for place, length in places if place >= 0), default=0)

    def _end_of_text(self, whole: str, start: int, limit: int) -> int:
        return start + len(whole[start:limit].rstrip())

    def _ends_at(self, whole: str, start: int, stop: int) -> bool:
        return self._last_end(whole, start, stop) == stop

    def _around(self, index: int, whole: str) -> tuple[str, str]:
        """What is before and after the content of a message in the whole. Raises NotFound."""
        marked = self.texts[_MARKED, index]
        before, mark, after = marked.partition(MARK) if isinstance(marked, str) else ("", "", "")
        fits = whole.startswith(before) and whole.endswith(after) and len(before) + len(after) <= len(whole)
        if not mark or not fits or MARK in after:
            raise NotFound(
                f"the chat template renders messages[{index}] in a way in which the answers cannot be told from the "
                "rest. Leave the earlier turns out, or use another template"
            )
        return before, after

    def _is_beginning(self, key: Key) -> bool:
        whole, text = self.texts[_WHOLE, 0], self.texts[key]
        return isinstance(whole, str) and isinstance(text, str) and whole.startswith(text)

    def _is_learnt(self, index: int, whole: str, spans: dict[int, Characters]) -> bool:
        """Whether an answer is learnt: not if the template drops its reasoning only because more turns follow.

        The model would learn to answer without thinking, where it is to think first.
        """
        reasoning = _reasoning(self.conversation.messages[index])
        answered = self.texts.get((_ANSWERED, index))
        if not reasoning or not isinstance(answered, str):
            return True
        return reasoning in whole[slice(*spans[index])] or reasoning not in answered


def _marked(message: Message) -> str:
    """The content with the mark in place of its text, after a block of reasoning."""
    reasoning, end, _ = message.content.partition(THINK_END)
    return f"{reasoning}{end}\n\n{MARK}" if _reasoning_in(message.content) else MARK


def _reasoning(message: Message) -> str:
    return message.thinking.strip() or _reasoning_in(message.content)


def _reasoning_in(content: str) -> str:
    """The text of the block of reasoning that a content begins with."""
    inside, end, _ = content.lstrip().partition(THINK_END)
    return inside.removeprefix(THINK_START).strip() if end and inside.startswith(THINK_START) else ""


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}...")
