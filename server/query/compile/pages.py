"""Which page of a list is asked for, and whether it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.query.compile.plan import Page
from server.query.compile.plan_key import Bound, bucket
from server.query.declare.declaration import NESTED_MOST, NESTED_PAGE, ROOT_MOST, ROOT_PAGE
from server.query.problem import bad_input

Path = tuple[str, ...]


def asked_end(first: Any, last: Any, after: Any, before: Any, path: Path) -> str:
    """From which end a page is asked for: the argument that says how many rows, `first` or `last`.

    Raises the problem BAD_USER_INPUT where the arguments contradict each other.
    """
    for one, other, names in ((first, last, "first, last"), (after, before, "after, before")):
        if one is not None and other is not None:
            raise bad_input("both_given", *path, constraint="one_end", names=names)
    if (last is not None and after is not None) or (first is not None and before is not None):
        raise bad_input("wrong_end", *path, constraint="one_end")
    return "first" if last is None and before is None else "last"


def asked_page(arguments: Mapping[str, Any], path: Path, *, is_nested: bool) -> Page:
    """The page of a list's own arguments. Raises the problem BAD_USER_INPUT where there is no such page."""
    start, end = arguments.get("after"), arguments.get("before")
    name = asked_end(arguments.get("first"), arguments.get("last"), start, end, path)
    default, most = (NESTED_PAGE, NESTED_MOST) if is_nested else (ROOT_PAGE, ROOT_MOST)
    size: Any = default if arguments.get(name) is None else arguments[name]
    return page_of(size, most, path, name, name == "last", start is not None or end is not None)


def page_of(
    size: int | Bound, most: int, path: Path, name: str = "first", backwards: bool = False, is_continued: bool = False
) -> Page:
    """A page within its bounds. Raises the problem BAD_USER_INPUT for one that is larger."""
    rounded: Any = size.known if isinstance(size, Bound) else bucket(size)
    if not (0 <= rounded <= most if isinstance(size, Bound) else 0 <= size <= most):
        raise bad_input("page_size", *path, name, constraint=f"0..{most}", size=size)
    return Page(size, rounded, backwards, is_continued)
