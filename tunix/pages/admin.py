"""Shared by the admin pages of all apps: rows that services write are shown, not edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from tunix.api.exceptions import ServiceError


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list and detail pages without forms. Actions with `permissions=["act"]` need the change permission."""

    list_per_page = 50
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list. A number in a filter that is too large for SQLite is a bad request, not a server error."""
        try:
            return super().changelist_view(request, extra_context)
        except OverflowError as error:
            raise BadRequest(str(error)) from error

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the user may call services on these rows."""
        return super().has_change_permission(request)


class CancelableAdmin(ReadOnlyAdmin):
    """Work that can be canceled: subclasses call their service in `cancel_row`."""

    actions = ["cancel"]

    @admin.action(description="Cancel the selected ones", permissions=["act"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        done = "canceled, or will be within seconds"
        act_on_rows(request, rows, done, lambda row: self.cancel_row(row, request.user))

    def cancel_row(self, row: Any, actor: Any) -> Any:
        """Call the service. May raise ServiceError."""
        raise NotImplementedError


class ReadOnlyInline(admin.TabularInline):
    """Rows of a related table below an object, without forms."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def act_on_rows(request: HttpRequest, rows: Iterable[Any], done: str, act: Callable[[Any], Any]) -> None:
    """Call `act` with each row. A refusal is shown with its row; the other rows are not affected."""
    succeeded = 0
    for row in rows:
        try:
            act(row)
        except ServiceError as error:
            messages.error(request, f"{row}: {error.detail}")
        else:
            succeeded += 1
    if succeeded:
        messages.success(request, f"{succeeded} {done}.")
