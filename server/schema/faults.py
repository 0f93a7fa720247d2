"""All that is wrong with the fields of a verb's input, for whoever fills in a form; and what is no fault at all."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import asyncpg
from strawberry.utils.str_converters import to_snake_case

from server.actions.transaction import Transaction
from server.query.values import Id
from server.rules.refusal import Code, Refused
from server.schema.errors import InvalidInput, NotFound, type_of

MOST_FAULTS = 10  # that are told at once: each takes a try
OF_FIELDS = (InvalidInput, NotFound)
GOOD_TEXT = "x"  # fits every text's bounds
# By which other fields a field is judged, as an action names them: where one of those is at fault, nobody knows yet
# whether this one is.
JUDGED_BY: Mapping[str, Collection[str]] = {
    "about_id": ("organisation",),
    "asker": ("organisation",),
    "baseline": ("target_value",),
    "givers": ("organisation",),
    "milestones": ("due_on", "target_value"),
    "target_id": ("work_plan_id",),
    "target_value_to": ("target_value",),
    "to_account_id": ("organisation",),
}
# What is wrong with a value whatever else is given.
OF_ITSELF = frozenset({Code.NOT_FOUND, Code.TOO_LONG, Code.TOO_MANY})

Begin = Callable[[], AbstractAsyncContextManager[Transaction]]


async def all_faults(
    first: Refused, action: Callable[..., Awaitable[object]], arguments: dict[str, Any], begin: Begin
) -> list[Refused]:
    """What is wrong with an input's fields, not the first alone: a form is to be mended at once.

    A rule stops at the first fault. So the verb is tried without the field at fault, or with a good text where it needs
    one, as a dry run that is rolled back, until no field is at fault or one that cannot be left out. What may be at
    fault only because of another one that is, or was left out for that, is left out as well, and not told.
    """
    faults = [first]
    while len(faults) < MOST_FAULTS:
        name = to_snake_case(faults[-1].path[0])
        given = arguments.pop(name, None)
        if given is None:
            break
        parameter = inspect.signature(action).parameters.get(name)
        if parameter is not None and parameter.default is inspect.Parameter.empty:
            if not isinstance(given, str):
                break
            arguments[name] = GOOD_TEXT
        try:
            async with begin() as tx:
                tx.is_dry_run = True
                await action(tx, **arguments)
            break
        except asyncpg.PostgresError:  # a deadlock, a time that is over: what is known is told
            break
        except Refused as refused:
            told = {each.path[0] for each in faults}
            if type_of(refused.code) not in OF_FIELDS or not refused.path or refused.path[0] in told:
                break
            faults.append(refused)
    names = {to_snake_case(each.path[0]) for each in faults}
    return [each for each in faults if each.code in OF_ITSELF or names.isdisjoint(judged_by(each))]


def judged_by(refused: Refused) -> Collection[str]:
    """The other fields by which the one at fault is judged."""
    return JUDGED_BY.get(to_snake_case(refused.path[0]), ())


def is_so_already(refused: Refused) -> bool:
    """Whether a verb has nothing to do: an import that is run again succeeds. A path says that a field is at fault."""
    return refused.code is Code.NOTHING_TO_CHANGE and not refused.path


def id_in(input: Any, prefixes: Collection[str]) -> UUID | None:
    """The id of what a verb acts on, as its input names it: one with one of these prefixes."""
    for name, value in vars(input).items():
        if name.endswith("_id") and isinstance(value, Id) and value.prefix in prefixes:
            return value.uuid
    return None
