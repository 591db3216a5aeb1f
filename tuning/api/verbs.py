"""Actions of viewsets that are made from the table of verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ..services.verb import Verb

ViewSet = TypeVar("ViewSet", bound="type[VerbActions]")


class VerbActions:
    """A viewset whose targets have verbs."""

    post_permission = ""

    def perform_verb(self, verb: Verb, request: Request, **address: str) -> Response:
        """Perform a verb on the target that the address names, and answer with the target."""
        raise NotImplementedError


def with_verbs(verbs: Mapping[str, Verb], describe: Callable[[Verb], dict[str, Any]]) -> Callable[[ViewSet], ViewSet]:
    """Gives a viewset an action for each verb that is `POST /<name>`. Where it has a method of that name, that stays.

    `describe` gives the request and the responses of a verb for the OpenAPI description.
    """

    def decorate(viewset: ViewSet) -> ViewSet:
        for name, verb in verbs.items():
            if not verb.request and not hasattr(viewset, name):
                setattr(viewset, name, verb_action(verb, **describe(verb))(_performing(verb)))
        return viewset

    return decorate


def verb_action(verb: Verb, **described: Any) -> Callable[[Any], Any]:
    """Makes a method the action of a verb, with the permission and the words of its row."""

    def decorate(method: Any) -> Any:
        method.__doc__ = verb.effect
        routed = action(detail=True, methods=["post"], post_permission=verb.permission)(method)
        return extend_schema(summary=verb.summary, **described)(routed)

    return decorate


def words_of(verb: Verb) -> dict[str, str]:
    """The OpenAPI description of a verb whose request is not a `POST /<name>`."""
    return {"summary": verb.summary, "description": verb.effect}


def _performing(verb: Verb) -> Callable[..., Response]:
    def perform(self: VerbActions, request: Request, **address: str) -> Response:
        return self.perform_verb(verb, request, **address)

    perform.__name__ = verb.name
    return perform
