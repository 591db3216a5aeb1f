"""A verb behind a button: POST only, one service, and what it refuses told as a message."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import View
from django.views.generic.detail import SingleObjectMixin

from tunix.api.exceptions import InvalidInput, ServiceError


class VerbView(PermissionRequiredMixin, SingleObjectMixin, View):
    """Does `act` with the object and goes back to its page. Subclasses give `act` and `done`, what to say then."""

    http_method_names = ["post", "options"]
    done = ""

    def act(self, target: Any) -> Any:
        """Call the service. May raise ServiceError."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        target = self.get_object()
        try:
            result = self.act(target)
        except ServiceError as error:
            tell(request, error)
            return redirect(self.back_url(target))
        messages.success(request, self.done)
        return redirect(self.next_url(target, result))

    def back_url(self, target: Any) -> Any:
        """Where to go when it was refused: to the object, unless the form stands elsewhere."""
        return target

    def next_url(self, target: Any, result: Any) -> Any:
        """Where to go after success: what the service gave back, or the object itself."""
        return result or target


def whole_number_or_text(text: str) -> int | str:
    """What a form sent as a number; as it is where it is none, or longer than any number of ours."""
    return int(text) if text.isdecimal() and len(text) < 10 else text


def cleaned(form: forms.Form) -> dict[str, Any]:
    """What a form holds. Raises InvalidInput, each fault under the label that the form shows."""
    if form.is_valid():
        return form.cleaned_data
    faults = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    raise InvalidInput({str(form[name].label) if name in form.fields else name: faults[name] for name in faults})


def tell(request: HttpRequest, error: ServiceError) -> None:
    """What a service refused, as messages: one for each fault, or the one sentence."""
    faults = [f"{path}: {text}" for path, texts in error.errors.items() for text in texts]
    for text in faults or [error.detail]:
        messages.error(request, text)
