"""Live queries: an operation that is answered again and again, as the query that it is or that stands behind it.

A query says so itself (`@live`). The field `live` of Subscription is answered by the queries selected below it, and a
state that can be watched by the root field of Query that gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from graphql import GraphQLError, OperationType
from graphql.execution.values import VariableValues
from graphql.language import ast

from server.database import Connection
from server.query.codes import BAD_USER_INPUT
from server.query.declare.context import Context
from server.query.documents.cache import MOST_SHAPES, Kept, Operation
from server.query.documents.coordinates import PathCoordinates
from server.query.documents.cost import check_price
from server.query.problem import NotRun, bad_input, with_code
from server.query.run.engine import Engine
from server.query.run.execution import Compiled, Execution
from server.query.run.failures import refused
from server.query.run.live_directive import checked, throttle_of
from server.query.run.result import Result
from server.rules.viewer import Viewer

MOST_ROWS = 10_000  # that a live document may cost: it is read again and again
_INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a query's answer stands in that of the subscription which it answers: below the field `around`, or without
    the fields `within`."""

    around: str | None = None
    within: Sequence[str] = ()

    def of(self, result: Result) -> Result:
        """The answer in its place, its errors with it."""
        data: Any = result.data
        if self.around is not None:
            key = orjson.dumps(self.around)
            if isinstance(data, bytes):
                data = b"{" + key + b":" + data + b"}"
            elif data is not None or not result.is_refused:
                data = {self.around: data}
        for name in self.within:
            data = (orjson.loads(data) if isinstance(data, bytes) else data or {}).get(name)
        for error in result.errors:
            self._move(error)
        result.data = data
        return result

    def _move(self, error: GraphQLError) -> None:
        def moved(path: Sequence[Any]) -> list[Any]:
            return [*(() if self.around is None else (self.around,)), *path[len(self.within) :]]

        if error.path:
            error.path = moved(error.path)
        if error.extensions and isinstance(path := error.extensions.get("path"), list):
            error.extensions["path"] = moved(path)


PLAIN = Envelope()


@dataclass(frozen=True, slots=True)
class StateRoot:
    """A field of Subscription that gives a state: the way to it in Query; and whether an event may have altered it,
    where that is said (see live/watch.py)."""

    way: tuple[str, ...]
    concerns: Callable[[Viewer, Mapping[str, Any]], bool] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """What is answered again and again, with its variables' values; `throttle`: milliseconds between two answers."""

    engine: Engine
    operation: Operation
    compiled: Compiled
    values: dict[str, Any]
    outlined: VariableValues
    shape: Any  # the viewer's kind, and the variables' shape
    form: Envelope
    throttle: int
    deprecated: Sequence[str]
    concerns: Callable[[Viewer, Mapping[str, Any]], bool] | None
    key: Hashable = field(init=False)

    def __post_init__(self) -> None:
        # The operation itself, not its text: as long as it is kept nothing else can be mistaken for it.
        object.__setattr__(self, "key", (self.operation, repr(self.values), self.shape[0], self.form.around))

    async def answer(self, context: Context, connection: Connection, noted: dict[int, set[Any]]) -> Result:
        """As things stand in the connection's snapshot. `noted`: a level → its parents' ids, is filled."""
        one = self.engine.again(self.operation, self.values, self.outlined, self.shape, context)
        one.pinned, one.parents, one.deprecated = connection, noted, self.deprecated
        context.reading = one.connection
        try:
            result = await self.engine.answer(one, MOST_ROWS, self.compiled)
        except Exception as error:
            result = refused(error, context)
        return self.form.of(self.engine.told(result, one, context, is_use=False))


def ask(
    engine: Engine,
    source: str,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    context: Context,
    roots: Mapping[str, StateRoot],
) -> Question | Result | None:
    """The question that an operation asks; the answer that refuses it; None where it is none to be asked again.

    `roots`: the fields of Subscription that give a state.
    """
    prepared = None
    try:
        prepared = engine.prepare(source, variables, operation_name, context)
        found = _found(engine, prepared, roots)
        if found is None:
            return None
        operation, form, throttle, root = found
        one = engine.again(operation, prepared.run.values, prepared.outlined, prepared.shape, context)
        compiled = engine.compiled(one)
        if not _INTROSPECTION.isdisjoint(_names(one)):
            raise bad_input("live_introspection", constraint="query_without_live")
        _, refusal = check_price(compiled.levels, one.run, MOST_ROWS)
        if refusal is not None:
            raise NotRun(refusal)
    except Exception as error:
        return engine.told(refused(error, context), prepared, context)
    return Question(
        engine,
        operation,
        compiled,
        prepared.run.values,
        prepared.outlined,
        prepared.shape,
        form,
        throttle,
        prepared.deprecated,
        None if root is None else root.concerns,
    )


def _found(
    engine: Engine, prepared: Execution, roots: Mapping[str, StateRoot]
) -> tuple[Operation, Envelope, int, StateRoot | None] | None:
    operation = prepared.operation
    kind = operation.node.operation
    if kind == OperationType.QUERY:
        throttle = throttle_of(engine.schema, operation, prepared.variables)
        return None if throttle is None else (operation, PLAIN, throttle, None)
    type_ = engine.schema.subscription_type
    if kind != OperationType.SUBSCRIPTION or type_ is None:
        return None
    asked = prepared.asked(prepared.variables)
    ((key, details),) = asked.roots(type_).items()
    name = details[0].node.name.value
    if name not in roots:
        return None
    way = roots[name].way
    try:
        given = asked.arguments(type_, details).get("throttle")
    except GraphQLError as error:
        raise NotRun(with_code(error, BAD_USER_INPUT)) from None
    throttle = checked(given, (key, "throttle"))
    if operation.as_query is None:
        operation.as_query = _as_query(engine, operation, [each.node for each in details], key, way)
    return operation.as_query, Envelope(around=None if way else key, within=way[:-1]), throttle, roots[name]


def _as_query(
    engine: Engine, operation: Operation, nodes: Sequence[ast.FieldNode], key: str, way: Sequence[str]
) -> Operation:
    """The query behind a subscription: what is selected of its field, at the end of the way to it."""
    selected = [each for node in nodes if node.selection_set for each in node.selection_set.selections]
    for name in reversed(way):
        is_last = name == way[-1]
        made = ast.FieldNode(
            name=ast.NameNode(value=name),
            alias=ast.NameNode(value=key) if is_last and key != name else None,
            arguments=(),
            directives=(),
            selection_set=ast.SelectionSetNode(selections=tuple(selected)),
        )
        selected = [made]
    node = ast.OperationDefinitionNode(
        operation=OperationType.QUERY,
        name=operation.node.name,
        variable_definitions=operation.node.variable_definitions,
        directives=(),
        selection_set=ast.SelectionSetNode(selections=tuple(selected)),
    )
    definitions = {name: each.definition for name, each in operation.fragments.items()}
    return replace(
        operation,
        document=ast.DocumentNode(definitions=(node, *definitions.values())),
        node=node,
        places=PathCoordinates(engine.schema, node, definitions),
        compiled=Kept(MOST_SHAPES),
        as_query=None,
    )


def _names(execution: Execution) -> Collection[str]:
    """The root fields that are asked for."""
    type_ = execution.tools.schema.query_type
    assert type_ is not None
    roots = execution.asked(execution.variables).roots(type_)
    return {details[0].node.name.value for details in roots.values()}
