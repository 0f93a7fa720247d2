"""Refusals as data: one interface, and a type for each kind that carries more than a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from server.rules.refusal import Code, Refused
from server.text import Language, constraint, sentence


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
    constraint: str = strawberry.field(
        description="What would be right, such as `0..100`; in the caller's language where it takes words."
    )


@strawberry.type(description="The thing is in a state from which this move does not lead.")
class MoveNotAllowed(UserError):
    from_: str = strawberry.field(name="from", description="The state it is in.")
    to: str = strawberry.field(description="The state that was asked for.")
    allowed: list[str] = strawberry.field(description="The states that can be reached from here.")


@strawberry.type(description="Somebody changed it since it was read.")
class StaleVersion(UserError):
    current: int = strawberry.field(description="Its version now.")


@strawberry.type(description="There may not be more of them.")
class LimitReached(UserError):
    limit: int = strawberry.field(description="How many there may be.")


concrete = (NotPermitted, NotFound, InvalidInput, MoveNotAllowed, StaleVersion, LimitReached)

_CONSTRAINED = frozenset(
    {Code.REQUIRED, Code.OUT_OF_RANGE, Code.TOO_LONG, Code.TOO_MANY, Code.MALFORMED, Code.IN_THE_FUTURE}
)


def user_error(refused: Refused, language: Language) -> UserError:
    """The typed error of a refusal, its sentence in this language."""
    facts: Mapping[str, Any] = refused.facts
    told = {
        "code": refused.code,
        "message": sentence(language, "refusal", refused.code.name, **facts),
        "path": list(refused.path),
    }
    match refused.code:
        case Code.NOT_FOUND:
            return NotFound(**told)
        case Code.MOVE_NOT_ALLOWED:
            allowed = [str(state) for state in facts["allowed"]]
            return MoveNotAllowed(**told, from_=str(facts["from_"]), to=str(facts["to"]), allowed=allowed)
        case Code.STALE_VERSION:
            return StaleVersion(**told, current=facts["current"])
        case Code.LIMIT_REACHED:
            return LimitReached(**told, limit=facts["limit"])
        case code if code in _CONSTRAINED:
            return InvalidInput(**told, constraint=constraint(language, str(facts.get("constraint", ""))))
        case _:
            return NotPermitted(**told)
