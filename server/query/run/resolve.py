"""Default resolvers for graphql-core: every declared field finds its value under its response key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from server.query.compile.complete import Tagged, label_in
from server.query.compile.plan import PayloadPlace
from server.query.declare.declaration import ById, InBatch, Labelled, RootMutation, RootOne
from server.query.declare.strawberry_types import declaration_of, definition_of, id_attribute
from server.query.run.execution import Execution

Info: TypeAlias = "GraphQLResolveInfo[Any]"


def install(schema: GraphQLSchema) -> None:
    """Give every field its resolver. Strawberry's own sees only a field's name, so two aliases of one cannot work."""
    if schema.extensions.get("kolaborasi"):
        return
    schema.extensions["kolaborasi"] = True
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            is_root = type_ in (schema.query_type, schema.mutation_type, schema.subscription_type)
            for field in type_.fields.values():
                field.resolve = _resolver(field, is_root, type_ is schema.subscription_type)
            type_.is_type_of = None
        elif isinstance(type_, GraphQLInputObjectType):
            # Strawberry checks @oneOf by itself and forgets to tell graphql-core, so introspection would deny it.
            type_.is_one_of = bool(getattr(definition_of(type_), "is_one_of", False))
        elif isinstance(type_, (GraphQLInterfaceType, GraphQLUnionType)):
            type_.resolve_type = _type_of(type_.resolve_type)


def _resolver(field: GraphQLField, is_root: bool, is_watched: bool) -> Callable[..., Any] | None:
    definition: Any = definition_of(field)
    match declaration_of(definition):
        case RootOne():
            return _root
        case ById(in_list=True) | ById(of_verb=True):
            return _of_list(id_attribute(definition))
        case ById():
            return _event_by_id if is_watched else _payload(id_attribute(definition))
        case _ if is_watched:
            return _event
        case InBatch():
            return _in_batch
        case Labelled() as labelled:
            return _labelled(labelled)
        case RootMutation():
            return _done
        case None if definition is None or definition.base_resolver is not None:
            return field.resolve
        case None:
            is_instant = get_named_type(field.type).name == "DateTime"
            return (_instant if is_instant else _either)(field.resolve)
    return _root if is_root else _built


def _built(source: Any, info: Info, **_: Any) -> Any:
    return source[info.path.key]


def _root(source: Execution, info: Info, **_: Any) -> Any:
    value = source.tree[str(info.path.key)]
    if isinstance(value, GraphQLError):
        raise value.with_traceback(None)  # it may be kept with the plan, and must not keep each request's frames
    return value


def _done(source: Execution, info: Info, **_: Any) -> Any:
    payload = source.done[str(info.path.key),]
    if isinstance(payload, Exception):
        raise payload
    return payload


def _event(source: Execution, info: Info, **_: Any) -> Any:
    return source.root


async def _event_by_id(source: Execution, info: Info, **_: Any) -> Any:
    """A subscription whose field is a row: what is delivered is its id."""
    return await source.payload(_place(info), source.root)


def _payload(attribute: str) -> Callable[..., Any]:
    async def fetch(source: Any, info: Info) -> Any:
        id_ = getattr(source, attribute)
        if id_ is None:
            return None
        execution: Execution = info.root_value
        type_name, path = _place(info)
        return execution.done[path] if path in execution.done else await execution.payload((type_name, path), id_)

    def resolve(source: Any, info: Info, **_: Any) -> Any:
        # In an object that a derived field returned it was built with the rest.
        return source[info.path.key] if isinstance(source, dict) else fetch(source, info)

    return resolve


def _of_list(attribute: str) -> Callable[..., Any]:
    def resolve(source: Any, info: Info, **_: Any) -> Any:
        if isinstance(source, dict):  # what a derived field returned
            return source[info.path.key]
        execution: Execution = info.root_value
        return execution.done[_place(info)[1]].get(getattr(source, attribute))

    return resolve


async def _in_batch(source: Any, info: Info, **_: Any) -> Any:
    execution: Execution = info.root_value
    return await execution.in_batch(_place(info), source.batch, source.row_id)


def _place(info: Info) -> PayloadPlace:
    """Where the field stands, whichever item of lists it is of."""
    return info.parent_type.name, tuple(step for step in info.path.as_list() if isinstance(step, str))


def _either(otherwise: Callable[..., Any] | None) -> Callable[..., Any]:
    """A field of a plain type: what was built, or an attribute of a Python object."""

    def resolve(source: Any, info: Info, **arguments: Any) -> Any:
        if isinstance(source, dict):
            return source[info.path.key]
        assert otherwise is not None
        return otherwise(source, info, **arguments)

    return resolve


def _labelled(labelled: Labelled) -> Callable[..., Any]:
    def resolve(source: Any, info: Info, language: Any = None) -> Any:
        if isinstance(source, dict):
            return source[info.path.key]
        value = getattr(source, labelled.of)
        return None if value is None else label_in(labelled.labels, value, language, info.context)

    return resolve


def _instant(otherwise: Callable[..., Any] | None) -> Callable[..., Any]:
    """The same of an instant: what was built bears the city's offset, what a Python object holds is given it."""
    either = _either(otherwise)

    def resolve(source: Any, info: Info, **arguments: Any) -> Any:
        value = either(source, info, **arguments)
        return value if value is None or isinstance(source, dict) else value.astimezone(info.context.zone)

    return resolve


def _type_of(otherwise: Callable[..., Any] | None) -> Callable[..., Any]:
    def resolve_type(source: Any, info: Info, abstract: Any) -> Any:
        if isinstance(source, Tagged):
            return source.typename
        definition = getattr(type(source), "__strawberry_definition__", None)
        if definition is not None:
            return definition.name
        assert otherwise is not None
        return otherwise(source, info, abstract)

    return resolve_type
