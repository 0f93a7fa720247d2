"""What an input says, as the action takes it: fields by name, ids as UUIDs; and its hash, by which two are alike."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import orjson
import strawberry
from strawberry.utils.str_converters import to_camel_case

from server.query.values import Id
from server.rules.aggregates import REFERENCES
from server.schema.input import is_input
from server.schema.keys import KEYS

Action = Callable[..., Awaitable[Any]]

FRAME = ("if_version", "idempotency_key", "dry_run")  # what every verb takes, and the action mostly not
_camel = cache(to_camel_case)
_PLAIN = (str, int, bool, type(None))  # what most fields of an input hold


@cache
def prefixes_of(name: str) -> tuple[str, ...]:
    """What an id in an input's field of this name (`assignee_id`, `waits_for_ids`) begins with. Raises TypeError."""
    found = REFERENCES.get(name.removesuffix("s").removesuffix("_id"))
    if found is None:
        raise TypeError(f"{name}: whose id is it? Add the name to `called` of what it refers to, in server/rules.")
    return found


def arguments_of(action: Action, input: Any) -> dict[str, Any]:
    """The input's fields as the action takes them: ids as UUIDs, what is absent left out, inner inputs as dicts.

    A key is the id or the code that it holds.
    """
    wanted = _parameters(action)
    return {
        name: value if type(value) in _PLAIN else _plain(name, value, (_camel(name),))
        for name, value in vars(input).items()
        if value is not strawberry.UNSET and (name not in FRAME or name in wanted)
    }


@cache
def _parameters(action: Action) -> frozenset[str]:
    return frozenset(inspect.signature(action).parameters)


def _plain(name: str, value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, Id):
        return value.of(prefixes_of(name), "input", *path)
    if isinstance(value, list):
        return [_plain(name, each, (*path, str(index))) for index, each in enumerate(value)]
    if isinstance(value, KEYS):
        return _plain(name, value.code, path) if value.id is strawberry.UNSET else _plain(name, value.id, (*path, "id"))
    if is_input(type(value)):
        return {
            inner: _plain(inner, each, (*path, _camel(inner)))
            for inner, each in vars(value).items()
            if each is not strawberry.UNSET
        }
    return value


def hash_of(input: Any) -> bytes:
    """Of the input's values, but not of the key and the wish only to try."""
    values = {name: value for name, value in vars(input).items() if name not in ("idempotency_key", "dry_run")}
    text = orjson.dumps(values, default=_hashable, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS)
    return hashlib.sha256(text).digest()


def _hashable(value: Any) -> Any:
    if value is strawberry.UNSET:
        return ["UNSET"]
    return vars(value) if is_input(type(value)) else str(value)
