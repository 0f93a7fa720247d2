"""Stretches of time, each from a moment until just before another: united, and one without what others take of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Stretch = tuple[datetime, datetime]
# From a moment until before another; None is open.
Span = tuple[datetime | None, datetime | None]
Spans = Sequence[Span]


def closed(span: Span) -> Stretch:
    """The same as a stretch."""
    return span[0] or EVER, span[1] or NEVER


def united(found: Iterable[Stretch]) -> list[Stretch]:
    """The same times in order, none meeting another."""
    made: list[Stretch] = []
    for start, end in sorted(each for each in found if each[0] < each[1]):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made


def without(found: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """What is left of these, united, where the others are not."""
    left = united(found)
    for start, end in taken:
        if start < end:
            cut = [piece for a, b in left for piece in ((a, min(b, start)), (max(a, end), b))]
            left = [(a, b) for a, b in cut if a < b]
    return left
