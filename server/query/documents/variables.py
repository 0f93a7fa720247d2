"""Variable coercion, as graphql-core does it, and without its detours where variables are plain leaves.

graphql-core takes 10 to 20 µs for each variable, most of it to look up again what the document says of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NonNullTypeNode,
    Undefined,
    VariableDefinitionNode,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

from server import shortcuts
from server.query.documents.refused_values import MOST_ERRORS, refused_variable
from server.query.documents.wanted_ids import uses_in

# A variable of a scalar's or an enum's type without a default: what it is, whether it is required, how it is coerced.
_Leaf = tuple[GraphQLVariableSignature, bool, Callable[[Any], Any]]


class Variables:
    """What an operation declares; kept with it."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, definitions: Sequence[VariableDefinitionNode]
    ) -> None:
        self._schema = schema
        self._document = document
        self._definitions = definitions
        leaves = [leaf for each in definitions if (leaf := _leaf(schema, each)) is not None]
        self._leaves = leaves if len(leaves) == len(definitions) else None

    def coerce(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """The coerced values with their sources, or why not: at most MOST_ERRORS errors."""
        if shortcuts.are_taken and self._leaves is not None and (found := _plainly(self._leaves, given)) is not None:
            return found
        coerced = get_variable_values(self._schema, self._definitions, given, max_errors=MOST_ERRORS)
        if not isinstance(coerced, list):
            return coerced
        # Our own say more. Past so many graphql-core gives up and says only that.
        return [*islice(self._refused(given), MOST_ERRORS)] or coerced[:MOST_ERRORS]

    def _refused(self, given: Mapping[str, Any]) -> Iterator[GraphQLError]:
        """Why not, variable by variable; the document is looked through once, however many it has."""
        uses = uses_in(self._document)
        for definition in self._definitions:
            signature = get_variable_signature(self._schema, definition)
            name = definition.variable.name.value
            value = given.get(name, Undefined)
            may_be_absent = definition.default_value is not None or not isinstance(definition.type, NonNullTypeNode)
            if not isinstance(signature, GraphQLError) and not (value is Undefined and may_be_absent):
                yield from refused_variable(self._schema, definition, value, signature.type, uses.get(name, ()))


def _leaf(schema: GraphQLSchema, definition: VariableDefinitionNode) -> _Leaf | None:
    signature = get_variable_signature(schema, definition)
    if isinstance(signature, GraphQLError) or definition.default_value is not None:
        return None
    type_ = get_nullable_type(signature.type)
    return (signature, type_ is not signature.type, type_.coerce_input_value) if is_leaf_type(type_) else None


def _plainly(leaves: Sequence[_Leaf], given: Mapping[str, Any]) -> VariableValues | None:
    """The values, or None where something is wrong: graphql-core says what."""
    sources: dict[str, VariableValueSource] = {}
    coerced: dict[str, Any] = {}
    for signature, is_required, coerce in leaves:
        name = signature.name
        value = given.get(name, Undefined)
        sources[name] = VariableValueSource(signature, value)
        if value is not None and value is not Undefined:
            try:
                coerced[name] = coerce(value)
            except Exception:
                return None
            if coerced[name] is Undefined:
                return None
        elif is_required:
            return None
        elif value is None:
            coerced[name] = None
    return VariableValues(sources, coerced)
