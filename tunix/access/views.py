"""The page of the user's own tokens, and the audit trail of everything except jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_variables
from django.views.generic import FormView, View

from tunix.api.exceptions import InvalidInput, ServiceError
from tunix.pages.lists import ListPage

from .filters import AuditEntryFilter
from .forms import TokenForm
from .models import AuditEntry, AuthToken
from .tokens import make_token, revoke_tokens


class OtherAudit(ListPage):
    """Who did what to everything with an `AuditKind`, latest first."""

    queryset = AuditEntry.objects.all()
    filterset_class = AuditEntryFilter
    template_name = "access/audit.html"
    title = "Audit trail"


class TokenList(LoginRequiredMixin, FormView):
    """The user's tokens, and a form for a new one. The new key is only in the response to that form."""

    form_class = TokenForm
    template_name = "access/token_list.html"
    extra_context = {"title": "API tokens"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"tokens": own_tokens(self.request)}

    @sensitive_variables("key")
    def form_valid(self, form: TokenForm) -> HttpResponse:
        try:
            token, key = make_token(user=self.request.user, **form.to_data())
        except ServiceError as error:
            faults = error.errors if isinstance(error, InvalidInput) else {}
            for field, texts in (faults or {"": [error.detail]}).items():
                form.add_error(field if field in form.fields else None, texts)
            return self.form_invalid(form)
        context = self.get_context_data(form=TokenForm(), new_token=token, key=key)
        answer = self.render_to_response(context, status=201)
        answer["Cache-Control"] = "no-store"
        return answer


class TokenRevoke(LoginRequiredMixin, View):
    """Revokes one of the user's tokens."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: str) -> HttpResponse:
        if not revoke_tokens(own_tokens(request).filter(pk=pk), actor=request.user):
            raise Http404("You do not have this token.")
        messages.success(request, "The token is revoked.")
        return redirect("access:token-list")


def own_tokens(request: HttpRequest) -> QuerySet[AuthToken]:
    """The user's tokens, latest first."""
    return AuthToken.objects.filter(user=request.user).order_by("-created", "id")
