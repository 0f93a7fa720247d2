"""What an operation asks for: GraphQL's CollectFields and CoerceArgumentValues, for one shape of the variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, is_abstract_type
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from server.ids import Encoder
from server.query.compile.keyset import Seal, Unseal
from server.query.compile.plan_key import Bound, is_blank
from server.query.declare.catalogue import Catalogue, CatalogueEntry, Entries
from server.rules.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Tools:
    """What every compilation of a schema shares."""

    schema: GraphQLSchema
    catalogue: Catalogue
    encoders: dict[str, Encoder]
    seal: Seal
    unseal: Unseal


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation as one kind of viewer asks it, with one shape of variables; @skip and @include are applied."""

    tools: Tools
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: VariableValues
    viewer: Viewer

    def roots(self, type_: GraphQLObjectType) -> dict[str, Any]:
        """Response key → nodes of the operation's root fields."""
        found = collect_fields(self.tools.schema, self.fragments, self.variables, type_, self.operation)
        return found.grouped_field_set

    def fields(self, type_: GraphQLObjectType, details: Any) -> Mapping[str, Any]:
        """Response key → nodes of the fields that are selected below these nodes, on this type."""
        found = collect_subfields(self.tools.schema, self.fragments, self.variables, self.operation, type_, details)
        return found.grouped_field_set

    def named(self, type_: GraphQLObjectType, details: Any) -> list[tuple[str, str, Any]]:
        """The same: response key, field name and nodes of each."""
        return [(key, each[0].node.name.value, each) for key, each in self.fields(type_, details).items()]

    def arguments(self, type_: GraphQLObjectType, details: Any) -> dict[str, Any]:
        """A field's coerced arguments; bindable leaves are `Bound`. Raises GraphQLError."""
        node: FieldNode = details[0].node
        definition = type_.fields[node.name.value]
        return get_argument_values(definition, node, self.variables, details[0].fragment_variable_values)

    def object_type(self, entries: Entries) -> GraphQLObjectType:
        """A row's GraphQL type."""
        type_ = self.tools.schema.type_map[entries.row.name]
        assert isinstance(type_, GraphQLObjectType)
        return type_

    def target(self, type_: Any) -> Entries:
        """The row that a field of this type leads to."""
        target = self.tools.catalogue.target(type_)
        assert target is not None
        return target

    def possible(self, type_: Any) -> list[Entries]:
        """The rows that may stand where a field has this type."""
        names = self.tools.schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        rows = self.tools.catalogue.rows
        return [rows[each.name] for each in names if each.name in rows]


def leaves(entries: Entries, filter_: Mapping[str, Any]) -> Iterator[tuple[CatalogueEntry, Any]]:
    """The conditions of a filter on fields of the row itself, however they are combined."""
    for name, value in filter_.items():
        if name in ("and", "or"):
            for each in value or ():
                yield from leaves(entries, each)
        elif name == "not":
            yield from leaves(entries, value or {})
        else:
            yield entries.api[name], value


def meant(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A list's coerced arguments without what asks nothing: a blank search, and conditions left empty by undefined
    variables."""
    found = dict(arguments)
    match found.get("search"):
        case Bound(known="blank") | None:
            found.pop("search", None)
        case str() as text if is_blank(text):
            del found["search"]
    if found.get("filter") is not None:
        found["filter"] = conditions(found["filter"])
    return found


def conditions(filter_: Mapping[str, Any]) -> dict[str, Any]:
    """A filter without the objects that ask nothing: `{}`, which is also what undefined variables leave.

    An object that asks nothing is true of every row, so `not: {}` is of none. No list gets shorter: errors name its
    places. Null stays, and is refused where it is written.
    """
    found: dict[str, Any] = {}
    for name, value in filter_.items():
        if name == "not" and isinstance(value, Mapping):
            found[name] = conditions(value)
        elif isinstance(value, Mapping):
            if kept := conditions(value):
                found[name] = kept
        elif name in ("and", "or") and isinstance(value, list):
            each = [conditions(one) if isinstance(one, Mapping) else one for one in value]
            if any(each) or (name == "or" and not each):
                found[name] = each
        else:
            found[name] = value
    return found
