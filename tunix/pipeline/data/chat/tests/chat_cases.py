"""Chat templates of the kinds that stock models have, written for these tests, and conversations to render with them.

`tiny_tokenizer` is a tokenizer that has the special tokens of all of them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL_TOKENS = (
    "<pad>",
    "<bos>",
    "<eos>",
    "<|begin|>",
    "<|end|>",
    "<|head|>",
    "<|body|>",
    "<|stop|>",
    "<turn>",
    "</turn>",
)
BOS, EOS = "<bos>", "<eos>"

# A default system prompt, calls of tools, and results of tools as turns of the user: as Qwen 2.5.
DEFAULT_SYSTEM = """\
{%- set first = messages[0]['content'] if messages[0]['role'] == 'system' else 'You help.' %}
{{- '<|begin|>system\\n' + first }}
{%- if tools %}
    {{- '\\n\\nTools:' }}
    {%- for tool in tools %}
        {{- '\\n' }}
        {{- tool | tojson }}
    {%- endfor %}
{%- endif %}
{{- '<|end|>\\n' }}
{%- for message in messages %}
    {%- if message.role == 'tool' %}
        {%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}
            {{- '<|begin|>user' }}
        {%- endif %}
        {{- '\\n<result>' + message.content + '</result>' }}
        {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}
            {{- '<|end|>\\n' }}
        {%- endif %}
    {%- elif message.role != 'system' or not loop.first %}
        {{- '<|begin|>' + message.role + '\\n' + message.content }}
        {%- for call in message.tool_calls %}
            {{- '\\n<call>{"name": "' + call.function.name + '", "arguments": ' }}
            {{- call.function.arguments | tojson }}
            {{- '}</call>' }}
        {%- endfor %}
        {{- '<|end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|begin|>assistant\\n' }}
{%- endif %}
"""

# Headers, trimmed texts, the date, tools in the first turn of the user, one call a turn: as Llama 3.
HEADERS = """\
{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] | trim %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set system = '' %}
    {%- set rest = messages %}
{%- endif %}
{{- '<|head|>system<|body|>\\n\\nToday: ' + strftime_now('%d %b %Y') + '\\n\\n' + system + '<|stop|>' }}
{%- for message in rest %}
    {%- if message.role == 'user' and loop.first and tools is not none %}
        {{- '<|head|>user<|body|>\\n\\nCall one of these:\\n\\n' }}
        {%- for tool in tools %}
            {{- tool | tojson(indent=4) + '\\n\\n' }}
        {%- endfor %}
        {{- message.content | trim + '<|stop|>' }}
    {%- elif message.tool_calls %}
        {%- if message.tool_calls | length != 1 %}
            {{- raise_exception('One call a turn!') }}
        {%- endif %}
        {%- set call = message.tool_calls[0].function %}
        {{- '<|head|>assistant<|body|>\\n\\n{"name": "' + call.name + '", "parameters": ' }}
        {{- call.arguments | tojson + '}<|stop|>' }}
    {%- elif message.role == 'tool' %}
        {{- '<|head|>results<|body|>\\n\\n' + message.content | tojson + '<|stop|>' }}
    {%- else %}
        {{- '<|head|>' + message.role + '<|body|>\\n\\n' + message.content | trim + '<|stop|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|head|>assistant<|body|>\\n\\n' }}
{%- endif %}
"""

# The system prompt in the first turn of the user, other names of roles, turns that must alternate: as Gemma 3.
MERGED_SYSTEM = """\
{{ bos_token }}
{%- if messages[0].role == 'system' -%}
    {%- set before = messages[0].content + '\\n\\n' -%}
    {%- set rest = messages[1:] -%}
{%- else -%}
    {%- set before = '' -%}
    {%- set rest = messages -%}
{%- endif -%}
{%- for message in rest -%}
    {%- if (message.role == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception('user and assistant must take turns') }}
    {%- endif -%}
    {%- set role = 'model' if message.role == 'assistant' else message.role -%}
    {{ '<turn>' + role + '\\n' + (before if loop.first else '') }}
    {%- if message.content is string -%}
        {{ message.content | trim }}
    {%- endif -%}
    {{ '</turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ '<turn>model\\n' }}
{%- endif -%}
"""

# The reasoning of answers before the last question is left out: as Qwen 3.
REASONING = """\
{%- set ns = namespace(last=messages | length - 1, seek=true) %}
{%- for message in messages[::-1] %}
    {%- if ns.seek and message.role == 'user' %}
        {%- set ns.seek = false %}
        {%- set ns.last = messages | length - 1 - loop.index0 %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if message.role == 'assistant' %}
        {%- set thought = '' %}
        {%- if message.reasoning_content is string %}
            {%- set thought = message.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set thought = content.split('</think>')[0].split('<think>')[-1].strip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {{- '<|begin|>assistant\\n' }}
        {%- if loop.index0 > ns.last and (loop.last or thought) %}
            {{- '<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' }}
        {%- endif %}
        {{- content }}
        {%- for call in message.tool_calls %}
            {{- '\\n<call>' }}
            {{- {'name': call.function.name, 'arguments': call.function.arguments} | tojson }}
            {{- '</call>' }}
        {%- endfor %}
        {{- '<|end|>\\n' }}
    {%- elif message.role == 'tool' %}
        {{- '<|begin|>user\\n<result>' + content + '</result><|end|>\\n' }}
    {%- else %}
        {{- '<|begin|>' + message.role + '\\n' + content + '<|end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|begin|>assistant\\n' }}
{%- endif %}
"""

# No marks of turns, the end token after answers alone, spaces around texts, marks of generation: as Mistral and others.
INSTRUCTIONS = """\
{{ bos_token }}{% for message in messages %}
    {% if message['role'] == 'user' %}
{{ '[ASK] ' + message['content'] + ' [/ASK]' }}
    {%- elif message['role'] == 'assistant' %}
{% generation %}{{ ' ' + message['content'] + ' ' + eos_token }}{% endgeneration %}
    {%- elif message['role'] == 'system' %}
{{ '[RULE] ' + message['content'] + ' [/RULE]' }}
    {%- else %}
{% continue %}
    {%- endif %}
{% endfor %}
"""

TEMPLATES = {
    "default system": DEFAULT_SYSTEM,
    "headers": HEADERS,
    "merged system": MERGED_SYSTEM,
    "reasoning": REASONING,
    "instructions": INSTRUCTIONS,
}

Case = dict[str, Any]

_SYSTEM = {"role": "system", "content": "Answer in one word."}
_TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a town <now>",
        "parameters": {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]},
    },
}


def _user(text: str) -> Case:
    return {"role": "user", "content": text}


def _assistant(text: str, **more: Any) -> Case:
    return {"role": "assistant", "content": text, **more}


def _call(town: str) -> Case:
    return {"name": "weather", "arguments": {"town": town, "days": 1, "exact": True}}


def _result(text: str) -> Case:
    return {"role": "tool", "name": "weather", "content": text}


CONVERSATIONS: dict[str, Case] = {
    "one turn": {"messages": [_user("Capital of France?"), _assistant("Paris")]},
    "system": {"messages": [_SYSTEM, _user("Capital of Italy?"), _assistant("Rome")]},
    "several turns": {
        "messages": [
            _SYSTEM,
            _user("2 + 2?"),
            _assistant("4"),
            _user("And 3?"),
            _assistant("7"),
            _user("5?"),
            _assistant("12"),
        ]
    },
    "reasoning": {
        "messages": [
            _user("Is 91 prime?"),
            _assistant("No", thinking="7 x 13 is 91."),
            _user("Is 97?"),
            _assistant("Yes", thinking="No factor up to 9."),
        ]
    },
    "reasoning in the text": {
        "messages": [
            _user("Is 51 prime?"),
            _assistant("<think>\n3 x 17.\n</think>\n\nNo"),
            _user("Is 53?"),
            _assistant("<think>\nNone.\n</think>\n\nYes"),
        ]
    },
    "tool": {
        "messages": [
            _user("Warm in Bern?"),
            _assistant("", tool_calls=[_call("Bern")]),
            _result("7 °C"),
            _assistant("No"),
        ],
        "tools": [_TOOL],
    },
    "tools in two turns": {
        "messages": [
            _SYSTEM,
            _user("Where is it warmer, Bern or Rom?"),
            _assistant("I look.", tool_calls=[_call("Bern"), _call("Rom")], thinking="Two calls."),
            _result("7"),
            _result("21"),
            _assistant("Rom", thinking="21 > 7"),
            _user("And Oslo?"),
            _assistant("", tool_calls=[_call("Oslo")]),
            _result("-3"),
            _assistant("Colder"),
        ],
        "tools": [_TOOL],
    },
    "other scripts": {"messages": [_user("Wie heißt 猫 auf Русский? 👩‍🚀"), _assistant("кошка 🐈 e\u0301")]},
    "white space": {"messages": [_user("  indented\n\n\tcode \n"), _assistant("\n  if x:\n    pass\n\n ")]},
    "control tokens": {
        "messages": [_user("What does <|end|> do? <eos>"), _assistant("It ends {{ a }} <b>&amp; turn</b>")]
    },
}


def as_transformers_takes_it(case: Case) -> tuple[list[Case], list[Case] | None]:
    """Messages and tools in the form of Hugging Face's documentation: calls are functions, `reasoning_content`."""
    messages = []
    for message in case["messages"]:
        plain = {key: value for key, value in message.items() if key not in ("thinking", "tool_calls")}
        if "thinking" in message:
            plain["reasoning_content"] = message["thinking"]
        if "tool_calls" in message:
            plain["tool_calls"] = [{"type": "function", "function": call} for call in message["tool_calls"]]
        messages.append(plain)
    return messages, case.get("tools")


def tiny_tokenizer() -> Tokenizer:
    """A byte-level BPE, trained on the texts of the conversations."""
    return Tokenizer.from_str(_trained())


@cache
def _trained() -> str:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken(text, special=True, normalized=False) for text in SPECIAL_TOKENS]
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [message["content"] for case in CONVERSATIONS.values() for message in case["messages"]]
    tokenizer.train_from_iterator(["system\nYou help.", "user\n", "assistant\n", "model\n", *texts], trainer)
    tokenizer.add_tokens(["<think>", "</think>"])
    return tokenizer.to_str()
