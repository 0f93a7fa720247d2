"""Size limits of variables and literals, checked before anything is made of them: fit to be stored, and not too much.

Coercing costs about 70 µs for a condition and 20 µs for an id, on the event loop; so the bounds are counted here, in
the raw value. Which values are filters is told by a variable's type and by an argument's name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    NamedTypeNode,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
)
from graphql.language import ListValueNode, ObjectValueNode, StringValueNode, TypeNode, ValueNode

from server.query.compile.filters import MOST_CONDITIONS
from server.query.problem import bad_input

DEEPEST = 100  # levels of objects and lists
MOST_VALUES = 1_000  # in one list
MOST_OBJECTS = 5_000  # in one list
MOST_GIVEN = 16_000  # a thousand rows of a verb on many; values in all variables of an operation
LONGEST_TEXT = 1_000  # characters of a text in a filter, and of a search

Path = tuple[str, ...]


def check_variables(given: Mapping[str, Any], filters: Collection[str]) -> None:
    """Refuses raw variables; `filters` are the names of those that are filters, or stand in one. Raises Problem."""
    counter = _InputCounter()
    for name, value in given.items():
        counter.conditions = 0
        counter.text(name, ("?",))
        counter.at(value, (name,), name in filters)


def check_literal(node: ValueNode, path: Path, is_filter: bool) -> None:
    """Refuses a literal. Raises Problem."""
    if isinstance(node, (ListValueNode, ObjectValueNode, StringValueNode)):
        _InputCounter().at(_shape(node), path, is_filter)


def filters_among(schema: GraphQLSchema, operation: OperationDefinitionNode) -> frozenset[str]:
    """The variables whose type is a filter, or a list of filters."""
    found = {each.variable.name.value: each.type for each in operation.variable_definitions or ()}
    return frozenset(name for name, type_ in found.items() if _is_filter(schema.get_type(_named(type_))))


def inputs_among(schema: GraphQLSchema, operation: OperationDefinitionNode) -> frozenset[str]:
    """The variables whose type is a verb's input, or stands in one."""
    if operation.operation is not OperationType.MUTATION or schema.mutation_type is None:
        return frozenset()
    of_verbs: set[object] = set()
    left: list[object] = [each.type for field in schema.mutation_type.fields.values() for each in field.args.values()]
    while left:
        type_ = get_named_type(left.pop())  # type: ignore[call-overload]
        if isinstance(type_, GraphQLInputObjectType) and type_.name not in of_verbs:
            of_verbs.add(type_.name)
            left += [each.type for each in type_.fields.values()]
    found = {each.variable.name.value: _named(each.type) for each in operation.variable_definitions or ()}
    return frozenset(name for name, type_ in found.items() if type_ in of_verbs)


def _is_filter(type_: object) -> bool:
    return isinstance(type_, GraphQLInputObjectType) and not type_.fields.keys().isdisjoint(("or", "some"))


def _named(node: TypeNode) -> str:
    while not isinstance(node, NamedTypeNode):
        node = node.type  # type: ignore[attr-defined]
    return node.name.value


def _shape(node: ValueNode) -> Any:
    """A literal's objects, lists and texts; what else stands in them does not matter."""
    if isinstance(node, ObjectValueNode):
        return {each.name.value: _shape(each.value) for each in node.fields}
    if isinstance(node, ListValueNode):
        return [_shape(each) for each in node.values]
    return node.value if isinstance(node, StringValueNode) else None


@dataclass(slots=True)
class _InputCounter:
    """Counts while it goes through a value."""

    values: int = 0
    conditions: int = 0

    def at(self, value: Any, path: Path, is_filter: bool) -> None:
        if len(path) > DEEPEST:
            raise bad_input("given_too_deep", *path[:5], constraint=f"≤ {DEEPEST}", limit=DEEPEST)
        if isinstance(value, dict):
            if is_filter and not value:  # nothing is asked, but a list may hold many of them
                self.condition(path)
            for name, each in value.items():
                self.text(name, (*path, "?"))
                if is_filter and _is_condition(each):
                    self.condition(path)
                self.at(each, (*path, name), is_filter)
        elif isinstance(value, list):
            is_of_objects = bool(value) and isinstance(value[0], dict)
            most = MOST_OBJECTS if is_of_objects else MOST_VALUES
            if len(value) > most and not (is_filter and is_of_objects):  # there the conditions are counted
                raise bad_input("too_many_values", *path, constraint=f"≤ {most}", count=len(value), limit=most)
            for index, each in enumerate(value):
                self.at(each, (*path, str(index)), is_filter)
        else:
            self.values += 1
            if self.values > MOST_GIVEN:
                raise bad_input("too_much_given", *path, constraint=f"≤ {MOST_GIVEN}", limit=MOST_GIVEN)
            if isinstance(value, str):
                self.text(value, path)
                if is_filter and len(value) > LONGEST_TEXT:
                    bound = f"≤ {LONGEST_TEXT} characters"
                    raise bad_input("text_too_long", *path, constraint=bound, limit=LONGEST_TEXT)

    def condition(self, path: Path) -> None:
        self.conditions += 1
        if self.conditions > MOST_CONDITIONS:
            most = f"≤ {MOST_CONDITIONS}"
            raise bad_input("too_many_conditions", *path, constraint=most, limit=MOST_CONDITIONS)

    def text(self, text: str, path: Path) -> None:
        if problem := unfit(text):
            raise bad_input(problem, *path, constraint="storable_text")


def _is_condition(value: Any) -> bool:
    """Whether a filter's entry counts as one; comparators and their values do not."""
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def unfit(text: str) -> str | None:
    """The key of why a text cannot be stored or compared, if so."""
    if "\x00" in text:
        return "null_character"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "lone_surrogate"
    return None
