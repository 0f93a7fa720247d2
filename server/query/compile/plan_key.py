"""The plan cache's key: variables without their values; what a statement can bind becomes a path.

Booleans, directions, what rows are grouped by, nulls, the keys of an input object, the length of a list of objects, an
id's prefix, a cursor's null pattern, a page size's bucket and whether a search is blank stay; the tree of what stayed
is the key under which a compilation is kept.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from server.query.values import Cursor, Id, Shaping
from server.rules.search import asked

PAGES = (0, 1, 3, 5, 10, 20, 50, 100, 200)
TOO_BIG = 201
BLANK = "blank"  # what is known of a search that has no word


@dataclass(frozen=True, slots=True)
class Bound:
    """A place in the variables, and what of its value the compilation may know."""

    path: tuple[str | int, ...]
    known: Hashable = None

    def of(self, values: Mapping[str, Any]) -> Any:
        """The value that stands there in this execution."""
        found: Any = values
        for step in self.path:
            found = found[step]
        return found


def bucket(size: int) -> int:
    """The page size rounded up to one of few, so that few texts of statements arise; -1 below 0, 201 above 200."""
    if size < 0:
        return -1
    return next((page for page in PAGES if size <= page), TOO_BIG)


def is_blank(search: str) -> bool:
    """Whether a search has no word: neither a letter nor a digit."""
    return not asked(search)


Nulls = Callable[[Cursor], tuple[bool, ...] | None]


@lru_cache(10_000)
def _bound(path: tuple[str | int, ...], known: Hashable = None) -> Bound:
    return Bound(path, known)


def outline(
    values: Mapping[str, Any],
    pages: Collection[str],
    nulls: Nulls,
    searches: Collection[str] = (),
    inputs: Collection[str] = (),
) -> dict[str, Any]:
    """Coerced variables with bindable leaves replaced by `Bound`.

    `pages` names the variables used as page sizes, `searches` those that are searched for, `inputs` those that a verb
    takes as they are: a thousand rows are no shape. `nulls` tells which of a cursor's values are null.
    """
    return {
        name: _bound((name,))
        if name in inputs and isinstance(value, (dict, list))
        else _bound((name,), bucket(value))
        if name in pages and type(value) is int
        else _bound((name,), BLANK if is_blank(value) else None)
        if name in searches and type(value) is str
        else _outline(value, (name,), nulls)
        for name, value in values.items()
    }


def _outline(value: Any, path: tuple[str | int, ...], nulls: Nulls) -> Any:
    type_ = type(value)
    if type_ is str or type_ is int:  # as nearly all are
        return _bound(path)
    match value:
        case None | bool():
            return value
        case Id():
            return _bound(path, value.prefix)
        case Cursor():
            return Bound(path, nulls(value))
        case enum.Enum() if isinstance(value, Shaping):
            return value
        case dict():
            return {key: _outline(each, (*path, key), nulls) for key, each in value.items()}
        case []:
            return value
        case list():
            if isinstance(value[0], Id) and all(isinstance(each, Id) for each in value):
                return Bound(path, frozenset(each.prefix for each in value))
            if any(each is None or isinstance(each, (dict, list, bool, enum.Enum)) for each in value):
                if all(isinstance(each, enum.Enum) and not isinstance(each, Shaping) for each in value):
                    return Bound(path, list)
                return [_outline(each, (*path, index), nulls) for index, each in enumerate(value)]
            return Bound(path, list)
        case _:
            return Bound(path)


def key(outlined: Any) -> Hashable:
    """An outline as a dictionary's key."""
    if type(outlined) is Bound:
        return ("?", outlined.known)
    match outlined:
        case dict():
            return tuple((name, key(value)) for name, value in outlined.items())
        case list():
            return ("[", *map(key, outlined))
        case _:
            assert isinstance(outlined, Hashable)
            return outlined
