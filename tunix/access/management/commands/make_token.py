"""`manage.py make_token`: creates an API token for a user and prints its key."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from tunix.access.tokens import expiry_in_days, make_token
from tunix.api.exceptions import ServiceError, in_words


class Command(BaseCommand):
    """Creates a token and prints its key, which is not stored."""

    help = "Create an API token for USER and print its key, which cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--days", type=int, help="days until it expires (default: never)")

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        try:
            _, key = make_token(user=user, name=options["name"], expires_at=expiry_in_days(options["days"]))
        except ServiceError as error:
            raise CommandError(in_words(error)) from error
        self.stdout.write(key)
