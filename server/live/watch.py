"""Subscription declarations: what can be watched, a type's rows (`taskChanged`) or the log itself (`events`).

The declaration is the GraphQL field itself: its arguments are the list's own filter and a cursor. Nobody writes a
generator for a subscription.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.unset import UNSET
from strawberry.utils.str_converters import to_snake_case

from server.query.declare.declaration import ById, Column, Derived, JsonList, ToOne
from server.query.declare.fields import Declared, RowType
from server.query.run.question import StateRoot
from server.query.values import Cursor, shouted
from server.rules.viewer import Viewer

_THROTTLE = "Milliseconds between two answers at least: 500 to 60000; 500 when absent."
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
class Watch:
    """One field of Subscription: the changes of a type's rows, or the log itself (`change` None)."""

    field: str
    row: RowType
    change: Any = None

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


class WatchedState(Declared):
    """A subscription's field that gives a state; `metadata["state"]` says by which query."""

    @property
    def arguments(self) -> list[StrawberryArgument]:
        if self._arguments is None:
            self._arguments = [_argument("throttle", int | None, _THROTTLE)]
        return self._arguments

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        self._arguments = value


def watch_state(
    name: str,
    type_: Any,
    description: str,
    *,
    way: tuple[str, ...],
    concerns: Callable[[Viewer, Mapping[str, Any]], bool] | None = None,
) -> Any:
    """A field of Subscription that gives what stands at the end of this way in Query, and again when it has changed.

    `way`: the fields that lead there; none: Query itself. `concerns(viewer, event)`: whether an event (as a row of the
    log, columns by name; only of what the viewer may see) may have altered it; where it is not given, that is found out
    from what is read.
    """
    made = WatchedState(graphql_name=name, description=description, metadata={"state": StateRoot(way, concerns)})
    made.python_name = to_snake_case(name)
    made.type_annotation = StrawberryAnnotation(type_)
    return made


def states(fields: Iterable[Any]) -> dict[str, StateRoot]:
    """Field name → how it is asked, from a schema module's (or all modules') list of subscriptions."""
    return {str(field.graphql_name): field.metadata["state"] for field in fields if isinstance(field, WatchedState)}


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
