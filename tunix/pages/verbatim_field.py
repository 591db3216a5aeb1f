"""A form field for text whose blanks and line ends count."""

from __future__ import annotations

from typing import Any

from django import forms


class VerbatimTextField(forms.CharField):
    """A text area whose text is not stripped. Browsers send CR LF at the end of a line; the cleaned value has LF."""

    def __init__(self, *, rows: int = 2, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
        super().__init__(widget=widget, strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n")
