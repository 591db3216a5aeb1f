"""A form whose fields a service checks."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.generic import FormView

from tunix.api.exceptions import InvalidInput, ServiceError

from .verbs import show_refusal


class ServiceFormPage(PermissionRequiredMixin, FormView):
    """Calls `save` with the data of the form, and redirects to the page of the saved object.

    The form has `to_data()` and `add_errors(errors)`, which shows each error of the service at its field.
    """

    def save(self, data: dict[str, Any]) -> Any:
        """Call the service. May raise ServiceError."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            saved = self.save(form.to_data())
        except InvalidInput as error:
            form.add_errors(error.errors)
            return self.form_invalid(form)
        except ServiceError as error:
            show_refusal(self.request, error)
            return self.form_invalid(form)
        return redirect(saved)
