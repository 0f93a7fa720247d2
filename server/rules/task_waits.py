"""What tasks wait for, directly or through others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID


def chain(starts: Iterable[UUID], edges: Mapping[UUID, Collection[UUID]]) -> set[UUID]:
    """These tasks and all that they wait for, directly or through others."""
    reached: set[UUID] = set()
    waiting = list(starts)
    while waiting:
        task_id = waiting.pop()
        if task_id not in reached:
            reached.add(task_id)
            waiting.extend(edges.get(task_id, ()))
    return reached


def circle(starts: Iterable[UUID], edges: Mapping[UUID, Collection[UUID]]) -> list[UUID]:
    """A circle through one of these tasks, each waiting for the next and the last for the first; none: empty."""
    for start in starts:
        before: dict[UUID, UUID] = {}  # of each task that is waited for, who waits
        following = [start]
        while following:
            one = following.pop()
            for other in edges.get(one, ()):
                if other == start:
                    way = [one]
                    while way[-1] != start:
                        way.append(before[way[-1]])
                    return way[::-1]
                if other not in before:
                    before[other] = one
                    following.append(other)
    return []
