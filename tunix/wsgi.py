"""WSGI entry point, for gunicorn."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunix.settings")
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_readable_content_type(application: Application) -> Application:
    """Leaves out parameters that name a charset of their own (`a*=x''y`): Django fails on one it does not know
    while it makes the request, before any error can be told.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        kind, _, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        readable = environ | {"CONTENT_TYPE": kind} if "*" in parameters else environ
        return application(readable, start_response)

    return answer


application = with_readable_content_type(get_wsgi_application())
