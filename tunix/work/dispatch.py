"""Waking a worker up. The message carries no state: losing it, or getting it twice, changes nothing."""

from __future__ import annotations

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from django.utils import timezone

from tunix.pipeline.faults import fault_point

from .log_context import ids_of
from .models import LeasedWork

logger = logging.getLogger(__name__)


def dispatch_on_commit(work: LeasedWork) -> None:
    """Send the wake-up once the row that it is about is committed."""
    transaction.on_commit(partial(dispatch, work), robust=True)


def dispatch(work: LeasedWork) -> bool:
    """Send the wake-up now. A broker that is down is no error: the reconciler sends it later.

    Returns whether the broker took the message.
    """
    fault_point("dispatch.before")
    try:
        current_app.send_task(work.TASK, args=[str(work.pk)])
    except Exception as error:  # whatever the transport raises, the queued row stays the truth
        logger.warning("%s %s: dispatch deferred: %s", work.KIND, work.pk, error, extra=ids_of(work.KIND, work.pk))
        return False
    work.dispatched_at = timezone.now()
    type(work).leased().filter(pk=work.pk, status=work.WAITING).update(dispatched_at=work.dispatched_at)
    return True
