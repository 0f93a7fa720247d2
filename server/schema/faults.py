"""All that is wrong with the fields of a verb's input, for whoever fills in a form; and what is no fault at all."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection
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

Begin = Callable[[], AbstractAsyncContextManager[Transaction]]


async def all_faults(
    first: Refused, action: Callable[..., Awaitable[object]], arguments: dict[str, Any], begin: Begin
) -> list[Refused]:
    """What is wrong with an input's fields, not the first alone: a form is to be mended at once.

    A rule stops at the first fault. So the verb is tried without the field at fault, or with a good text where it needs
    one, as a dry run that is rolled back, until no field is at fault or one that cannot be left out.
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
    return faults


def is_so_already(refused: Refused) -> bool:
    """Whether a verb has nothing to do: an import that is run again succeeds. A path says that a field is at fault."""
    return refused.code is Code.NOTHING_TO_CHANGE and not refused.path


def id_in(input: Any, prefixes: Collection[str]) -> UUID | None:
    """The id of what a verb acts on, as its input names it: one with one of these prefixes."""
    for name, value in vars(input).items():
        if name.endswith("_id") and isinstance(value, Id) and value.prefix in prefixes:
            return value.uuid
    return None
