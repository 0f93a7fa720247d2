"""The query compiler's entry: root fields become plans, once for each shape of variables and kind of viewer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_abstract_type, is_composite_type

from server.query.compile.asked import Asked
from server.query.compile.lists import Lists
from server.query.compile.plan import MOST_IDS, PAYLOAD_ID, Level, NodesPlan, PayloadFieldPlan, Plan, VerbPlan
from server.query.compile.plan_key import Bound
from server.query.compile.verbs import verb_plan
from server.query.declare.catalogue import Entries
from server.query.declare.declaration import ById, InBatch, ManyToMany, RootMutation, RootNode, RootOne, ToMany
from server.query.declare.strawberry_types import declaration_of, definition_of
from server.query.problem import bad_input
from server.query.values import Id

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles the fields of what is asked."""

    asked: Asked

    @property
    def lists(self) -> Lists:
        """Compiles levels."""
        return Lists(self.asked)

    def root(self, type_: GraphQLObjectType, key: str, details: Any) -> Plan | NodesPlan | VerbPlan | None:
        """The plan of a declared root field; None for one with a resolver of its own. Raises GraphQLError."""
        graphql_field = type_.fields.get(details[0].node.name.value)
        if graphql_field is None:
            return None
        declared: Any = definition_of(graphql_field)
        match declaration_of(declared):
            case ToMany() as many:
                return Plan(self.lists.root_list(declared, many, graphql_field, details, type_, (key,)))
            case RootOne() as one:
                target = self.asked.tools.catalogue.target(graphql_field.type)
                assert target is not None
                arguments = self.asked.arguments(type_, details)
                return Plan(self.lists.root_one(target, one, arguments, details, (key,)), one.is_state)
            case RootNode() as node:
                return self._nodes(node, type_, details, (key,))
            case RootMutation() as verb:
                return verb_plan(self.asked, verb, type_, details, tuple(self.inside(type_, details, (key,))))
        return None

    def inside(self, type_: GraphQLObjectType, details: Any, path: Path) -> Iterator[PayloadFieldPlan]:
        """The plans of the fields that hold ids, anywhere below a field with a resolver of its own."""
        declared = type_.fields.get(details[0].node.name.value)
        named = None if declared is None else get_named_type(declared.type)  # none: __schema and __type hold no ids
        if not is_composite_type(named):
            return
        for possible in self.asked.tools.schema.get_possible_types(named) if is_abstract_type(named) else [named]:
            assert isinstance(possible, GraphQLObjectType)
            for key, each in self.asked.fields(possible, details).items():
                field_ = possible.fields.get(each[0].node.name.value)
                if field_ is None:
                    continue
                here = (*path, key)
                match declaration_of(definition_of(field_)):
                    case ById(link=link):
                        entries = self.asked.tools.catalogue.rows[get_named_type(field_.type).name]
                        yield PayloadFieldPlan(entries.row.name, here, each, self.payload(entries, each, here, link))
                    case InBatch(types):
                        yield PayloadFieldPlan("", here, each, self.batch(types, each, here))
                    case None:
                        yield from self.inside(possible, each, here)

    def payload(self, entries: Entries, details: Any, path: Path, link: ManyToMany | None = None) -> Plan:
        """The plan of a field that holds an id: found under PAYLOAD_ID in the execution's values."""
        if link is not None:
            return Plan(self.lists.many_to_many(entries, link, details, path))
        return Plan(self.lists.one(entries, PAYLOAD_ID, details, path))

    def batch(self, types: Sequence[str], details: Any, path: Path) -> NodesPlan:
        """The plan of a field that is read for a whole list: its ids are found under PAYLOAD_ID."""
        by_type = {}
        for name in types:
            entries = self.asked.tools.catalogue.rows[name]
            by_type[entries.row.prefix] = self.lists.by_ids(entries, details, path, tagged=True, most=MOST_IDS)
        return NodesPlan(PAYLOAD_ID, by_type, path)

    def _nodes(self, declaration: RootNode, type_: GraphQLObjectType, details: Any, path: Path) -> Plan | NodesPlan:
        arguments = self.asked.arguments(type_, details)
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

    def _target(self, node: Any, declaration: RootNode, prefixes: list[str], path: Path) -> list[Entries]:
        known = {each.row.prefix: each for each in self.asked.possible(node)}
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
