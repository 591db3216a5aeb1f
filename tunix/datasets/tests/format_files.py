"""One small file of each format that people have, and the messages of its first row, written by hand.

A pair has the messages `user` and `assistant`. Templates can be compared on them, independent of what imports them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CALL = {"name": "weather", "arguments": {"city": "Bern", "days": 2}}
TOOL_CALL = {"id": "c1", "type": "function", "function": CALL}


@dataclass(frozen=True)
class FormatFile:
    """A file; `messages` in the form that chat templates take, `untrained` the turns that are context."""

    name: str
    data: str
    messages: list[dict[str, Any]]
    shape: str
    tools: list[dict[str, Any]] = field(default_factory=list)
    rejected: str = ""
    untrained: tuple[int, ...] = ()


def said(*turns: str) -> list[dict[str, Any]]:
    """Messages such as `user: Hello`."""
    return [{"role": role, "content": text} for role, _, text in (turn.partition(": ") for turn in turns)]


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def cells(*values: str) -> str:
    return ",".join('"' + value.replace('"', '""') + '"' for value in values) + "\n"


HELLO = said("system: Be brief.", "user: Hello", "assistant: Hi.", "user: Who are you?", "assistant: A model.")
ASKED = said("user: Is it cold in Bern?")
FORMATS = [
    FormatFile("prompt-completion.jsonl", lines({"prompt": "2+2=", "completion": " 4"}),
               said("user: 2+2=", "assistant: 4"), "prompt and answer"),
    FormatFile("trl-conversational.jsonl", lines({"prompt": HELLO[:4], "completion": HELLO[4:]}), HELLO,
               "prompt and completion as messages"),
    FormatFile("messages.jsonl", lines({"messages": HELLO}), HELLO, "messages"),
    FormatFile("messages.csv", "id,messages\n" + "1," + cells(json.dumps(HELLO)), HELLO, "messages"),
    FormatFile(
        "openai-weights.jsonl",
        lines({"messages": [*HELLO[:2], {**HELLO[2], "weight": 0}, *HELLO[3:]]}),
        HELLO, "messages", untrained=(2,),
    ),
    FormatFile(
        "openai-tools.jsonl",
        lines({
            "messages": [
                *ASKED,
                {"role": "assistant", "content": None, "tool_calls": [
                    {**TOOL_CALL, "function": {**CALL, "arguments": json.dumps(CALL["arguments"])}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "-3"},
                *said("assistant: Yes, -3 degrees."),
            ],
            "tools": [WEATHER], "parallel_tool_calls": False,
        }),
        [*ASKED, {"role": "assistant", "content": "", "tool_calls": [TOOL_CALL]},
         {"role": "tool", "content": "-3", "tool_call_id": "c1"}, *said("assistant: Yes, -3 degrees.")],
        "messages", tools=[WEATHER],
    ),
    FormatFile(
        "thinking.jsonl",
        lines({"messages": [*ASKED, {"role": "assistant", "reasoning_content": "January.", "content": "Yes."}]}),
        [*ASKED, {"role": "assistant", "content": "Yes.", "reasoning_content": "January."}], "messages",
    ),
    FormatFile(
        "think-block.jsonl", lines({"messages": said("user: 2+2=", "assistant: <think>\nEasy.\n</think>\n\n4")}),
        said("user: 2+2=", "assistant: <think>\nEasy.\n</think>\n\n4"), "messages",
    ),
    FormatFile(
        "sharegpt.json",
        json.dumps([{"id": "x", "conversations": [
            {"from": who, "value": message["content"]}
            for who, message in zip(("system", "human", "gpt", "human", "gpt"), HELLO, strict=True)]}]),
        HELLO, "ShareGPT",
    ),
    FormatFile(
        "sharegpt-tools.jsonl",
        lines({"system": "Be exact.", "tools": json.dumps([WEATHER["function"]]), "conversations": [
            {"from": "human", "value": "Is it cold in Bern?"}, {"from": "function_call", "value": json.dumps(CALL)},
            {"from": "observation", "value": "-3"}, {"from": "gpt", "value": "Yes."}]}),
        [*said("system: Be exact."), *ASKED,
         {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": CALL}]},
         {"role": "tool", "content": "-3"}, *said("assistant: Yes.")],
        "ShareGPT", tools=[WEATHER["function"]],
    ),
    FormatFile("alpaca.json", json.dumps([{"instruction": "Add.", "input": "1 and 2", "output": "3"}], indent=1),
               said("user: Add.\n\n1 and 2", "assistant: 3"), "Alpaca"),
    FormatFile(
        "alpaca-history.jsonl",
        lines({"instruction": "Who are you?", "input": "", "output": "A model.", "system": "Be brief.",
               "history": [["Hello", "Hi."]]}),
        HELLO, "Alpaca",
    ),
    FormatFile("dolly.jsonl", lines({"instruction": "Add.", "context": "1 and 2", "response": "3", "category": "x"}),
               said("user: Add.\n\n1 and 2", "assistant: 3"), "Dolly"),
    FormatFile("preferences.jsonl", lines({"prompt": "Sky?", "chosen": "Blue.", "rejected": "Green."}),
               said("user: Sky?", "assistant: Blue."), "preferences with a prompt", rejected="Green."),
    FormatFile(
        "preferences-messages.jsonl",
        lines({"prompt": HELLO[:4], "chosen": HELLO[4:], "rejected": said("assistant: A cat.")}),
        HELLO, "preferences with a prompt", rejected="A cat.",
    ),
    FormatFile("ultrafeedback.jsonl", lines({"prompt": "Hello", "chosen": HELLO, "score_chosen": 8.5,
                                             "rejected": [*HELLO[:4], *said("assistant: A cat.")]}),
               HELLO, "preferences with a prompt", rejected="A cat."),
    FormatFile("implicit.jsonl", lines({"chosen": "The sky is blue.", "rejected": "The sky is green."}),
               said("user: The sky is", "assistant: blue."), "preferences that share their prompt", rejected="green."),
    FormatFile(
        "implicit-marks.jsonl",
        lines({key: f"\n\nHuman: Hello\n\nAssistant: Hi.\n\nHuman: Who are you?\n\nAssistant: {answer}"
               for key, answer in (("chosen", "A model."), ("rejected", "A cat."))}),
        HELLO[1:], "preferences that share their prompt", rejected="A cat.",
    ),
    FormatFile("orca.tsv", "system\tquestion\tchosen\trejected\nBe brief.\tHello\tHi.\tGo.\n",
               said("system: Be brief.", "user: Hello", "assistant: Hi."), "preferences with a prompt", rejected="Go."),
    FormatFile("system-prompt.csv", "system_prompt,question,response\nBe brief.,Hello,Hi.\n",
               said("system: Be brief.", "user: Hello", "assistant: Hi."), "prompt and answer"),
]  # fmt: skip
