"""The mutation executor: an operation's verbs one after the other, and their payloads completed like rows.

The verbs run here and nowhere else. What they return is kept, so that graphql-core, where something unusual needs its
rules, completes the same payloads and runs nothing again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.query.compile.plan import NodesPlan, Own, Plan, VerbPlan
from server.query.compile.statement import resolved
from server.query.run.execution import Execution
from server.rules.viewer import Viewer
from server.rules.visibility import holds


async def run(execution: Execution, key: str, plan: VerbPlan) -> None:
    """Do the verb and read what its payload holds; both are kept in the execution, an exception too."""
    done = execution.done
    try:
        await execution.context.end_dry_run()  # of a verb before this one, whose locks are held no longer
        payload = await plan.verb.run(execution.context, resolved(plan.arguments, execution.run))
        done[key,] = payload
        if payload is None:
            execution.tree[key] = None
            return
        held: dict[tuple[str, ...], Any] = {}
        for each in plan.held:
            if each.in_list:
                read = await execution.read_rows(each.plan, payload.ids(each.attribute))
                held[each.place] = done[key, *each.place] = read
                continue
            id_ = getattr(payload, each.attribute)
            if id_ is None:
                found = None
            elif (own := _own_of(each.plan)) is not None and payload.in_hand and id_ in payload.in_hand:
                rows = _own_row(own, payload.in_hand[id_], execution.context.viewer)
                execution.run.cost += 1 + len(rows)
                assert isinstance(each.plan, Plan)
                found = each.plan.level.build(rows, execution.run, [], False, 0)
            else:
                found = await execution.read_payload(each.plan, id_)
            held[each.place] = done[key, *each.place] = found
        if plan.written is not None:
            execution.run.cost += plan.written.most * len(resolved(plan.written.given, execution.run))
        execution.tree[key] = plan.build(payload, execution.run, held)
    except Exception as error:
        # Even when the verb was done: what cannot be read of it is an error of this field.
        done[key,] = error


def _own_of(plan: Plan | NodesPlan) -> Own | None:
    return plan.level.own if isinstance(plan, Plan) else None


def _own_row(own: Own, row: Mapping[str, object], viewer: Viewer) -> list[tuple[object, ...]]:
    """What the statement would fetch of a row whose columns are known; nothing of one that is not to be seen."""
    return [tuple(row[name] for name in own.columns)] if holds(own.visibility, viewer, row) else []
