"""Which task waits for which. A dependency is shown only to viewers who see both tasks: it must not reveal a draft."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from server.actions.transaction import Transaction
from server.models import Task, TaskDependency
from server.rules.refusal import Code, Refused
from server.rules.task_waits import circle


async def close_no_circle(tx: Transaction, published: Collection[UUID]) -> None:
    """Tasks that have just come out of a draft, still locked: what they wait for counts for everybody from now on.

    Refuses CIRCULAR_WAIT, naming the circle's tasks, all of which everybody would see.
    """
    if not published or not await waits_of(tx, published, None):
        return
    await one_at_a_time(tx)
    if found := circle(published, await edges_from(tx, published, None)):
        titles = {task.id: task.title for task in await tx.select(Task, id=found)}
        raise Refused(Code.CIRCULAR_WAIT, tasks=" → ".join(f"“{titles[each]}”" for each in [*found, found[0]]))


async def one_at_a_time(tx: Transaction) -> None:
    """Two changes that cross could close a circle that neither of them sees. Lock the tasks before."""
    await tx.serialise("task_dependency")


async def edges_from(tx: Transaction, starts: Collection[UUID], draft_of_id: UUID | None) -> dict[UUID, list[UUID]]:
    """All that these tasks wait for, directly or through others, as far as it counts (`waits_of`)."""
    edges: dict[UUID, list[UUID]] = {}
    frontier = [*dict.fromkeys(starts)]
    while frontier:
        found = await waits_of(tx, frontier, draft_of_id)
        edges |= {task_id: [] for task_id in frontier}
        for part in found:
            edges[part.task_id].append(part.waits_for_id)
        frontier = [*dict.fromkeys(part.waits_for_id for part in found if part.waits_for_id not in edges)]
    return edges


async def waits_of(tx: Transaction, ids: Collection[UUID], draft_of_id: UUID | None) -> list[TaskDependency]:
    """What these tasks wait for, but for what others' drafts hold, or, of a public task (None), any draft.

    What counts for whom must not depend on what they may not see: a refusal would tell of it.
    """
    found = await tx.select(TaskDependency, task_id=ids)
    others = await tx.select(Task, id={part.waits_for_id for part in found}) if found else []
    hidden = hidden_among(others, draft_of_id)
    return [part for part in found if part.waits_for_id not in hidden]


def hidden_among(tasks: Iterable[Task], draft_of_id: UUID | None) -> set[UUID]:
    """Those that not everybody sees who sees a task of this draft (None: a public one)."""
    return {task.id for task in tasks if task.draft_of_id not in (None, draft_of_id)}
