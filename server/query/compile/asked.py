"""What a list is asked for, without what asks nothing: blank searches, and conditions whose variables are undefined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.query.compile.plan_key import Bound, is_blank


def asked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A list's coerced arguments: a blank search is none, a filter has only what it asks."""
    found = dict(arguments)
    match found.get("search"):
        case Bound(known="blank") | None:
            found.pop("search", None)
        case str() as text if is_blank(text):
            del found["search"]
    if found.get("filter") is not None:
        found["filter"] = conditions(found["filter"])
    return found


def conditions(filter_: Mapping[str, Any]) -> dict[str, Any]:
    """A filter without the objects that ask nothing: `{}`, which is also what undefined variables leave.

    An object that asks nothing is true of every row, so `not: {}` is of none. No list gets shorter: errors name its
    places. Null stays, and is refused where it is written.
    """
    found: dict[str, Any] = {}
    for name, value in filter_.items():
        if name == "not" and isinstance(value, Mapping):
            found[name] = conditions(value)
        elif isinstance(value, Mapping):
            if kept := conditions(value):
                found[name] = kept
        elif name in ("and", "or") and isinstance(value, list):
            each = [conditions(one) if isinstance(one, Mapping) else one for one in value]
            if any(each) or (name == "or" and not each):
                found[name] = each
        else:
            found[name] = value
    return found
