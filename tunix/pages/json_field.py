"""A form field in which somebody writes JSON, kept as it was typed when it has faults."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from rest_framework.exceptions import ParseError

from tunix.api.parsers import load_json


class JSONTextField(forms.CharField):
    """Text that is JSON; cleaned into its value. Empty text is None."""

    def __init__(self, *, rows: int = 8, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "class": "json-editor", "spellcheck": "false"})
        super().__init__(widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value  # the initial value of a field that is disabled
        text = super().clean(value)
        if not text:
            return None
        try:
            return load_json(text)
        except ParseError as error:
            raise forms.ValidationError(_sentence(error), code="json") from error

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else as_text(value)


def as_text(value: Any) -> str:
    """`value` as JSON for people: an object's members on lines of their own, what is in them on one line."""
    if isinstance(value, dict) and value:
        members = ",\n".join(f"  {json.dumps(name)}: {_line(member)}" for name, member in value.items())
        return f"{{\n{members}\n}}"
    return "" if value is None else _line(value)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sentence(error: ParseError) -> str:
    cause = error.__cause__
    if isinstance(cause, json.JSONDecodeError):
        return f"This is not JSON. Line {cause.lineno}, column {cause.colno}: {cause.msg}."
    return str(error.detail)
