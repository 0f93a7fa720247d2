"""Many rows in one call: how many, what becomes of the rest when one is refused, and which are the same thing."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum

MOST = 1_000  # rows of one call
FIELD = "rows"  # of the input that holds them


class BulkMode(StrEnum):
    """What becomes of the other rows of a call when one of them is refused."""

    ATOMIC = "ATOMIC"
    PARTIAL = "PARTIAL"


def twins(keys: Sequence[Hashable | None]) -> Mapping[int, int]:
    """The rows that name the same thing as another, by their numbers, each with the first other one.

    Which of them is right nobody knows, so none is. None names nothing.
    """
    first: dict[Hashable, int] = {}
    found: dict[int, int] = {}
    for number, key in enumerate(keys):
        if key is None:
            continue
        other = first.setdefault(key, number)
        if other != number:
            found[number] = other
            found.setdefault(other, number)
    return found
