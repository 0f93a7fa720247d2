"""What of the schema is deprecated, and what of that an operation uses: by coordinate, with the reason.

A document's own uses are found once, when it is read; only an operation that takes a variable in which something
deprecated may stand is looked at anew for each request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_introspection_type,
    type_from_ast,
)
from graphql.language import FragmentDefinitionNode, FragmentSpreadNode, Node, Visitor, visit

from server.query.documents.coordinates import Coordinates, Fragments

# What a reason says: what to use instead, and the last day on which it works for certain.
REASON: Final = re.compile(r"use \S.*; removed after (\d{4}-\d{2}-\d{2})")


class WrongReason(Exception):
    """Something is deprecated with a reason that does not say what to use instead, or until when it works."""


def last_day(reason: str) -> date | None:
    """The last day that a reason promises; None where it is not one of ours."""
    found = REASON.fullmatch(reason)
    try:
        return found and date.fromisoformat(found[1])
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Uses:
    """What of an operation is deprecated: its own text's, and the variables in whose values more of it may stand."""

    coordinates: frozenset[str] = frozenset()
    variables: tuple[tuple[str, GraphQLNamedType], ...] = ()


class Deprecations:
    """What of a schema is deprecated; `reasons`: by coordinate."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self.reasons: Mapping[str, str] = dict(_reasons(schema))
        self._holders = _holders(schema, self.reasons)

    def check(self) -> None:
        """Raises WrongReason."""
        for coordinate, reason in self.reasons.items():
            if last_day(reason) is None:
                raise WrongReason(
                    f"{coordinate} is deprecated with “{reason}”: say “use …; removed after YYYY-MM-DD”"
                    " (docs/releasing.md: Deprecation)."
                )

    def uses(self, operation: OperationDefinitionNode, fragments: Fragments) -> Uses:
        """What an operation uses, with the fragments that it spreads."""
        if not self.reasons:
            return Uses()
        found: set[str] = set()
        for part in (operation, *spread_by(operation, fragments)):
            found.update(coordinate for _, coordinate in Coordinates(self._schema, part).named)
        definitions = operation.variable_definitions or ()
        typed = ((each.variable.name.value, type_from_ast(self._schema, each.type)) for each in definitions)
        named = ((name, get_named_type(type_)) for name, type_ in typed if type_ is not None)
        holding = tuple((name, type_) for name, type_ in named if type_.name in self._holders)
        return Uses(frozenset(found & self.reasons.keys()), holding)

    def used(self, uses: Uses, given: Mapping[str, Any]) -> list[str]:
        """The coordinates that a request uses, with the values that it gives."""
        found = set(uses.coordinates)
        for name, type_ in uses.variables:
            found.update(self._inside(given.get(name), type_))
        return sorted(found)

    def told(self, coordinates: Iterable[str]) -> list[dict[str, str]]:
        """As an answer's extensions tell them."""
        return [{"coordinate": each, "reason": self.reasons[each]} for each in coordinates]

    def _inside(self, value: Any, type_: GraphQLNamedType) -> Iterator[str]:
        if isinstance(value, list):
            for each in value:
                yield from self._inside(each, type_)
        elif isinstance(type_, GraphQLInputObjectType) and isinstance(value, dict):
            for name, each in value.items():
                if (coordinate := f"{type_.name}.{name}") in self.reasons:
                    yield coordinate
                inner = get_named_type(type_.fields[name].type)
                if inner.name in self._holders:
                    yield from self._inside(each, inner)
        elif isinstance(type_, GraphQLEnumType) and (coordinate := f"{type_.name}.{value}") in self.reasons:
            yield coordinate


def spread_by(definition: Node, fragments: Fragments) -> list[FragmentDefinitionNode]:
    """The fragments that a definition spreads, and those that these spread."""
    found: dict[str, FragmentDefinitionNode] = {}
    waiting: list[Node] = [definition]
    while waiting:
        spreads = _Spreads(waiting.pop())
        for name in spreads.names - found.keys():
            if name in fragments:
                found[name] = fragments[name]
                waiting.append(fragments[name])
    return list(found.values())


class _Spreads(Visitor):
    """The names of the fragments that a definition itself spreads."""

    def __init__(self, definition: Node) -> None:
        super().__init__()
        self.names: set[str] = set()
        visit(definition, self)
        self.enter_leave_map.clear()  # its own methods, and so itself

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.names.add(node.name.value)


def _reasons(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    for name, type_ in schema.type_map.items():
        if is_introspection_type(type_):
            continue
        if isinstance(type_, GraphQLEnumType):
            parts: Mapping[str, Any] = type_.values
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            parts = type_.fields
        else:
            continue
        for part_name, part in parts.items():
            if part.deprecation_reason is not None:
                yield f"{name}.{part_name}", part.deprecation_reason
            for argument_name, argument in getattr(part, "args", {}).items():
                if argument.deprecation_reason is not None:
                    yield f"{name}.{part_name}({argument_name}:)", argument.deprecation_reason


def _holders(schema: GraphQLSchema, reasons: Mapping[str, str]) -> frozenset[str]:
    """The input types and enums in whose values something deprecated may stand."""
    inputs = {name: each for name, each in schema.type_map.items() if isinstance(each, GraphQLInputObjectType)}
    of = {coordinate.partition(".")[0] for coordinate in reasons}
    found = {name for name in of if name in inputs or isinstance(schema.type_map[name], GraphQLEnumType)}
    while found:
        more = {
            name
            for name, each in inputs.items()
            if name not in found and any(get_named_type(field.type).name in found for field in each.fields.values())
        }
        if not more:
            break
        found |= more
    return frozenset(found)
