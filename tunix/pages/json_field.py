"""A form field for JSON. Invalid text is shown again as it was typed."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from rest_framework.exceptions import ParseError

from tunix.api.parsers import load_json


class JSONTextField(forms.CharField):
    """A text area whose cleaned value is the parsed JSON; None if it is empty."""

    def __init__(self, *, rows: int = 8, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "class": "json-editor", "spellcheck": "false"})
        super().__init__(widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value  # a disabled field is cleaned from its initial value
        text = super().clean(value)
        if not text:
            return None
        try:
            return load_json(text)
        except ParseError as error:
            raise forms.ValidationError(str(error.detail), code="json") from error

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else as_text(value)


def as_text(value: Any) -> str:
    """`value` as readable JSON: one line per member of an object, nested values on one line."""
    if isinstance(value, dict) and value:
        members = ",\n".join(f"  {json.dumps(name)}: {_line(member)}" for name, member in value.items())
        return f"{{\n{members}\n}}"
    return "" if value is None else _line(value)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
