"""Which page of a list is asked for, and whether it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.query.compile.plan import Page
from server.query.compile.plan_key import Bound, bucket
from server.query.declare.declaration import NESTED_MOST, NESTED_PAGE, ROOT_MOST, ROOT_PAGE
from server.query.problem import bad_input

Path = tuple[str, ...]


def asked_page(arguments: Mapping[str, Any], path: Path, *, is_nested: bool) -> Page:
    """The page of a list's own arguments. Raises the problem BAD_USER_INPUT where they contradict each other."""
    first, last = arguments.get("first"), arguments.get("last")
    start, end = arguments.get("after"), arguments.get("before")
    for one, other, names in ((first, last, "first, last"), (start, end, "after, before")):
        if one is not None and other is not None:
            raise bad_input("both_given", *path, constraint="one_end", names=names)
    if (last is not None and start is not None) or (first is not None and end is not None):
        raise bad_input("wrong_end", *path, constraint="one_end")
    backwards = last is not None or end is not None
    default, most = (NESTED_PAGE, NESTED_MOST) if is_nested else (ROOT_PAGE, ROOT_MOST)
    size: Any = last if last is not None else first
    if size is None:
        size = default
    name = "last" if last is not None else "first"
    return page_of(size, most, path, name, backwards, start is not None or end is not None)


def page_of(
    size: int | Bound, most: int, path: Path, name: str = "first", backwards: bool = False, is_continued: bool = False
) -> Page:
    """A page within its bounds. Raises the problem BAD_USER_INPUT for one that is larger."""
    rounded: Any = size.known if isinstance(size, Bound) else bucket(size)
    if not (0 <= rounded <= most if isinstance(size, Bound) else 0 <= size <= most):
        raise bad_input("page_size", *path, name, constraint=f"0..{most}", size=size)
    return Page(size, rounded, backwards, is_continued)
