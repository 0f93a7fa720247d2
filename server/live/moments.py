"""Change detection: what of an answer tells of its moment alone is left out when a state is compared with the last.

A cursor of the log is sealed anew each time, and "as of" moves with every look; an answer that differs in nothing else
has not changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import orjson
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.collect_fields import FragmentDetails

from server.query.declare.declaration import Computed, Derived
from server.query.declare.strawberry_types import declaration_of, definition_of
from server.query.run.question import Question

# Response key → None: a moment; else what there is of them below it.
Moments: TypeAlias = "dict[str, Moments | None]"


def moments_in(schema: GraphQLSchema, question: Question) -> bytes:
    """The moments among what is selected, where they stand in the answer, as JSON."""
    assert schema.query_type is not None
    found: Moments = {}
    operation, form = question.operation, question.form
    _collect(schema, operation.fragments, operation.node.selection_set, schema.query_type, found)
    for name in form.within:
        found = found.get(name) or {}
    return orjson.dumps(found if form.around is None else {form.around: found})


def without(data: Any, moments: Moments) -> Any:
    """An answer's data (JSON bytes, or Python values) as Python values, its moments left out."""
    return _without(orjson.loads(data) if isinstance(data, bytes) else data, moments)


def digest(data: Any, moments: bytes) -> bytes:
    """What of an answer's data is compared; `moments` as JSON. Of bytes that many are told it is made once."""
    return _digest(data, moments) if isinstance(data, bytes) else _hash(without(data, orjson.loads(moments)))


@lru_cache(64)
def _digest(data: bytes, moments: bytes) -> bytes:
    return _hash(without(data, orjson.loads(moments)))


def _hash(value: Any) -> bytes:
    return hashlib.sha256(orjson.dumps(value)).digest()


def _without(value: Any, moments: Moments) -> Any:
    if isinstance(value, list):
        return [_without(each, moments) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, each in value.items():
        below = moments.get(key, _NONE)
        if below is not None:
            kept[key] = _without(each, below) if below else each
    return kept


def _collect(
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDetails],
    selected: SelectionSetNode,
    type_: GraphQLNamedType,
    found: Moments,
) -> None:
    for node in selected.selections:
        if isinstance(node, FieldNode):
            definition = getattr(type_, "fields", {}).get(node.name.value)
            if definition is None:  # __typename
                continue
            key = node.alias.value if node.alias else node.name.value
            below = get_named_type(definition.type)
            if below.name == "Cursor" or _is_moment(definition):
                found[key] = None
            elif node.selection_set is not None and (inside := found.setdefault(key, {})) is not None:
                _collect(schema, fragments, node.selection_set, below, inside)
        elif isinstance(node, InlineFragmentNode):
            of = type_ if node.type_condition is None else schema.type_map[node.type_condition.name.value]
            _collect(schema, fragments, node.selection_set, of, found)
        elif isinstance(node, FragmentSpreadNode):
            fragment = fragments[node.name.value].definition
            of = schema.type_map[fragment.type_condition.name.value]
            _collect(schema, fragments, fragment.selection_set, of, found)


def _is_moment(definition: Any) -> bool:
    declaration = declaration_of(definition_of(definition))
    return isinstance(declaration, Computed | Derived) and declaration.is_moment


_NONE: Moments = {}
