"""Who waits for whom: one organisation's tasks, requests and orders that go on once another has acted.

What everybody may know alone: tasks outside drafts, and requests; nothing of a case. What is read here is SQL over
templates (query/declare/fields.py); what it comes to is counted below.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID


class WaitKind(StrEnum):
    """What is waited for."""

    TASK = "TASK"
    ANSWER = "ANSWER"
    QUESTION = "QUESTION"
    COUNTER = "COUNTER"
    RULING = "RULING"
    DELIVERY = "DELIVERY"
    CONFIRMATION = "CONFIRMATION"
    DISPUTE = "DISPUTE"
    ORDER = "ORDER"


class WaitSide(StrEnum):
    """Whose waits are counted together."""

    HOLDER = "HOLDER"
    WAITER = "WAITER"


_OPEN: Final = "IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')"
_MAYORS_OFFICE: Final = "(SELECT x.id FROM {table:organisation} x WHERE x.kind = 'MAYORS_OFFICE')"
_STARTER: Final = "(CASE r.kind WHEN 'NEED' THEN r.asker_id ELSE r.giver_id END)"
_ANSWERER: Final = "(CASE r.kind WHEN 'NEED' THEN r.giver_id ELSE r.asker_id END)"
# A dependency has no moment of its own; its id begins with that of the verb which made it.
_MADE_AT: Final = "to_timestamp(('x' || left(replace(d.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)"
# State of a request → kind, who must act, who waits, since when. The first that holds.
_OF_REQUESTS: Final = (
    (
        "r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL",
        "RULING",
        _MAYORS_OFFICE,
        "r.asker_id",
        "r.ruling_asked_at",
    ),
    ("r.status = 'OPEN' AND r.question_asked_at IS NOT NULL", "QUESTION", _STARTER, _ANSWERER, "r.question_asked_at"),
    ("r.status = 'OPEN'", "ANSWER", _ANSWERER, _STARTER, "r.answer_started_at"),
    ("r.status = 'COUNTERED'", "COUNTER", _STARTER, _ANSWERER, "r.counter_made_at"),
    ("r.status = 'ACCEPTED'", "DELIVERY", "r.giver_id", "r.asker_id", "r.accepted_at"),
    ("r.status = 'DELIVERED'", "CONFIRMATION", "r.asker_id", "r.giver_id", "r.delivered_at"),
    ("r.status = 'DISPUTED'", "DISPUTE", "r.giver_id", "r.asker_id", "r.disputed_at"),
)


def _case(place: int) -> str:
    whens = (f"WHEN {each[0]} THEN {each[place] if place > 1 else repr(each[1])}" for each in _OF_REQUESTS)
    return f"CASE {' '.join(whens)} END"


def _is_public(task: str) -> str:
    return f"{task}.status {_OPEN} AND {task}.draft_of_id IS NULL AND {task}.archived_at IS NULL"


# Columns: kind, holder_id, waiter_id, since, task_id (what the holder is to do), waiting_task_id, request_id.
_DEPENDENCIES: Final = (
    f"SELECT 'TASK' AS kind, o.organisation_id AS holder_id, u.organisation_id AS waiter_id, {_MADE_AT} AS since,"
    " o.id AS task_id, u.id AS waiting_task_id, NULL::uuid AS request_id"
    " FROM {table:task_dependency} d JOIN {table:task} u ON u.id = d.task_id JOIN {table:task} o"
    f" ON o.id = d.waits_for_id WHERE {_is_public('u')} AND {_is_public('o')}"
)
_REQUESTS: Final = (
    f"SELECT {_case(1)}, {_case(2)}, {_case(3)}, coalesce({_case(4)}, r.created_at), r.commitment_id, NULL::uuid, r.id"
    " FROM {table:collaboration_request} r"
    " WHERE r.status IN ('OPEN', 'COUNTERED', 'ACCEPTED', 'DELIVERED', 'DISPUTED')"
)
_ORDERS: Final = (
    f"SELECT 'ORDER', q.organisation_id, {_MAYORS_OFFICE}, q.created_at, q.id, NULL::uuid, NULL::uuid"
    f" FROM {{table:task}} q WHERE q.is_ordered AND {_is_public('q')}"
)
WAITS: Final = f"({_DEPENDENCIES} UNION ALL {_REQUESTS} UNION ALL {_ORDERS})"
# Nobody waits for themselves.
BETWEEN: Final = "w.holder_id <> w.waiter_id"


def waits_of(organisation: str) -> str:
    """`WAITS`, and of requests only those in which this organisation (SQL for its id) may have a part, by indexes."""
    sides = (
        f"(r.asker_id = {organisation} OR r.giver_id = {organisation}"
        " OR r.status = 'OPEN' AND r.ruling_asked_at IS NOT NULL)"
    )
    return f"({_DEPENDENCIES} UNION ALL {_REQUESTS} AND {sides} UNION ALL {_ORDERS})"


class WaitCount(NamedTuple):
    """How many waits of one kind between two organisations began on one day."""

    kind: WaitKind
    holder_id: UUID
    waiter_id: UUID
    since: date
    number: int


@dataclass(slots=True)
class WaitGroup:
    """All waits of one side's organisation: how many of each kind, and how old they are in working days."""

    organisation_id: UUID
    kinds: Counter[WaitKind] = field(default_factory=Counter)
    working_days: int = 0
    longest: int = 0

    @property
    def count(self) -> int:
        return self.kinds.total()


def wait_groups(counts: Iterable[WaitCount], by: WaitSide, age: Callable[[date], int]) -> list[WaitGroup]:
    """By organisation, who has the most working days of waiting first. `age`: of what began on a day."""
    groups: dict[UUID, WaitGroup] = {}
    for each in counts:
        whose = each.holder_id if by is WaitSide.HOLDER else each.waiter_id
        group, days = groups.setdefault(whose, WaitGroup(whose)), age(each.since)
        group.kinds[each.kind] += each.number
        group.working_days += days * each.number
        group.longest = max(group.longest, days)
    return sorted(groups.values(), key=lambda group: (-group.working_days, -group.count, group.organisation_id))


Link = tuple[UUID, UUID]


def longest_chain(links: Iterable[Link], whose: Mapping[UUID, UUID]) -> Sequence[UUID]:
    """The chain of things, each of which waits for the next, that goes from one organisation to another most often; of
    several the one with the most links, then the first by ids. Empty where none goes to another organisation.

    `whose`: the organisation of each. A circle, which requests can close, is followed up to where it began.
    """
    next_: dict[UUID, list[UUID]] = defaultdict(list)
    for waiting, other in sorted(set(links)):
        next_[waiting].append(other)
    # What follows from a thing: organisations crossed, links, and the way's next thing.
    best: dict[UUID, tuple[int, int, UUID | None]] = {}
    for start in sorted(next_):
        path, on_path = [(start, iter(next_[start]))], {start}
        while path:
            here, others = path[-1]
            if here not in best and (onward := next(others, None)) is not None:
                if onward not in best and onward not in on_path:
                    path.append((onward, iter(next_.get(onward, ()))))
                    on_path.add(onward)
                continue
            if here not in best:
                ways = [
                    (best[each][0] + (whose[here] != whose[each]), best[each][1] + 1, each)
                    for each in next_.get(here, ())
                    if each in best
                ]
                best[here] = max(ways, key=lambda way: (way[0], way[1], -way[2].int), default=(0, 0, None))
            path.pop()
            on_path.discard(here)
    first = max(best, key=lambda id_: (best[id_][0], best[id_][1], -id_.int), default=None)
    if first is None or best[first][0] == 0:
        return ()
    chain = [first]
    while (following := best[chain[-1]][2]) is not None:
        chain.append(following)
    return chain
