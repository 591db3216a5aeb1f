"""API permissions: Django's model permissions, for reading too."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import DjangoModelPermissions


class ModelPermissions(DjangoModelPermissions):
    """Reading needs `view`, creating `add`, actions on an existing object `change`, deleting `delete`.

    A view without a queryset of the right model sets `permission_model`. A view whose POST adds to an existing
    object sets `is_change` and needs `change`. An action whose POST needs another permission names it in
    `post_permission`.
    """

    perms_map = DjangoModelPermissions.perms_map | {
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
        "OPTIONS": ["%(app_label)s.view_%(model_name)s"],
    }

    def has_permission(self, request: Any, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        model = getattr(view, "permission_model", None) or self._queryset(view).model
        return bool(request.user.has_perms(self._needed(request, view, model)))

    def _needed(self, request: Any, view: Any, model: Any) -> list[str]:
        if request.method == "POST" and (permission := getattr(view, "post_permission", "")):
            return [permission]
        action = getattr(view, "action", None)
        is_change = getattr(view, "is_change", False) or action not in (None, "create")
        if request.method == "POST" and is_change:
            return [f"{model._meta.app_label}.change_{model._meta.model_name}"]
        return self.get_required_permissions(request.method, model)
