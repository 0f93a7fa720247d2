"""What everything with an id has in common, and the link between the schema's modules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

import strawberry

from server.query.declare.fields import Context, RowType, column, derived, to_many
from server.schema.allowed_action import AllowedAction, offered_by
from server.schema.connection import Connection
from server.schema.context import request
from server.schema.field_change import learn_types
from server.schema.filters import derive_inputs
from server.schema.labels import derive_labels

if TYPE_CHECKING:
    from server.schema.event import Event


@strawberry.interface(description="Anything with an id.")
class Node:
    id: strawberry.ID = column("Unique across all types.")


@strawberry.interface(description="What verbs change: each change raises its version by one and leaves an event.")
class Subject(Node):
    version: int = column("1 at its creation, one more with each change; give it back as `ifVersion`.")
    created_at: dt.datetime = column("When it was created.", order=True)
    updated_at: dt.datetime = column("When it last changed.", order=True)
    label: str = strawberry.field(description="What people call it, in sentences and lists.")  # each type says which
    url: str | None = derived({}, lambda values, context: None, "The page that shows it; null: it has none of its own.")
    history: Connection[Event] = to_many(
        "subject_id", "What happened to it, the oldest first.", order=["subject_version"]
    )
    allowed_actions: list[AllowedAction] = offered_by(
        {},
        lambda values, context, asked: [],
        "What the viewer may do with it now: empty where nothing is done to it.",
        0,
    )


def page_at(path: str, context: Context) -> str | None:
    """The address of a page of this server; null while it does not know under which name people open it."""
    address = request(context).public_address
    return None if address is None else f"{address}{path}"


def called_by(column_: str) -> Any:
    """The field `label` of what is called by one of its texts."""
    return column("What people call it, in sentences and lists.", column=column_, filter=False, why=f"by {column_}")


def called(needs: Mapping[str, str], call: Callable[[Any], str]) -> Any:
    """The field `label` of what is called by several, or by the beginning of a long text."""
    return derived(needs, lambda values, context: call(values), "What people call it, in sentences and lists.")


def link(*modules: ModuleType) -> list[RowType]:
    """Let every module's annotations name the types of all, then derive filter and order inputs, and enums' labels.

    Call once, with every module that declares types, before the schema is built. Gives the rows found.
    """
    named: dict[str, Any] = {}
    for module in modules:
        for name, value in vars(module).items():
            is_type = isinstance(value, type) and hasattr(value, "__strawberry_definition__") and name[0] != "_"
            if is_type and named.setdefault(name, value) is not value:
                raise TypeError(f"two types are called {name}")
    for module in modules:
        for name, value in named.items():
            vars(module).setdefault(name, value)
    rows = [row for value in named.values() if (row := value.__dict__.get("__row__")) is not None]
    derive_inputs(rows)
    derive_labels(named.values())
    learn_types(rows)
    return rows
