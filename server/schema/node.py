"""What everything with an id has in common, and the link between the schema's modules."""

from __future__ import annotations

import datetime as dt
from types import ModuleType
from typing import Any

import strawberry

from server.query.declare.fields import RowType, column
from server.schema.filters import derive_inputs
from server.schema.labels import derive_labels


@strawberry.interface(description="Anything with an id.")
class Node:
    id: strawberry.ID = column("Unique across all types.")


@strawberry.interface(description="What verbs change: each change raises its version by one and leaves an event.")
class Subject(Node):
    version: int = column("1 at its creation, one more with each change; give it back as `ifVersion`.")
    created_at: dt.datetime = column("When it was created.", order=True)
    updated_at: dt.datetime = column("When it last changed.", order=True)


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
    return rows
