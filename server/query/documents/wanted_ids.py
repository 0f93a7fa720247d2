"""What ids begin with at a place of the API, as its names tell: `taskId`, `task(by: {id})`, `{organisation: {id}}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphql import DocumentNode, Visitor, visit
from graphql.language import ArgumentNode, FieldNode, ObjectFieldNode, VariableNode
from strawberry.utils.str_converters import to_snake_case

from server.rules.aggregates import REFERENCES

Names = Sequence[str | int]
# Names that say nothing of whose id it is: comparators, and what holds a filter or a key together.
_SILENT = frozenset({
    "id", "ids", "eq", "neq", "in", "nin", "filter", "by", "input", "and", "or", "not", "some", "none",
})  # fmt: skip


def prefixes_at(names: Names) -> tuple[str, ...]:
    """The prefixes that an id at this place may have; none where the names do not say."""
    for name in reversed(names):
        if isinstance(name, str) and name not in _SILENT:
            return REFERENCES.get(to_snake_case(name).removesuffix("s").removesuffix("_id"), ())
    return ()


def uses_in(document: DocumentNode) -> Mapping[str, Names]:
    """Variable → the names of the place where a document first uses it."""
    uses = _Uses()
    visit(document, uses)
    uses.enter_leave_map.clear()  # its own methods, and so itself
    return uses.found


class _Uses(Visitor):
    """Keeps the names around; takes them where a variable stands."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.found: dict[str, Names] = {}

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.names.append(node.name.value)

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        self.names.append(node.name.value)

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        self.names.append(node.name.value)

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        if self.names and node.name.value not in self.found:  # where it is declared nothing stands around it
            self.found[node.name.value] = (*self.names,)

    def leave_field(self, *_: object) -> None:
        self.names.pop()

    leave_argument = leave_object_field = leave_field
