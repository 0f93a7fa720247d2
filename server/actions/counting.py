"""Keeps how many tasks there are of each kind, in the transaction that changes them.

There is a counter for each cell: a combination of organisation, plan, target, status and so on. A transaction notes in
which cell a task is before and after each change, and writes the differences in one statement just before it commits.
Counters are locked last and in the order of their key, so they cause no deadlock. A change that leaves every task in
its cell costs no statement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from server.models import Task
from server.models.fields import Row
from server.rules.task import TaskStatus, counts_as_overdue


class Cell(NamedTuple):
    """What tasks that are counted together have in common: the key of a row of `task_count`."""

    organisation_id: UUID
    work_plan_id: UUID | None
    target_id: UUID | None
    status: str
    draft_of_id: UUID | None
    due_year: int | None
    is_overdue: bool


TYPES = dict(zip(Cell._fields, ("uuid", "uuid", "uuid", "text", "uuid", "smallint", "boolean"), strict=True))
KEY = ", ".join(TYPES)
# What a task is counted under, as a query over tasks.
CELLS = (
    "SELECT organisation_id, work_plan_id, target_id, status, draft_of_id, extract(year FROM due_on)::smallint"
    " AS due_year, is_overdue, count(*) AS n FROM task WHERE archived_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7"
)
# For loads, which write tasks past the verbs: everything anew. Two statements.
RECOUNT = (
    f"DELETE FROM task_count; INSERT INTO task_count (id, {KEY}, n) SELECT gen_random_uuid(), c.* FROM ({CELLS}) c"
)
# The task's columns on which its cell depends.
_COUNTED = frozenset(Cell._fields) - {"due_year"} | {"due_on", "archived_at"}


def cell(task: Mapping[str, Any]) -> Cell | None:
    """Where a task with these columns is counted; None: nowhere, since it is archived."""
    if task["archived_at"] is not None:
        return None
    due_on: date | None = task["due_on"]
    return Cell(
        task["organisation_id"],
        task["work_plan_id"],
        task["target_id"],
        TaskStatus(task["status"]).value,
        task["draft_of_id"],
        None if due_on is None else due_on.year,
        task["is_overdue"],
    )


def deltas(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Counter[Cell]:
    """What a task's change (None: it was, or is, not there) adds to each cell; empty when it moves nowhere."""
    left = None if before is None else cell(before)
    entered = None if after is None else cell(after)
    found: Counter[Cell] = Counter()
    if left != entered:
        if left is not None:
            found[left] -= 1
        if entered is not None:
            found[entered] += 1
    return found


def statement(found: Counter[Cell]) -> tuple[str, tuple[list[Any], ...]] | None:
    """The statement that adds these, with its parameters. None where they come to nothing."""
    added = [(each, n) for each, n in found.items() if n]
    if not added:
        return None
    columns = [[each[place] for each, _ in added] for place in range(len(Cell._fields))]
    return _ADDING, (*columns, [n for _, n in added])


def adding(source: str) -> str:
    """The INSERT that adds what `source` selects: the columns of a cell and by how many it grows."""
    return (
        f"INSERT INTO task_count AS c (id, {KEY}, n) SELECT gen_random_uuid(), d.* FROM ({source}) d ORDER BY {KEY}"
        f" ON CONFLICT ({KEY}) DO UPDATE SET n = c.n + excluded.n"
    )


_GIVEN = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate((*TYPES.values(), "bigint"), 1))
_ADDING = adding(f"SELECT * FROM unnest({_GIVEN}) AS given({KEY}, n)")


class Counts:
    """What one transaction has moved so far."""

    def __init__(self) -> None:
        self._found: Counter[Cell] = Counter()

    def kept(self, row: Row, change: Mapping[str, object], today: date) -> Mapping[str, object]:
        """A row's change with what is kept on it because it is counted."""
        if not isinstance(row, Task):
            return change
        values: dict[str, Any] = {name: change.get(name, getattr(row, name)) for name in ("status", "due_on")}
        return {**change, "is_overdue": counts_as_overdue(**values, today=today)}

    def created(self, row: Row, today: date) -> None:
        """Note a new row, before it is written."""
        if isinstance(row, Task):
            row.is_overdue = counts_as_overdue(row.status, row.due_on, today)
            self.add(deltas(None, vars(row)))

    def changed(self, row: Row, different: Mapping[str, object]) -> None:
        """Note a row's change, before the row holds it."""
        if isinstance(row, Task) and not _COUNTED.isdisjoint(different):
            before = vars(row)
            self.add(deltas(before, {**before, **different}))

    def taken(self) -> Counter[Cell]:
        """What was noted since it was last taken."""
        found, self._found = self._found, Counter()
        return found

    def add(self, found: Counter[Cell]) -> None:
        """Note what another took."""
        for each, n in found.items():
            self._found[each] += n
