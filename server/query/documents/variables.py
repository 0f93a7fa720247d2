"""Variable coercion, as graphql-core does it, and without its detours where variables are plain leaves.

graphql-core takes 10 to 20 µs for each variable, most of it to look up again what the document says of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

from server.query.documents.validation import MOST_ERRORS


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A variable of a scalar's or an enum's type, without a default."""

    name: str
    signature: GraphQLVariableSignature
    coerce: Callable[[Any], Any]
    is_required: bool


class Variables:
    """What an operation declares; kept with it."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._schema = schema
        self._definitions = definitions
        leaves = [_leaf(schema, each) for each in definitions]
        self._leaves = None if None in leaves else tuple(each for each in leaves if each is not None)

    def coerce(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """The coerced values with their sources, or why not: at most MOST_ERRORS errors."""
        found = None if self._leaves is None else _plainly(self._leaves, given)
        if found is not None:
            return found
        coerced = get_variable_values(self._schema, self._definitions, given, max_errors=MOST_ERRORS)
        # Past these graphql-core gives up and says only that.
        return coerced[:MOST_ERRORS] if isinstance(coerced, list) else coerced


def _leaf(schema: GraphQLSchema, definition: VariableDefinitionNode) -> _Leaf | None:
    signature = get_variable_signature(schema, definition)
    if isinstance(signature, GraphQLError) or definition.default_value is not None:
        return None
    type_: Any = signature.type
    is_required = is_non_null_type(type_)
    type_ = type_.of_type if is_required else type_
    return _Leaf(signature.name, signature, type_.coerce_input_value, is_required) if is_leaf_type(type_) else None


def _plainly(leaves: tuple[_Leaf, ...], given: Mapping[str, Any]) -> VariableValues | None:
    """The values, or None where something is wrong: graphql-core says what."""
    sources: dict[str, VariableValueSource] = {}
    coerced: dict[str, Any] = {}
    for leaf in leaves:
        value = given.get(leaf.name, Undefined)
        sources[leaf.name] = VariableValueSource(leaf.signature, value)
        if value is None or value is Undefined:
            if leaf.is_required:
                return None
            if value is None:
                coerced[leaf.name] = None
            continue
        try:
            made = leaf.coerce(value)
        except Exception:
            return None
        if made is Undefined:
            return None
        coerced[leaf.name] = made
    return VariableValues(sources, coerced)
