"""Refusals as data: one interface, and a type for each kind that carries more than a sentence.

`as_markdown` is docs/errors.md; `make golden` prints it anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import strawberry

from server.query import codes
from server.query.declare.fields import Context, by_id
from server.query.values import Id
from server.rules.refusal import Code, Refused
from server.schema.eligibility import MissingGround, missing
from server.schema.enums import State
from server.text import LANGUAGES, constraint, sentence, template

if TYPE_CHECKING:
    from server.schema.node import Subject


@strawberry.interface(description="Why a verb was not done. Nothing of it was kept.")
class UserError:
    code: Code = strawberry.field(description="Why, for programs. Never translated.")
    message: str = strawberry.field(description="Why, and what would be right, in the caller's language.")
    path: list[str] = strawberry.field(
        description="The input's field at fault, outermost first; empty when no field is."
    )


@strawberry.type(description="The viewer may not do this, or not now.")
class NotPermitted(UserError):
    pass


@strawberry.type(description="There is nothing with this id or code that the viewer may see.")
class NotFound(UserError):
    pass


@strawberry.type(description="A value cannot be taken.")
class InvalidInput(UserError):
    constraint: str = strawberry.field(description="What would be right, such as `0 to 100`; in the caller's language.")


@strawberry.type(description="What must be there once is there already, or was done under this key.")
class Conflict(UserError):
    about_id: strawberry.Private[Id | None] = None
    existing: Subject | None = by_id(
        "What exists; null where the viewer may not see it, where it is no subject, and in an allowed action.",
        attribute="about_id",
        of_verb=True,
    )


@strawberry.type(description="The thing is in a state from which this move does not lead.")
class MoveNotAllowed(UserError):
    from_: State = strawberry.field(name="from", description="The state it is in.")
    to: State = strawberry.field(description="The state that was asked for.")
    allowed: list[State] = strawberry.field(description="The states that can be reached from here.")


@strawberry.type(description="Somebody changed it since it was read.")
class StaleVersion(UserError):
    current: int = strawberry.field(description="Its version now.")
    about_id: strawberry.Private[Id | None] = None
    subject: Subject | None = by_id(
        "The thing as it is now, whose `history` tells who changed what since; null where that is hidden.",
        attribute="about_id",
        of_verb=True,
    )


@strawberry.type(description="There may not be more of them.")
class LimitReached(UserError):
    limit: int = strawberry.field(description="How many there may be.")


@strawberry.type(description="The request's record shows no ground on which to report it.")
class NotEligible(UserError):
    missing: list[MissingGround] = strawberry.field(description="Each ground, what it lacks, and when it could arise.")


concrete = (NotPermitted, NotFound, InvalidInput, Conflict, MoveNotAllowed, StaleVersion, LimitReached, NotEligible)

_CONSTRAINED = frozenset(
    {
        *(Code.REQUIRED, Code.OUT_OF_RANGE, Code.TOO_LONG, Code.TOO_MANY, Code.MALFORMED, Code.IN_THE_FUTURE),
        *(Code.WRONG_KIND, Code.WRONG_PLAN, Code.WRONG_ORGANISATION, Code.SAME_ORGANISATION, Code.CIRCULAR_WAIT),
        Code.GIVEN_TWICE,
    }
)


_CARRIES_MORE: Mapping[Code, type[UserError]] = {
    Code.NOT_FOUND: NotFound,
    Code.MOVE_NOT_ALLOWED: MoveNotAllowed,
    Code.STALE_VERSION: StaleVersion,
    Code.LIMIT_REACHED: LimitReached,
    Code.NOT_ELIGIBLE: NotEligible,
    Code.ALREADY_EXISTS: Conflict,
    Code.KEY_REUSED: Conflict,
    **dict.fromkeys(_CONSTRAINED, InvalidInput),
}


def type_of(code: Code) -> type[UserError]:
    """The typed error that a refusal with this code becomes."""
    return _CARRIES_MORE.get(code, NotPermitted)


def user_error(refused: Refused, context: Context) -> UserError:
    """The typed error of a refusal, its sentence in the caller's language and on the city's clock."""
    language = context.language
    facts: Mapping[str, Any] = refused.facts
    more: dict[str, Any] = {}
    error = type_of(refused.code)
    if error is MoveNotAllowed:
        more = {
            "from_": State[facts["from_"].name],
            "to": State[facts["to"].name],
            "allowed": [State[each.name] for each in facts["allowed"]],
        }
    elif error is StaleVersion:
        more = {"current": facts["current"], "about_id": _about(facts)}
    elif error is LimitReached:
        more = {"limit": facts["limit"]}
    elif error is NotEligible:
        more = {"missing": [missing(each, language) for each in facts["missing"]]}
    elif error is Conflict:
        more = {"about_id": _about(facts)}
    told = {
        name: fact.astimezone(context.zone) if isinstance(fact, dt.datetime) else fact for name, fact in facts.items()
    }
    message = sentence(language, "refusal", refused.code.name, **told)
    if error is InvalidInput:  # where no bound says what would be right, the sentence does
        more = {"constraint": constraint(language, str(facts.get("constraint", ""))) or message}
    return error(code=refused.code, message=message, path=list(refused.path), **more)


def to_keep(refused: Refused, context: Context) -> dict[str, Any]:
    """A refusal as a key keeps it: its error in every language, in plain JSON."""
    kept: dict[str, Any] = {}
    for language in LANGUAGES:
        error = vars(user_error(refused, replace(context, language=language)))
        kept[language] = {name: value for name, value in error.items() if value is not None}
    return kept


def kept_error(kept: Mapping[str, Any], context: Context) -> UserError:
    """The typed error that was kept, in the caller's language."""
    given = dict(kept[context.language])
    code = Code(given.pop("code"))
    if "from_" in given:
        given |= {"from_": State[given["from_"]], "to": State[given["to"]]}
        given["allowed"] = [State[each] for each in given["allowed"]]
    if "about_id" in given:
        given["about_id"] = Id.parse(given["about_id"])
    return type_of(code)(code=code, **given)


def _about(facts: Mapping[str, Any]) -> Id | None:
    return None if (text := facts.get("about")) is None else Id.parse(text)


def as_markdown() -> str:
    """docs/errors.md: the codes of requests, and every refusal with its type and its sentence in both languages."""
    rows = [
        f"| `{code.name}` | `{type_of(code).__name__}` | {template('en', 'refusal', code.name)} "
        f"| {template('id', 'refusal', code.name)} |"
        for code in sorted(Code)
    ]
    return "\n".join(
        [
            "# Errors",
            "",
            "Printed by `make golden`; a test keeps it fresh. Messages, hints and `constraint` are in the caller's",
            "language, codes never.",
            "",
            "## Of requests",
            "",
            "What is not carried out, or not all of it: `errors` of the answer, each with `message` and",
            "`extensions.code`; one about a field, an argument or an input's field has its `extensions.coordinate`",
            "(`Task.progress`). Outside GraphQL `application/problem+json` with `detail` and `code`. On a WebSocket",
            "the operation gets its own `error` message, over Server-Sent Events an event `next` with `errors`.",
            "A change's refusals are no such errors: they stand in its payload. From `server/query/codes.py`.",
            "",
            *codes.as_markdown(),
            "",
            "## Refusals",
            "",
            "What `errors` of a payload and `refusals` of an allowed action can hold. From `server/schema/errors.py`;",
            "`{name}` is a fact of the case; what needs a missing fact is left out.",
            "",
            "| code | type | in English | in Indonesian |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )
