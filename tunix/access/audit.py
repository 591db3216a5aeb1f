"""Writing the audit trail of things that keep no events of their own."""

from __future__ import annotations

from typing import Any

from django.db import models

from .models import Act, AuditEntry, AuditKind


def record_act(act: Act, subject: models.Model, *, kind: AuditKind, actor: Any) -> AuditEntry:
    """One more line of the audit trail; `kind` says what the subject is, `actor` is None for commands."""
    actor = actor if actor is not None and actor.is_authenticated else None
    return AuditEntry.objects.create(
        act=act,
        actor=actor,
        actor_name=actor.get_username() if actor else "",
        subject_kind=kind,
        subject_id=str(subject.pk),
        subject=str(subject)[:200],
    )
