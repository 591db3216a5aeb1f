"""Wake-up messages for workers. They carry no state: a lost or duplicate message changes nothing."""

from __future__ import annotations

import logging
from functools import partial

from django.db import transaction
from django.utils import timezone

from tunix.pipeline.faults import fault_point

from .log_context import ids_of
from .models import LeasedWork
from .publishing import NotPublished, publish

logger = logging.getLogger(__name__)


def dispatch_on_commit(work: LeasedWork) -> None:
    """Send the wake-up once the queued row is committed: an earlier message would find nothing to claim."""
    transaction.on_commit(partial(dispatch, work), robust=True)


def dispatch(work: LeasedWork) -> bool:
    """Send the wake-up now. Returns whether the broker accepted it.

    A broker that is down or hangs is not an error: the reconciler sends the wake-up later, and a free worker looks
    into the database by itself.
    """
    fault_point("dispatch.before")
    try:
        publish(work.TASK, str(work.pk))
    except NotPublished as error:  # the queued row is committed in any case
        logger.warning("%s %s: dispatch deferred: %s", work.KIND, work.pk, error, extra=ids_of(work.KIND, work.pk))
        return False
    work.dispatched_at = timezone.now()
    # Conditional: a worker may have claimed the work by now.
    type(work).leased().filter(pk=work.pk, status=work.WAITING).update(dispatched_at=work.dispatched_at)
    return True
