"""The query compiler's entry: root fields become plans, once for each shape of variables and kind of viewer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, get_named_type, is_abstract_type, is_composite_type

from server.query.compile.asked import Asked
from server.query.compile.complete import GeneratedCode, Objects
from server.query.compile.groups import groups
from server.query.compile.lists import Lists
from server.query.compile.plan import (
    MOST_IDS,
    PAYLOAD_ID,
    WRITTEN,
    Held,
    Level,
    NodesPlan,
    PayloadPlace,
    PayloadPlan,
    Plan,
    VerbPlan,
)
from server.query.compile.plan_key import Bound
from server.query.declare.catalogue import Entries
from server.query.declare.declaration import (
    ById,
    InBatch,
    ManyToMany,
    RootGroups,
    RootMutation,
    RootNode,
    RootOne,
    ToMany,
)
from server.query.declare.strawberry_types import Declared, declaration_of, definition_of, id_attribute
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
            case RootGroups() as grouped:
                return Plan(groups(self.asked, grouped, graphql_field, details, type_, (key,)))
            case RootOne() as one:
                target, arguments = self.asked.target(graphql_field.type), self.asked.arguments(type_, details)
                return Plan(self.lists.root_one(target, one, arguments, details, (key,)), one.is_state)
            case RootNode() as node:
                return self._nodes(node, type_, details, (key,))
            case RootMutation() as verb:
                return self._verb(verb, type_, graphql_field, details, (key,))
        return None

    def looks(self, type_: GraphQLObjectType, key: str, details: Any) -> list[Level]:
        """The price of a root field with a resolver of its own: what it looks through (`metadata={"scans": …}`)."""
        graphql_field = type_.fields.get(details[0].node.name.value)
        definition: Any = graphql_field and definition_of(graphql_field)
        scans = definition.metadata.get("scans", 0) if definition else 0
        return [Level((key,), None, [], "root", _nothing, scans=scans)] if scans else []

    def _verb(
        self, verb: RootMutation, type_: GraphQLObjectType, graphql_field: Any, details: Any, path: Path
    ) -> VerbPlan:
        """What the verb takes, and how the payload that it returns is completed: whatever is wrong is told before."""
        held: list[Held] = []
        arguments = self.asked.arguments(type_, details)
        given = _within(arguments["input"], "rows") if verb.of_rows else None

        def row(at: Path, declared: Declared, row_type: Any, below: Any) -> str:
            attribute = id_attribute(declared)
            place = (*path, *at)
            plan: Plan | NodesPlan | None = None
            match declared.declaration:
                case ById(in_list=True):
                    plan = Plan(self.lists.by_ids(self.asked.target(row_type), below, place, given=given))
                case ById(of_verb=True):
                    plan = self._by_type(PAYLOAD_ID, self.asked.possible(get_named_type(row_type)), below, place, given)
            if plan is not None:
                held.append(Held(at, attribute, plan, in_list=True))
                return f"k[{at!r}].get(o.{attribute})"
            held.append(Held(at, attribute, self._by_id(declared, row_type, below, place)))
            return f"k[{at!r}]"

        objects = Objects(GeneratedCode(self.asked.tools.encoders), self.asked, row=row)
        payload = objects.fields(get_named_type(graphql_field.type), details, row)
        written = None
        if verb.of_rows:
            place = (*path, "input", "rows")
            written = Level(place, None, [], "root", _nothing, most=WRITTEN, given=given)
        return VerbPlan(verb, arguments, held, objects.code.function("o, run, k", payload), written)

    def inside(self, type_: GraphQLObjectType, details: Any, path: Path) -> Iterator[tuple[PayloadPlace, PayloadPlan]]:
        """The plans of the fields that hold ids: a root field without a plan, or fields anywhere below one."""
        graphql_field = type_.fields.get(details[0].node.name.value)
        if graphql_field is None:
            return  # __typename, __schema and __type hold no ids
        declared: Any = definition_of(graphql_field)
        match declaration_of(declared):
            case ById() | InBatch():
                yield (type_.name, path), self._payload(declared, graphql_field.type, details, path)
            case None if is_composite_type(named := get_named_type(graphql_field.type)):
                for possible in (
                    self.asked.tools.schema.get_possible_types(named) if is_abstract_type(named) else [named]
                ):
                    assert isinstance(possible, GraphQLObjectType)
                    for key, each in self.asked.fields(possible, details).items():
                        yield from self.inside(possible, each, (*path, key))

    def _payload(self, declared: Declared, type_: Any, details: Any, path: Path) -> PayloadPlan:
        """What is read there, or what is wrong with it: the rest is answered all the same."""
        try:
            match declared.declaration:
                case InBatch(types):
                    rows = [self.asked.tools.catalogue.rows[name] for name in types]
                    return self._by_type(PAYLOAD_ID, rows, details, path)
            return self._by_id(declared, type_, details, path)
        except GraphQLError as error:
            return error

    def _by_id(self, declared: Declared, type_: Any, details: Any, path: Path) -> Plan | NodesPlan:
        """The plan of a field that holds an id: found under PAYLOAD_ID in the execution's values."""
        if is_abstract_type(named := get_named_type(type_)):
            return self._by_type(PAYLOAD_ID, self.asked.possible(named), details, path)
        target = self.asked.target(type_)
        match declared.declaration:
            case ById(link=ManyToMany() as link):
                return Plan(self.lists.many_to_many(target, link, details, path))
        return Plan(self.lists.one(target, PAYLOAD_ID, details, path))

    def _by_type(self, ids: Any, rows: Iterable[Entries], details: Any, path: Path, given: Any = None) -> NodesPlan:
        """`given`: at most one for each."""
        most = MOST_IDS if given is None else 1
        levels = {
            each.row.prefix: self.lists.by_ids(each, details, path, tagged=True, most=most, given=given)
            for each in rows
        }
        return NodesPlan(ids, levels, path)

    def _nodes(self, declaration: RootNode, type_: GraphQLObjectType, details: Any, path: Path) -> Plan | NodesPlan:
        arguments = self.asked.arguments(type_, details)
        node = get_named_type(type_.fields[details[0].node.name.value].type)
        if not declaration.many:
            target = self._target(node, declaration, _prefixes(arguments["id"]), (*path, "id"))[0]
            return Plan(self.lists.one(target, arguments["id"], details, path, tagged=True))
        ids = arguments["ids"]
        return self._by_type(ids, self._target(node, declaration, _prefixes(ids), (*path, "ids")), details, path)

    def _target(self, node: Any, declaration: RootNode, prefixes: list[str], path: Path) -> list[Entries]:
        known = {each.row.prefix: each for each in self.asked.possible(node)}
        for prefix in prefixes:
            if place := declaration.elsewhere.get(prefix):
                raise bad_input("id_of_no_node", *path, constraint="node_id", prefix=f"{prefix}_", place=place)
            if prefix not in known:
                raise bad_input("id_of_no_type", *path, constraint="given_id", prefix=f"{prefix}_")
        return [known[prefix] for prefix in prefixes]


def _within(value: Any, name: str) -> Any:
    """The place of a field of an input object."""
    return Bound((*value.path, name)) if isinstance(value, Bound) else value[name]


def _nothing(*_: Any) -> None:
    """What is made of rows that are only written."""


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
