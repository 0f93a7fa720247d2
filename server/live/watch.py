"""Subscription declarations: what can be watched, a type's rows (`taskChanged`) or the log itself (`events`).

The declaration is the GraphQL field itself: its arguments are the list's own filter and a cursor. Nobody writes a
generator for a subscription.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.unset import UNSET
from strawberry.utils.str_converters import to_snake_case

from server.query.declare.declaration import ById, Column, Derived, JsonList, ToOne
from server.query.declare.fields import Context, Declared, RowType
from server.query.values import Cursor, shouted
from server.rules.viewer import Viewer

_WHICH = (
    "Which of them; leave it out for all. Relative dates go on counting: what midnight brings into the list comes as"
    " CREATED at its next change, and what midnight takes away comes as LEFT."
)


class ChangeKind(StrEnum):
    """What a change means to this watcher's list."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    LEFT = "LEFT"
    REMOVED = "REMOVED"


@dataclass(frozen=True, eq=False)
class State:
    """What is watched as a whole: `read(context)` makes it (None: the engine reads it, as in a query), after each event
    of which `concerns(viewer, event)` says that it may have altered it (the event as a row of the log, columns by name;
    only of what the viewer may see)."""

    read: Callable[[Context], Awaitable[object]] | None
    concerns: Callable[[Viewer, Mapping[str, Any]], bool]


@dataclass(frozen=True, eq=False)
class Watch:
    """One field of Subscription; `change` makes its payload, None: the events themselves, or a state made of them."""

    field: str
    row: RowType
    change: Any = None
    state: State | None = None

    @property
    def is_log(self) -> bool:
        return self.change is None

    @cached_property
    def api_names(self) -> Mapping[str, tuple[str, ...]]:
        """Column → the names of the API's fields that show it; those made from it only where none shows it itself."""
        shown: dict[str, list[str]] = {}
        made: dict[str, list[str]] = {}
        for name, declared in self.row.fields.items():
            match declared.declaration:
                case Column(column=column):
                    shown.setdefault(column or name, []).append(declared.graphql_key)
                case ToOne(key=column) | JsonList(column=column):
                    shown.setdefault(column, []).append(declared.graphql_key)
                case Derived(needs=needs):
                    for column in needs.values():
                        made.setdefault(column, []).append(declared.graphql_key)
        return {column: tuple(names) for column, names in (made | shown).items()}

    def changed_fields(self, columns: Iterable[str]) -> tuple[str, ...]:
        """The API's fields that changed, as its enum has them, sorted; a column that it does not show is left out."""
        return tuple(sorted({shouted(name) for column in columns for name in self.api_names.get(column, ())}))


class Watched(Declared):
    """A subscription's field, with its Watch in `metadata["watch"]`; arguments are made when Strawberry asks."""

    @property
    def arguments(self) -> list[StrawberryArgument]:
        if self._arguments is None:
            watch: Watch = self.metadata["watch"]
            if watch.state is not None:
                self._arguments = []
                return self._arguments
            assert watch.row.filter_input is not None, f"{watch.row.name} has no filter: link the modules first"
            self._arguments = [
                _argument("filter", watch.row.filter_input | None, _WHICH),
                _argument("after", Cursor | None, "Go on after this cursor of the log; leave it out to start now."),
            ]
        return self._arguments

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        self._arguments = value


def watch(name: str, row_type: Any, change: Any, description: str) -> Any:
    """A field `name(filter, after)` of Subscription: each change of the type's rows, as `change` (`Change[Task]`)."""
    return _field(Watch(name, row_type.__row__, change), change, description, {})


def watch_log(name: str, event_type: Any, description: str) -> Any:
    """The field `events(filter, after)` of Subscription: every event that the viewer may see."""
    return _field(Watch(name, event_type.__row__), event_type, description, {"sql": ById(description)})


def watch_state(
    name: str,
    type_: Any,
    description: str,
    *,
    log: Any,
    read: Callable[[Context], Awaitable[object]],
    concerns: Callable[[Viewer, Mapping[str, Any]], bool],
) -> Any:
    """A field of Subscription that gives a state, and again when it changed; `log` is the type of events."""
    return _field(Watch(name, log.__row__, None, State(read, concerns)), type_, description, {})


def watch_root(root: Any, description: str, *, log: Any) -> Any:
    """A field of Subscription that gives a state which is a root field of queries (`root_one(…, is_state=True)`), and
    again when it changed."""
    state = State(None, lambda viewer, event: True)
    type_ = root.type_annotation.annotation
    return _field(Watch(root.python_name, log.__row__, None, state), type_, description, dict(root.metadata))


def watches(fields: Iterable[Any]) -> dict[str, Watch]:
    """Field name → its Watch, from a schema module's (or all modules') list of subscriptions."""
    found = (field.metadata["watch"] for field in fields if isinstance(field, Watched))
    return {each.field: each for each in found}


def _field(watched: Watch, type_: Any, description: str, metadata: dict[str, Any]) -> Any:
    made = Watched(graphql_name=watched.field, description=description, metadata={**metadata, "watch": watched})
    made.python_name = to_snake_case(watched.field)
    made.type_annotation = StrawberryAnnotation(type_)
    return made


def _argument(name: str, type_: Any, description: str) -> StrawberryArgument:
    return StrawberryArgument(name, None, StrawberryAnnotation(type_), description=description, default=UNSET)
