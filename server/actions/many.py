"""One verb on many things at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from server.events.log import Recorded
from server.rules import bounds
from server.rules.refusal import Code, Refused

Act = Callable[[UUID, tuple[str, ...]], Awaitable[Recorded]]


async def each_of(ids: Sequence[UUID], limit: int, name: str, act: Act) -> Recorded:
    """Each once, in the order of ids, in which everybody locks them; the event of the first that was named.

    `name`: of the input that holds them, at most `limit`.
    """
    bounds.at_least_one(ids, limit, name)
    events: dict[UUID, Recorded] = {}
    for number, id_ in sorted(enumerate(ids), key=lambda each: each[1]):
        path = (name, str(number))
        if id_ in events:
            raise Refused(Code.ALREADY_EXISTS, *path)
        try:
            events[id_] = await act(id_, path)
        except Refused as refused:
            if refused.path[:1] == path[:1] or len(ids) == 1:
                raise  # of the only one it is what `allowedActions` tells
            raise Refused(refused.code, *path, **refused.facts) from refused
    return events[ids[0]]
