"""Are two contenders' answers, and the rows that they leave, the same?"""

from __future__ import annotations

import re
from typing import Any

from server.ids import decode

_TYPE_ID = re.compile(r"[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}")


class Different(Exception):
    """Two contenders answered differently: nothing may be timed."""


def canonical(value: Any) -> Any:
    """An answer without what only one dialect says: TypeIDs as UUIDs, no empty `errors`, no `extensions`."""
    if isinstance(value, dict):
        left_out = {"extensions"} | ({"errors"} if value.get("errors") == [] else set())
        return {name: canonical(each) for name, each in value.items() if name not in left_out}
    if isinstance(value, list):
        return [canonical(each) for each in value]
    if isinstance(value, str) and _TYPE_ID.fullmatch(value):
        return str(decode(value)[1])
    return value


def must_agree(what: str, answers: dict[str, Any]) -> None:
    """Raises Different, naming the first place at which two of these (by contender) differ."""
    (first, expected), *others = ((name, canonical(answer)) for name, answer in answers.items())
    for other, found in others:
        if place := difference(expected, found):
            raise Different(f"{what}: {first} and {other} differ at {place}")


def difference(one: Any, other: Any, path: str = "") -> str | None:
    """The first place at which two answers differ and what stands there, or None."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(name for name in other if name not in one)]:
            if name not in one or name not in other:
                return f"{path}.{name}: only in one of them"
            if found := difference(one[name], other[name], f"{path}.{name}"):
                return found
        return None
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        return next(filter(None, (difference(a, b, f"{path}[{at}]") for at, (a, b) in enumerate(pairs))), None)
    return (
        None
        if one == other and type(one) is type(other)
        else f"{path or 'the top'}: {one!r:.200} against {other!r:.200}"
    )
