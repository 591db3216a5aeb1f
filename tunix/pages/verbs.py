"""A button: a POST that calls one service and shows its refusal as a message."""

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

MAX_DIGITS = 9  # more than any number in a form needs, and few enough for `int` to be cheap


class VerbView(PermissionRequiredMixin, SingleObjectMixin, View):
    """Calls `act` with the object and redirects to its page.

    Subclasses define `act`, and `done`, the message after success.
    """

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
            show_refusal(request, error)
            return redirect(self.back_url(target))
        messages.success(request, self.done)
        return redirect(self.next_url(target, result))

    def back_url(self, target: Any) -> Any:
        """Where to go after a refusal: the page of the object, unless the form is on another page."""
        return target

    def next_url(self, target: Any, result: Any) -> Any:
        """Where to go after success: the page of what the service returned, or of the object itself."""
        return result or target


def number_or_text(text: str) -> int | str:
    """A form field as a number. Any other text is returned as it is, for the service to refuse."""
    return int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else text


def cleaned_data(form: forms.Form) -> dict[str, Any]:
    """The cleaned data of a form. Raises InvalidInput with each error under the label of its field."""
    if form.is_valid():
        return form.cleaned_data
    faults = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    raise InvalidInput({str(form[name].label) if name in form.fields else name: faults[name] for name in faults})


def show_refusal(request: HttpRequest, error: ServiceError) -> None:
    """Shows why a service refused: one message per error, or its one sentence."""
    faults = [f"{path}: {text}" for path, texts in error.errors.items() for text in texts]
    for text in faults or [error.detail]:
        messages.error(request, text)
