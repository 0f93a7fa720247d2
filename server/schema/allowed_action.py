"""What the viewer may do with a thing now: the rules' own answers, before anybody asks by trying."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import strawberry

from server.query.declare.fields import Context
from server.query.values import city_time
from server.rules.refusal import refused
from server.rules.viewer import Viewer
from server.schema.errors import UserError, user_error
from server.text import sentence

Facts = TypeVar("Facts")
Verbs = Mapping[str, Callable[[Viewer, Facts, dt.date], None]]


@strawberry.type(description="A verb on a thing: whether the viewer may do it now, and if not, why.")
class AllowedAction:
    verb: str = strawberry.field(description="The mutation's name.")
    label: str = strawberry.field(description="What a button for it says, in the caller's language.")
    is_allowed: bool = strawberry.field(description="True: the mutation succeeds with valid values.")
    refusals: list[UserError] = strawberry.field(
        description="The very errors that the mutation would return; empty when it is allowed."
    )
    available_at: dt.datetime | None = strawberry.field(
        description="When it could become allowed by the passing of time alone; null when it depends on more."
    )


def allowed_actions(
    verbs: Verbs[Facts], facts: Callable[[Any, Context], Facts]
) -> Callable[[Any, Context], list[AllowedAction]]:
    """How a `derived` field makes its list: `facts` from the values that it needs."""

    def make(values: Any, context: Context) -> list[AllowedAction]:
        known = facts(values, context)
        return [_action(verb, may, known, context) for verb, may in verbs.items()]

    return make


def _action(verb: str, may: Callable[[Viewer, Facts, dt.date], None], facts: Facts, context: Context) -> AllowedAction:
    refusal = refused(may, context.viewer, facts, context.today)
    at = None if refusal is None else refusal.facts.get("available_at")
    return AllowedAction(
        verb=verb,
        label=sentence(context.language, "verb", verb),
        is_allowed=refusal is None,
        refusals=[] if refusal is None else [user_error(refusal, context.language)],
        available_at=city_time(at) if isinstance(at, dt.datetime) else None,
    )
