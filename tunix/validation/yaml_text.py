"""The strict part of reading YAML from outside: no key twice, only text as keys, no aliases."""

from __future__ import annotations

from typing import Any, NoReturn

import yaml

from tunix.validation.json_text import appears_twice


class StrictLoader(yaml.SafeLoader):
    """YAML's safe loader, which also refuses a key that appears twice, a key that is not text, and aliases.

    A subclass decides what its scalars mean. The refusals are `yaml.MarkedYAMLError`, which name the line.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):  # a few lines of them can stand for billions of values
            self.refuse("aliases are not supported; write the value out", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                written = key_node.value if isinstance(key_node, yaml.ScalarNode) else key
                self.refuse(f"the key {written} must be text; put it in quotation marks", key_node.start_mark)
            if key in mapping:
                self.refuse(appears_twice(key), key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping

    def refuse(self, problem: str, mark: Any) -> NoReturn:
        """Raises yaml.MarkedYAMLError."""
        raise yaml.constructor.ConstructorError(None, None, problem, mark)


def line_of(error: yaml.MarkedYAMLError) -> int:
    """The line that an error is about, from 1; 0 where it is about none."""
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 0


def problem_of(error: yaml.MarkedYAMLError) -> str:
    """What is wrong, as a sentence without a full stop. PyYAML puts one half of some sentences into the context."""
    problem = error.problem or str(error)
    return f"{error.context}, {problem}" if error.context and problem.startswith("but ") else problem
