"""Who waits for whom, as the API says it: of one organisation, and over the city."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from server.actions import wait as actions
from server.ids import encode
from server.query.declare.declaration import NESTED_PAGE
from server.query.declare.fields import Context, add_field, by_id, derived, in_batch
from server.query.run.execution import Batch
from server.query.values import Id
from server.rules.wait import BETWEEN, WaitKind, WaitSide, waits_of
from server.rules.workdays import age
from server.schema.context import request
from server.schema.enums import described
from server.schema.node import Subject
from server.schema.organisation import Organisation

if TYPE_CHECKING:
    from server.schema.collaboration import Request
    from server.schema.task import Task

described(
    WaitKind,
    "What one organisation waits for from another.",
    TASK="A task that another task waits for.",
    ANSWER="The answer to a request or an offer.",
    QUESTION="The answer to a question that was asked back.",
    COUNTER="The answer to other terms.",
    RULING="Whose a request is, as the mayor's office says.",
    DELIVERY="What was promised.",
    CONFIRMATION="Whether a delivery came.",
    DISPUTE="Taking a disputed delivery up again.",
    ORDER="What the mayor's office ordered.",
)
described(
    WaitSide,
    "Whose waits are counted together.",
    HOLDER="Of whoever must act.",
    WAITER="Of whoever waits.",
)
MOST, MOST_GROUPS = 50, 500


@strawberry.type(
    description="One organisation waits for another: for a task, an answer, a delivery, an order. What everybody may "
    "know alone; nothing of a case, and nothing of a draft."
)
class Wait:
    kind: WaitKind = strawberry.field(description="What is waited for.")
    holder_id: strawberry.Private[UUID | None] = None
    holder: Organisation = by_id("Who must act.")
    waiter_id: strawberry.Private[UUID | None] = None
    waiter: Organisation = by_id("Who waits.")
    started_at: dt.datetime = strawberry.field(description="Since when.")
    working_days: int = strawberry.field(description="For how many working days; the day on which it began is none.")
    task_id: strawberry.Private[UUID | None] = None
    task: Task | None = by_id("What the holder is to do: the task, the order or the commitment; null when it is none.")
    waiting_task_id: strawberry.Private[UUID | None] = None
    waiting_task: Task | None = by_id("The task that waits for it; null unless a task waits.")
    request_id: strawberry.Private[UUID | None] = None
    request: Request | None = by_id("The request of which it is a part; null when of none.")


@strawberry.type(description="How many waits there are of one kind.")
class WaitKindCount:
    kind: WaitKind = strawberry.field(description="The kind.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="All waits of one organisation, as the one that must act or as the one that waits.")
class WaitGroup:
    batch: strawberry.Private[Batch]
    row_id: strawberry.Private[Id]
    organisation: Organisation | None = in_batch(("Organisation",), "Whose they are.")
    count: int = strawberry.field(description="How many there are.")
    kinds: list[WaitKindCount] = strawberry.field(description="How many of each kind; of what there is none is absent.")
    working_days: int = strawberry.field(description="Working days of waiting, all together.")
    longest_working_days: int = strawberry.field(description="Working days of the longest.")


@strawberry.type(description="A task or a request in a chain, which waits for the next one.")
class WaitLink:
    batch: strawberry.Private[Batch]
    row_id: strawberry.Private[Id]
    subject: Subject | None = in_batch(("Task", "Request"), "The task or the request.")


_COLUMNS = "kind", "holder_id", "waiter_id", "since", "task_id", "waiting_task_id", "request_id"


def _of(side: str) -> str:
    """The longest waits of an organisation `{t}`, as a sub-select `w`."""
    return (
        f"(SELECT w.* FROM {waits_of('{t}.id')} w WHERE w.{side} = {{t}}.id AND {BETWEEN}"
        f" ORDER BY w.since, w.kind, w.task_id, w.waiting_task_id, w.request_id LIMIT {MOST}) w"
    )


def _waits(values: Any, context: Context) -> list[Wait]:
    found = []
    for each in values.waits or ():
        kind, holder_id, waiter_id, since, task_id, waiting_task_id, request_id = each
        began = dt.datetime.fromisoformat(since).astimezone(context.zone)
        wait = Wait(kind=WaitKind(kind), started_at=began, working_days=age(began, context.now, context.city.calendar))
        wait.holder_id, wait.waiter_id = UUID(holder_id), UUID(waiter_id)
        wait.task_id, wait.waiting_task_id, wait.request_id = (
            None if id_ is None else UUID(id_) for id_ in (task_id, waiting_task_id, request_id)
        )
        found.append(wait)
    return found


def _listed(side: str, description: str) -> Any:
    columns = ", ".join(f"w.{name}" for name in _COLUMNS)
    return derived(
        {"waits": f"(SELECT jsonb_agg(jsonb_build_array({columns}) ORDER BY w.since, w.kind) FROM {_of(side)})"},
        _waits,
        f"{description}, the longest first; at most {MOST}.",
        rows={
            "Organisation": f"ARRAY(SELECT unnest(ARRAY[w.holder_id, w.waiter_id]) FROM {_of(side)})",
            "Task": f"array_remove(ARRAY(SELECT unnest(ARRAY[w.task_id, w.waiting_task_id]) FROM {_of(side)}), NULL)",
            "Request": f"array_remove(ARRAY(SELECT w.request_id FROM {_of(side)}), NULL)",
        },
        price=lambda _: NESTED_PAGE,  # few have more
    )


add_field(Organisation, "waiting_on", list[Wait], _listed("waiter_id", "What it waits for from others"))
add_field(Organisation, "holds_up", list[Wait], _listed("holder_id", "What others wait for from it"))


async def wait_groups(
    info: strawberry.Info,
    by: Annotated[WaitSide, strawberry.argument(description="Whose waits are counted together.")] = WaitSide.HOLDER,
) -> list[WaitGroup] | None:
    """The waits between organisations, by one of the two."""
    context = request(info.context)
    async with context.begin(context) as tx:
        groups = (await actions.wait_groups(tx, by))[:MOST_GROUPS]
    batch = Batch([Id.parse(encode("org", each.organisation_id)) for each in groups])
    return [
        WaitGroup(
            batch=batch,
            row_id=id_,
            count=each.count,
            kinds=[WaitKindCount(kind=kind, count=each.kinds[kind]) for kind in WaitKind if each.kinds[kind]],
            working_days=each.working_days,
            longest_working_days=each.longest,
        )
        for each, id_ in zip(groups, batch.ids, strict=True)
    ]


async def longest_wait_chain(info: strawberry.Info) -> list[WaitLink] | None:
    """The tasks and requests of which each waits for the next."""
    context = request(info.context)
    async with context.begin(context) as tx:
        rows = await actions.longest_wait_chain(tx)
    batch = Batch([Id.parse(encode(row.prefix, row.id)) for row in rows])
    return [WaitLink(batch=batch, row_id=id_) for id_ in batch.ids]


queries = [
    strawberry.field(
        resolver=wait_groups,
        name="waitGroups",
        metadata={"scans": 3},  # of what tasks wait for, of requests, of orders
        description="Who waits for whom, over the city: the waits of each organisation, counted; who has the most "
        "working days of waiting first, at most 500.",
    ),
    strawberry.field(
        resolver=longest_wait_chain,
        name="longestWaitChain",
        metadata={"scans": 9},  # the same, for each step of the look
        description="The chain of tasks and requests, each of which waits for the next, that goes from one "
        "organisation to another most often; empty where none does.",
    ),
]
