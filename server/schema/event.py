"""The log: what happened, when, by whom, in what words."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from server.events.position import Position
from server.live.watch import watch_log
from server.query.declare.fields import Context, column, derived, listed, polymorphic, root_list, table, to_one
from server.query.values import Cursor
from server.rules.aggregates import EVENT
from server.rules.event import EventType
from server.rules.viewer import Capacity
from server.schema.connection import Connection
from server.schema.context import request
from server.schema.field_change import IN_WORDS, NAMES, FieldChange, field_change
from server.schema.node import Node, Subject
from server.text import sentence

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.organisation import Organisation
    from server.schema.programme import Programme

# What no change shows. A grade is kept before its year is told, and is nobody's to see until then: TARGET_YEAR_TOLD and
# the target itself tell it.
INTERNAL = frozenset({"draft_of_id", "thread_id", "changed_by_ids", "grade"})


def _changes(values: Any, context: Context) -> list[FieldChange]:
    return [
        field_change(values.of, name, before, after, context.zone, values.names)
        for name, (before, after) in values.changes.items()
        if name not in INTERNAL
    ]


def _sentence(values: Any, context: Context) -> str:
    facts = {name: value for name, value in values.facts.items() if value is not None}
    said = sentence(context.language, "event", values.type, **{"actor": values.actor, **facts})
    return said if "through" not in facts else sentence(context.language, "word", "through", said=said, **facts)


def _cursor(values: Any, context: Context) -> Cursor:
    position = Position(values.epoch, values.xid, values.sequence)
    return Cursor(request(context).seal.close(position, context.read_at))


# A task may go into a plan that was never submitted: what is not public has no programme here.
PUBLIC = "x.draft_of_id IS NULL"
TASKS_TARGET = f"{{table:task}} x JOIN {{table:target}} y ON y.id = x.target_id AND y.draft_of_id IS NULL AND {PUBLIC}"
PROGRAMME_OF = (
    "(CASE {t}.subject_type WHEN 'Programme' THEN {t}.subject_id"
    f" WHEN 'Target' THEN (SELECT x.programme_id FROM {{table:target}} x WHERE x.id = {{t}}.subject_id AND {PUBLIC})"
    f" WHEN 'Task' THEN (SELECT y.programme_id FROM {TASKS_TARGET} WHERE x.id = {{t}}.subject_id) END)"
)
# The same from the programmes' side, for the index on subjects.
OF_PROGRAMMES = (
    "{t}.subject_id = ANY(ARRAY(SELECT z.id FROM {found} z"
    f" UNION ALL SELECT x.id FROM {{table:target}} x WHERE x.programme_id IN {{found}} AND {PUBLIC}"
    f" UNION ALL SELECT x.id FROM {TASKS_TARGET} WHERE y.programme_id IN {{found}}))"
)


@table(
    EVENT,
    order=["epoch", "xid", "sequence"],
    description="Something that happened.",
)
class Event(Node):
    cursor: Cursor = derived(
        {"epoch": "epoch", "xid": "xid", "sequence": "sequence"},
        _cursor,
        "Its position in the log: a subscription given this as `after` goes on behind it.",
    )
    type: EventType = column("What happened.")
    subject: Subject | None = polymorphic(
        "subject_type",
        "subject_id",
        "What it happened to, as it is now; null where hidden.",
        filter=True,
    )
    programme: Programme | None = to_one(
        PROGRAMME_OF,
        "The programme that it is about, or that its target or task serves now; null when none, and of what stands in a"
        " plan that was never submitted.",
        within=OF_PROGRAMMES,
    )
    subject_version: int = column("The subject's version since then; for one subject that is the order of its events.")
    organisations: list[Organisation] = listed(
        "organisation_ids", "The organisations concerned, the subject's own first."
    )
    actor: Account | None = to_one("actor_id", "Who did it; null when the system did.")
    through: str | None = derived(
        {"facts": "facts"},
        lambda values, context: values.facts.get("through"),
        "What the token is called through which a service account did it; null for people and the system.",
    )
    capacity: Capacity | None = column(
        "In what capacity the actor headed the subject's organisation, or else the mayor's office; null for others."
    )
    on_behalf_of: Account | None = to_one("on_behalf_of_id", "For whom the actor acted; null when for nobody else.")
    happened_at: dt.datetime = column("When it happened.", order=True)
    recorded_at: dt.datetime = column("When it was written down; later than `happenedAt` for what a clock ended.")
    sentence: str = derived(
        {"type": "type", "facts": "facts", "actor": "actor.name"}, _sentence, "What happened, in the caller's language."
    )
    changes: list[FieldChange] = derived(
        {"changes": "changes", "of": "subject_type", "names": NAMES},
        _changes,
        "The fields that it changed.",
        only_for={"names": IN_WORDS},
    )


queries = [
    root_list(
        "events",
        Connection[Event],
        "The log as far as the viewer may see it, oldest first.",
        search=False,
    )
]
subscriptions = [watch_log("events", Event, "Every event that the viewer may see: those after the cursor, then live.")]
