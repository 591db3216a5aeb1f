"""API tokens, permissions granted to groups, and the audit trail."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from knox.models import AbstractAuthToken


class AuthToken(AbstractAuthToken):
    """A named token. Only the hash of its key is stored, and its first characters in `token_key`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=128, unique=True, editable=False)
    name = models.CharField(max_length=100)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "token"
        ordering = ["created", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_token_a_name")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def prefix(self) -> str:
        """The first characters of the key, to recognise the token."""
        return self.token_key[:6]

    @property
    def is_expired(self) -> bool:
        return self.expiry is not None and self.expiry <= timezone.now()


class GroupGrant(models.Model):
    """Records that `groups.py` granted a group this permission; it outlives both, so that it is granted only once."""

    group = models.CharField(max_length=150)
    permission = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["group", "permission"], name="one_grant_a_permission")]

    def __str__(self) -> str:
        return f"{self.group}: {self.permission}"


class Act(models.TextChoices):
    """What was done."""

    CREATED = "created", "created"
    IMPORTED = "imported", "imported"
    CHANGED = "changed", "changed"
    CANCELED = "canceled", "canceled"
    DELETED = "deleted", "deleted"
    EXPORTED = "exported", "exported"
    TOKEN_MADE = "token_made", "token made"
    TOKEN_REVOKED = "token_revoked", "token revoked"


class AuditKind(models.TextChoices):
    """The type of object it was done to. Values are stored for ever: change labels, never values."""

    DATASET = "data set", "dataset"
    BASE_MODEL = "base model", "base model"
    RUN = "run", "run"
    EVALUATION = "evaluation", "evaluation"
    BASELINE = "baseline", "baseline"
    TOKEN = "token", "token"


class AuditEntry(models.Model):
    """Who did what to which object, as text that outlives both user and object. Entries are never changed.

    Jobs have events of their own with more detail.
    """

    act = models.CharField(max_length=32, choices=Act.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True)
    subject_kind = models.CharField(max_length=64, choices=AuditKind.choices)
    subject_id = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"])]

    def __str__(self) -> str:
        who, what = self.actor_name or "the machine", self.get_subject_kind_display()
        return f"{who}: {self.get_act_display()} {what} {self.subject}"
