"""Schema coordinates of what an error, or a use of something deprecated, is about: `Task.progress`,
`Query.tasks(first:)`, `TaskFilter.status`, `Priority.HIGH`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_composite_type,
    is_enum_type,
    type_from_ast,
    visit,
)
from graphql.language import (
    ArgumentNode,
    DirectiveNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    ObjectFieldNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from graphql.type import GraphQLNamedType

from server.query.problem import ours

COORDINATE = "coordinate"
Path = Sequence[str | int]
Fragments = Mapping[str, FragmentDefinitionNode]
_Selections = tuple[GraphQLNamedType | None, SelectionSetNode]
_OF_A_LIST = ("nodes", "edges", "node")


class Coordinates(Visitor):
    """The coordinates of a document's nodes: `of[id(node)]`; of a literal, a variable and a selection: where it stands.

    `named`: what bears a name of the schema's own: fields, arguments, input fields, enum values. What the schema does
    not have has the coordinate that it would have.
    """

    def __init__(self, schema: GraphQLSchema, document: Node) -> None:
        super().__init__()
        self.of: dict[int, str] = {}
        self.named: list[tuple[Node, str]] = []
        self.variables: dict[str, list[str]] = {}
        self._around: list[str | None] = []
        self._types = TypeInfo(schema)
        walk = TypeInfoVisitor(self._types, self)
        visit(document, walk)
        for visitor in (walk, self):
            visitor.enter_leave_map.clear()  # its own methods, and so itself

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self._types.get_parent_type()
        self._begin(node, None if parent is None else f"{parent.name}.{node.name.value}")

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self._begin(node, f"@{node.name.value}")

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        around = self._around[-1] if self._around else None
        self._begin(node, around and f"{around}({node.name.value}:)")

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        parent = self._types.get_parent_input_type()
        named = None if parent is None else get_named_type(parent)
        self._begin(node, f"{named.name}.{node.name.value}" if isinstance(named, GraphQLInputObjectType) else None)

    def enter(self, node: Node, *_: Any) -> None:
        """Of a literal, a variable or a selection: where it stands."""
        named = get_named_type(self._types.get_input_type()) if isinstance(node, EnumValueNode) else None
        if isinstance(node, EnumValueNode) and is_enum_type(named):
            self.named.append((node, f"{named.name}.{node.value}"))
        if isinstance(node, ValueNode | SelectionSetNode) and self._around and self._around[-1] is not None:
            self.of[id(node)] = self._around[-1]
            if isinstance(node, VariableNode):
                self.variables.setdefault(node.name.value, []).append(self._around[-1])

    def _begin(self, node: Node, coordinate: str | None) -> None:
        self._around.append(coordinate)
        if coordinate is not None:
            self.of[id(node)] = coordinate
            self.named.append((node, coordinate))

    def leave_field(self, *_: Any) -> None:
        self._around.pop()

    leave_directive = leave_argument = leave_object_field = leave_field


class PathCoordinates:
    """The coordinates of an operation's places, by their paths."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments) -> None:
        self._schema, self._operation, self._fragments = schema, operation, fragments

    def at(self, path: Path) -> str | None:
        """What stands at a path: response keys (and places in lists), then perhaps an argument and steps into it.

        None where it does not begin with a field of the operation.
        """
        parents: list[_Selections] = [
            (self._schema.get_root_type(self._operation.operation), self._operation.selection_set)
        ]
        found: tuple[str, GraphQLField | None] | None = None
        steps = [str(step) for step in path if not str(step).isdigit()]
        for number, step in enumerate(steps):
            fields = self._fields(parents, step)
            if not fields:
                return None if found is None else self._argument(*found, steps[number:])
            parent, node = fields[0]
            field = self._schema.get_field(parent, node.name.value)  # type: ignore[arg-type]
            found = f"{parent.name}.{node.name.value}", field
            parents = self._below(fields)
        return None if found is None else found[0]

    def of_variable(self, path: Path) -> str | None:
        """What stands at a path into a variable: in its type, or where the operation first uses it."""
        name, *steps = path
        for each in self._operation.variable_definitions or ():
            if each.variable.name.value == name:
                type_ = type_from_ast(self._schema, each.type)
                found = inside(None if type_ is None else get_named_type(type_), steps)
                return found or self._use(name)
        return None

    def of(self, error: GraphQLError) -> str | None:
        """What an error is about that was found when the operation was carried out, or was to be."""
        given = (error.extensions or {}).get("path") or ()
        reached = error.path or ()
        problem = ours(error)
        place = str(problem.facts["place"]).split(".") if problem is not None and "place" in problem.facts else ()
        alone = [str(key) for key in self._roots()]
        paths = (given, (*reached, *given), (*alone, *given) if given and len(alone) == 1 else (), reached, place)
        return next((found for each in paths if each and (found := self.at(each)) is not None), None)

    def _roots(self) -> Iterator[str]:
        for each in self._operation.selection_set.selections:
            if isinstance(each, FieldNode):
                yield each.alias.value if each.alias else each.name.value

    def _fields(self, parents: Sequence[_Selections], key: str) -> list[tuple[GraphQLNamedType, FieldNode]]:
        """The fields of this response key, or else of this name, each with the type of which it is asked.

        A list's own steps (`nodes`, `edges`, `node`) may be left out, as the paths of plans do.
        """
        all_ = [each for type_, below in parents for each in self._selected(type_, below, set())]
        by_key = [(of, each) for of, each in all_ if (each.alias or each.name).value == key]
        found = by_key or [(of, each) for of, each in all_ if each.name.value == key]
        if not found and (inside := [each for each in all_ if each[1].name.value in _OF_A_LIST]):
            return self._fields(self._below(inside), key)
        return found

    def _below(self, fields: Sequence[tuple[GraphQLNamedType, FieldNode]]) -> list[_Selections]:
        """What is selected of these fields, each selection with its type."""
        return [
            (get_named_type(field.type), each.selection_set)
            for parent, each in fields
            if each.selection_set and (field := self._schema.get_field(parent, each.name.value)) is not None  # type: ignore[arg-type]
        ]

    def _selected(
        self, type_: GraphQLNamedType | None, selections: SelectionSetNode, spread: set[str]
    ) -> Iterator[tuple[GraphQLNamedType, FieldNode]]:
        for each in selections.selections:
            if isinstance(each, FieldNode):
                if is_composite_type(type_):  # else it is a document that validation refuses
                    yield type_, each
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode | None = None
            if isinstance(each, InlineFragmentNode):
                fragment = each
            elif isinstance(each, FragmentSpreadNode) and each.name.value not in spread:
                spread.add(each.name.value)
                fragment = self._fragments.get(each.name.value)
            if fragment is not None:
                on = fragment.type_condition
                inner = type_ if on is None else self._schema.get_type(on.name.value)
                yield from self._selected(inner, fragment.selection_set, spread)

    def _argument(self, coordinate: str, field: GraphQLField | None, steps: Path) -> str | None:
        """An argument of a field, or what is in it; the field where it has none of this name."""
        name, *rest = [str(step) for step in steps]
        if field is None or name not in field.args:
            return coordinate
        return inside(get_named_type(field.args[name].type), rest) or f"{coordinate}({name}:)"

    def _use(self, name: str) -> str | None:
        parts = (self._operation, *self._fragments.values())
        uses = (Coordinates(self._schema, each).variables.get(name) for each in parts)
        return next((each[0] for each in uses if each), None)


def inside(type_: GraphQLNamedType | None, steps: Path) -> str | None:
    """What stands at these steps into an input object; None where there are none, or it is not one."""
    coordinate = None
    for step in (str(each) for each in steps if not str(each).isdigit()):
        if not isinstance(type_, GraphQLInputObjectType):
            break
        coordinate = f"{type_.name}.{step}"
        field = type_.fields.get(step)
        type_ = None if field is None else get_named_type(field.type)
    return coordinate


def locate_in_document(schema: GraphQLSchema, document: DocumentNode, errors: Sequence[GraphQLError]) -> None:
    """Give each error of a document the coordinate of what it is about, where that is a field, or of an input."""
    nodes = Coordinates(schema, document).of if any(each.nodes for each in errors) else {}
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    for error in errors:
        found = next((nodes[id(node)] for node in error.nodes or () if id(node) in nodes), None)
        problem = ours(error)
        if problem is not None and problem.key == "document.argument_missing":
            found = str(problem.facts["name"])  # graphql-core names it so
        if found is None:
            with suppress(RecursionError):  # of a document that is refused for that
                tried = (PathCoordinates(schema, each, fragments).of(error) for each in operations)
                found = next((each for each in tried if each is not None), None)
        bear(error, found)


def bear(error: GraphQLError, coordinate: str | None) -> None:
    """Let an error say its coordinate, unless it says one that is more exact."""
    if coordinate is not None and COORDINATE not in (error.extensions or {}):
        error.extensions = {**(error.extensions or {}), COORDINATE: coordinate}
