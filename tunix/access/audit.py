"""Writes the audit trail of everything except jobs, which have events of their own."""

from __future__ import annotations

from typing import Any

from django.db import models

from .models import Act, AuditEntry, AuditKind


def record_act(act: Act, subject: models.Model, *, kind: AuditKind, actor: Any) -> AuditEntry:
    """Adds an entry to the audit trail. `kind` is the type of the subject; `actor` is None for commands."""
    actor = actor if actor is not None and actor.is_authenticated else None
    return AuditEntry.objects.create(
        act=act,
        actor=actor,
        actor_name=actor.get_username() if actor else "",
        subject_kind=kind,
        subject_id=str(subject.pk),
        subject=str(subject)[:200],
    )
