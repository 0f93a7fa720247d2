"""A document's root fields → plans. One compilation for each shape of the variables and each kind of viewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from server.ids import Encoder
from server.query.compile.aggregates import embedded
from server.query.compile.keyset import Seal, Unseal
from server.query.compile.lists import Lists
from server.query.compile.plan_key import Bound
from server.query.compile.statement import Run
from server.query.declare.catalogue import Catalogue, Entries, Entry
from server.query.declare.declaration import ById, Declaration, Embedded, InBatch, RootNode, RootOne, Through, ToMany
from server.query.declare.fields import declaration_of
from server.query.problem import bad_input
from server.query.run.fetch import Connection, Level
from server.query.values import Id
from server.rules.viewer import Viewer

MOST_IDS = 100
MOST_IN_BATCH = 100
# Where a payload's id stands among an execution's values.
PAYLOAD_ID = Bound(("",))


@dataclass(frozen=True, slots=True)
class Tools:
    """What every compilation of a schema shares."""

    schema: GraphQLSchema
    catalogue: Catalogue
    encoders: dict[str, Encoder]
    seal: Seal
    unseal: Unseal


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled root field (or payload field): one level, or for `nodes` one of each type."""

    level: Level
    is_state: bool = False

    async def run(self, connection: Connection, run: Run) -> Any:
        """The field's value."""
        if self.level.mode == "grouped":  # a list that hangs on the payload's row
            id_ = PAYLOAD_ID.of(run.values)
            return (await self.level.fetch(connection, run, [id_]))[id_]
        return (await self.level.fetch(connection, run))[None]

    @property
    def levels(self) -> list[Level]:
        """Its first statements."""
        return [self.level]


@dataclass(frozen=True, slots=True)
class NodesPlan:
    """`nodes(ids)`: a statement for each type among the ids."""

    ids: Any
    by_type: Mapping[str, Level]
    path: tuple[str, ...]
    most: int = MOST_IDS

    async def run(self, connection: Connection, run: Run) -> Any:
        """The objects in the ids' order, null where unknown or hidden."""
        ids: list[Id] = self.ids.of(run.values) if isinstance(self.ids, Bound) else _resolved(self.ids, run)
        if len(ids) > self.most:
            most = f"at most {self.most}"
            raise bad_input("too_many_ids", *self.path, "ids", constraint=most, count=len(ids), limit=self.most)
        found: dict[Any, Any] = {}
        for prefix, level in self.by_type.items():
            wanted = list(dict.fromkeys(each.uuid for each in ids if each.prefix == prefix))
            if wanted:
                found |= await level.fetch(connection, run, wanted)
        return [found.get(each.uuid) for each in ids]

    @property
    def levels(self) -> list[Level]:
        """Its first statements."""
        return list(self.by_type.values())


@dataclass(frozen=True, slots=True)
class Payload:
    """The plan of a field that holds an id, and where it stands."""

    type_name: str
    path: tuple[str, ...]
    details: Any
    plan: Plan | NodesPlan


def _resolved(ids: list[Any], run: Run) -> list[Id]:
    return [each.of(run.values) if isinstance(each, Bound) else each for each in ids]


@dataclass(slots=True)
class Compiler:
    """Compiles the fields of one operation for one kind of viewer and one shape of variables."""

    tools: Tools
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: VariableValues
    viewer: Viewer

    @property
    def lists(self) -> Lists:
        """Compiles levels."""
        return Lists(self)

    @property
    def schema(self) -> GraphQLSchema:
        return self.tools.schema

    @property
    def encoders(self) -> dict[str, Encoder]:
        return self.tools.encoders

    def roots(self, type_: GraphQLObjectType) -> dict[str, Any]:
        """Response key → nodes of the operation's root fields."""
        found = collect_fields(self.schema, self.fragments, self.variables, type_, self.operation)
        return found.grouped_field_set

    def fields(self, type_: GraphQLObjectType, details: Any) -> Mapping[str, Any]:
        """Response key → nodes of the fields that are selected below these nodes, on this type."""
        found = collect_subfields(self.schema, self.fragments, self.variables, self.operation, type_, details)
        return found.grouped_field_set

    def arguments(self, type_: GraphQLObjectType, details: Any) -> dict[str, Any]:
        """A field's coerced arguments; bindable leaves are `Bound`. Raises GraphQLError."""
        node: FieldNode = details[0].node
        definition = type_.fields[node.name.value]
        return get_argument_values(definition, node, self.variables, details[0].fragment_variable_values)

    def object_type(self, entries: Entries) -> GraphQLObjectType:
        """A row's GraphQL type."""
        type_ = self.schema.type_map[entries.row.name]
        assert isinstance(type_, GraphQLObjectType)
        return type_

    def embedded(self, entries: Entries, entry: Entry, parts: Embedded, details: Any, path: tuple[str, ...]) -> Level:
        """The level of an object of aggregates below a row."""
        return embedded(self, entries, entry, parts, details, path)

    def possible(self, type_: Any) -> list[Entries]:
        """The rows that may stand where a field has this type."""
        names = self.schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        return [self.tools.catalogue.rows[each.name] for each in names if each.name in self.tools.catalogue.rows]

    def root(self, type_: GraphQLObjectType, key: str, details: Any) -> Plan | NodesPlan | None:
        """The plan of a declared root field; None for one with a resolver of its own. Raises GraphQLError."""
        name = details[0].node.name.value
        graphql_field = type_.fields.get(name)
        if graphql_field is None:
            return None
        declared: Any = graphql_field.extensions.get("strawberry-definition")
        declaration: Declaration | None = declaration_of(declared)
        match declaration:
            case ToMany():
                return Plan(self.lists.root_list(declared, declaration, graphql_field, details, type_, (key,)))
            case RootOne():
                target = self.tools.catalogue.target(graphql_field.type)
                assert target is not None
                arguments = self.arguments(type_, details)
                level = self.lists.root_one(target, declaration, arguments, details, (key,))
                return Plan(level, declaration.is_state)
            case RootNode():
                return self._nodes(declaration, type_, details, (key,))
        return None

    def inside(self, type_: GraphQLObjectType, details: Any, path: tuple[str, ...]) -> Iterator[Payload]:
        """The plans of the fields that hold ids, anywhere below a field with a resolver of its own."""
        declared = type_.fields.get(details[0].node.name.value)
        named = None if declared is None else get_named_type(declared.type)  # none: __schema and __type hold no ids
        if not is_composite_type(named):
            return
        for possible in self.schema.get_possible_types(named) if is_abstract_type(named) else [named]:
            assert isinstance(possible, GraphQLObjectType)
            for key, each in self.fields(possible, details).items():
                field_ = possible.fields.get(each[0].node.name.value)
                if field_ is None:
                    continue
                here = (*path, key)
                match declaration_of(field_.extensions.get("strawberry-definition")):
                    case ById(link=link):
                        entries = self.tools.catalogue.rows[get_named_type(field_.type).name]
                        yield Payload(entries.row.name, here, each, self.payload(entries, each, here, link))
                    case InBatch(types):
                        yield Payload("", here, each, self.batch(types, each, here))
                    case None:
                        yield from self.inside(possible, each, here)

    def payload(self, entries: Entries, details: Any, path: tuple[str, ...], link: Through | None = None) -> Plan:
        """The plan of a field that holds an id: found under PAYLOAD_ID in the execution's values."""
        if link is not None:
            return Plan(self.lists.through(entries, link, details, path))
        return Plan(self.lists.one(entries, PAYLOAD_ID, details, path))

    def batch(self, types: tuple[str, ...], details: Any, path: tuple[str, ...]) -> NodesPlan:
        """The plan of a field that is read for a whole list: its ids are found under PAYLOAD_ID."""
        by_type = {}
        for name in types:
            entries = self.tools.catalogue.rows[name]
            by_type[entries.row.prefix] = self.lists.by_ids(entries, details, path, tagged=True, most=MOST_IN_BATCH)
        return NodesPlan(PAYLOAD_ID, by_type, path, MOST_IN_BATCH)

    def _nodes(
        self, declaration: RootNode, type_: GraphQLObjectType, details: Any, path: tuple[str, ...]
    ) -> Plan | NodesPlan:
        arguments = self.arguments(type_, details)
        node = get_named_type(type_.fields[details[0].node.name.value].type)
        if not declaration.many:
            target = self._target(node, declaration, _prefixes(arguments["id"]), (*path, "id"))[0]
            return Plan(self.lists.one(target, arguments["id"], details, path, tagged=True))
        ids = arguments["ids"]
        by_type: dict[str, Level] = {
            target.row.prefix: self.lists.by_ids(target, details, path, tagged=True, most=MOST_IDS)
            for target in self._target(node, declaration, _prefixes(ids), (*path, "ids"))
        }
        return NodesPlan(ids, by_type, path)

    def _target(self, node: Any, declaration: RootNode, prefixes: list[str], path: tuple[str, ...]) -> list[Entries]:
        known = {each.row.prefix: each for each in self.possible(node)}
        for prefix in prefixes:
            if place := declaration.elsewhere.get(prefix):
                raise bad_input("id_of_no_node", *path, constraint="node_id", prefix=f"{prefix}_", place=place)
            if prefix not in known:
                raise bad_input("id_of_no_type", *path, constraint="given_id", prefix=f"{prefix}_")
        return [known[prefix] for prefix in prefixes]


def _prefixes(value: Any) -> list[str]:
    match value:
        case Bound(_, frozenset() as known):
            return sorted(known)
        case Bound(_, str() as known):
            return [known]
        case Id():
            return [value.prefix]
        case list():
            return sorted({prefix for each in value for prefix in _prefixes(each)})
    return []
