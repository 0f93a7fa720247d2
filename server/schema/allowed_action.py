"""What the viewer may do with a thing now: the rules' own answers, before anybody asks by trying."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, TypeVar

import strawberry

from server.query.declare.declaration import Argument
from server.query.declare.fields import Context, derived
from server.rules.fact import FACTS, facts_of
from server.rules.refusal import refused
from server.rules.viewer import Viewer
from server.schema.enums import VERB_OF, Verb
from server.schema.errors import UserError, user_error

Facts = TypeVar("Facts")
Asked = Mapping[str, Any]  # the arguments of `allowedActions` that are given, by their names in the API
Verbs = Mapping[str, Callable[[Viewer, Facts, dt.date], None]]


@strawberry.type(description="A verb on a thing: whether the viewer may do it now, and if not, why.")
class AllowedAction:
    verb: Verb = strawberry.field(description="Which verb.")
    is_allowed: bool = strawberry.field(description="True: the mutation succeeds with valid values.")
    refusals: list[UserError] = strawberry.field(
        description="The very errors that the mutation would return; empty when it is allowed."
    )
    available_at: dt.datetime | None = strawberry.field(
        description="When it could become allowed by the passing of time alone; null when it depends on more."
    )


VERBS_PER_ROW = 2  # so many rules are gone through, and told of, while a row is fetched and written
VERBS = "These verbs alone; left out, all. A list that shows one button asks for one."
IS_ALLOWED = "Those alone that are allowed, or with false those that are not; left out, both."
ARGUMENTS = {"verbs": Argument(list[Verb], "", VERBS), "is_allowed": Argument(bool, "", IS_ALLOWED)}


def offered(*verbs: tuple[type[Any], Verbs[Any]], within: bool = False) -> Any:
    """The field `allowedActions` of a row: the verbs on it, each with the facts that their rules take.

    `within`: some are done in it rather than with it.
    """
    what = "with it or in it" if within else "with it"
    needs = {f"{kind.__name__}_{name}": place for kind, _ in verbs for name, place in FACTS[kind].places.items()}

    def make(values: Any, context: Context, asked: Asked) -> list[AllowedAction]:
        given = iter(values)
        known = [(facts_of(kind, given, context), of_kind) for kind, of_kind in verbs]
        return [each for facts, of_kind in known for each in actions(of_kind, facts, context, asked)]

    count = sum(len(of_kind) for _, of_kind in verbs)
    return offered_by(needs, make, f"What the viewer may do {what} now, and why not the rest.", count)


def offered_by(
    needs: Mapping[str, str], make: Callable[[Any, Context, Asked], list[AllowedAction]], text: str, count: int
) -> Any:
    """The field `allowedActions` of a row, made from what it needs; `make` is handed which are asked for. `count`: how
    many verbs there are."""

    def price(arguments: Mapping[str, Any]) -> int:
        named = arguments.get("verbs")  # those of a variable are not known yet
        return ceil((min(len(named), count) if isinstance(named, list) else count) / VERBS_PER_ROW)

    priced = f"{text} Of each row all {count} cost as much as {price({})} rows, fewer `verbs` less." if count else text
    return derived(needs, make, priced, arguments=ARGUMENTS, price=price)


def actions(verbs: Verbs[Facts], facts: Facts, context: Context, asked: Asked) -> list[AllowedAction]:
    """What is said of those of these verbs that are asked for; no rule of another is gone through."""
    wanted, is_allowed = asked.get("verbs"), asked.get("isAllowed")
    found = (
        _action(verb, may, facts, context) for verb, may in verbs.items() if wanted is None or VERB_OF[verb] in wanted
    )
    return [each for each in found if is_allowed in (None, each.is_allowed)]


def _action(verb: str, may: Callable[[Viewer, Facts, dt.date], None], facts: Facts, context: Context) -> AllowedAction:
    refusal = refused(may, context.viewer, facts, context.today)
    at = None if refusal is None else refusal.facts.get("available_at")
    return AllowedAction(
        verb=VERB_OF[verb],
        is_allowed=refusal is None,
        refusals=[] if refusal is None else [user_error(refusal, context)],
        available_at=at if isinstance(at, dt.datetime) else None,
    )
