"""The form of a new token."""

from __future__ import annotations

from typing import Any

from django import forms

from .tokens import expiry_in_days

LIFETIMES = [("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "never expires")]


class TokenForm(forms.Form):
    """The name of a token and its lifetime."""

    name = forms.CharField(
        max_length=100, label="Name", help_text="What uses the token, such as the name of a machine."
    )
    lifetime = forms.ChoiceField(choices=LIFETIMES, required=False, initial="90", label="Expires after")

    @property
    def fieldsets(self) -> list[tuple[str, list[Any]]]:
        return [("New token", list(self))]

    def to_data(self) -> dict[str, Any]:
        """The arguments of `make_token`."""
        days = self.cleaned_data["lifetime"]
        return {"name": self.cleaned_data["name"], "expires_at": expiry_in_days(int(days) if days else None)}
