"""The form that adds a folder as a base model."""

from __future__ import annotations

from typing import Any

from django import forms

from tunix.api.exceptions import Errors

FOLDERS = "model-folders"
"""The id of the list of folders in the template."""


class AdditionForm(forms.Form):
    """The folder, and what it will be called. The service checks both."""

    base_model_id = forms.CharField(
        max_length=63, label="Name", help_text="a to z, 0 to 9, hyphen, underscore and dot, such as smollm2-135m."
    )
    folder = forms.CharField(
        max_length=1000,
        widget=forms.TextInput(attrs={"list": FOLDERS}),
        help_text="A folder on the server in the layout of Hugging Face. It is used where it is.",
    )
    license = forms.CharField(max_length=200, required=False, help_text="Empty: what the folder states.")
    project = forms.CharField(max_length=64, initial="default", help_text="Groups models.")

    def fieldsets(self) -> list[tuple[str, list[forms.BoundField]]]:
        """All fields, with a legend."""
        return [("Model", list(self))]

    def to_data(self) -> dict[str, Any]:
        """The equivalent request body of the API."""
        return dict(self.cleaned_data)

    def add_errors(self, errors: Errors) -> None:
        """Adds the errors of the service to their fields; those of a file to the folder, with the file's name."""
        for path, texts in errors.items():
            head, _, file = path.partition(".")
            for text in texts:
                self.add_error(head if head in self.fields else None, f"{file}: {text}" if file else text)
