"""`manage.py first_visit`: creates the first administrator and prints the address."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from tunix.access.tokens import make_token
from tunix.access.web_address import web_address


class Command(BaseCommand):
    """Creates the user `admin` with a generated password, unless there is an administrator already."""

    help = "Create an administrator if there is none, and print the address, the password and an API token, only once."

    def handle(self, *args: Any, **options: Any) -> None:
        address = web_address().url
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            self.stdout.write(f"Tunix Tuning: {address}")
            return
        password = secrets.token_urlsafe(12)
        admin = users.create_superuser("admin", password=password)
        _, key = make_token(user=admin, name="first visit")
        self.stdout.write(
            f"Tunix Tuning: {address}\n"
            f"  user      admin\n"
            f"  password  {password}   (shown only once; change it with `manage.py changepassword admin`)\n"
            f"  API token {key}   (create more with `manage.py make_token admin`)"
        )
