"""`manage.py make_token`"""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tunix.access.models import AuthToken

from .factories import client_with


def test_the_key_is_printed(user: Any) -> None:
    out = StringIO()
    call_command("make_token", "ada", "--days", "3", stdout=out)

    assert client_with(out.getvalue().strip()).get("/api/datasets").status_code == 200
    assert AuthToken.objects.get().expiry is not None


def test_nobody_has_that_name(db: None) -> None:
    with pytest.raises(CommandError, match="no user nobody"):
        call_command("make_token", "nobody")


def test_days_must_be_in_the_future(user: Any) -> None:
    with pytest.raises(CommandError, match="Must be in the future"):
        call_command("make_token", "ada", "--days", "-1")
