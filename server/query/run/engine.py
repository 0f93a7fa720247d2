"""The executor's entry: operations are compiled and run; the unusual ones graphql-core completes from the same tree."""

from __future__ import annotations

import inspect
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import asyncpg
import orjson
import strawberry
from graphql import GraphQLError, GraphQLObjectType, OperationType, Undefined
from graphql.execution import execute
from graphql.execution.values import VariableValues

from server import shortcuts
from server.database import AWAY_SECONDS, Connection, is_away
from server.query.codes import BAD_USER_INPUT, INVALID, METHOD_NOT_ALLOWED
from server.query.compile.asked import Tools
from server.query.compile.compiler import Compiler
from server.query.compile.keyset import Seal, Unseal, nulls_in, plain_seal, plain_unseal
from server.query.compile.plan import Level, NodesPlan, PayloadPlace, PayloadPlan, Plan, VerbPlan
from server.query.compile.plan_key import key as shape_key
from server.query.compile.plan_key import outline
from server.query.compile.scope import kind
from server.query.compile.statement import Run
from server.query.declare.catalogue import Catalogue
from server.query.declare.context import Context
from server.query.declare.declaration import RootOne
from server.query.declare.strawberry_types import declaration_of, definition_of
from server.query.declare.tables import Table
from server.query.documents.cache import Documents
from server.query.documents.coordinates import bear
from server.query.documents.cost import MOST_ROWS, check_price, fixed_price
from server.query.graphql_core import is_of_argument
from server.query.problem import NotRun, Problem, bad_input, with_code
from server.query.run import verbs
from server.query.run.execution import Compiled, Execution, Pool, of_values
from server.query.run.explain import Explanation, RecordingConnection, statements, with_plans
from server.query.run.fetch import Fetch
from server.query.run.resolve import install
from server.query.run.result import Result, Subscribed, Way
from server.query.run.shared_answers import News, States
from server.rules.viewer import Viewer

log = logging.getLogger(__name__)


class Engine:
    """Executes operations of one schema against one database."""

    def __init__(
        self,
        schema: strawberry.Schema,
        tables: Mapping[str, Table],
        pool: Pool,
        *,
        seal: Seal = plain_seal,
        unseal: Unseal = plain_unseal,
        news: News | None = None,
        most_rows: int = MOST_ROWS,
        uses_deprecated: Callable[[Viewer, Sequence[str]], None] = lambda viewer, coordinates: None,
    ) -> None:
        """`tables` is `tables.describe(models)`; `news`: tells when a kept state is old; without it none is kept.
        `uses_deprecated`: told of each viewer who uses something deprecated, and of the coordinates.

        Raises WrongDeclaration when a type contradicts its table.
        """
        self.schema = schema._schema
        self.pool = pool
        self.catalogue = Catalogue(self.schema, tables)
        self.tools = Tools(self.schema, self.catalogue, {}, seal, unseal)
        self.documents = Documents(self.schema)
        self.states = States(news)
        self.most_rows = most_rows
        self.uses_deprecated = uses_deprecated
        self.completes_directly = True  # False: graphql-core completes everything, as the tests that compare both ask
        self.ways: Counter[Way] = Counter()
        install(self.schema)

    async def execute(
        self,
        source: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Context,
        *,
        may_change: bool,
        snapshot: bool = False,
    ) -> Result:
        """Answer a query or a mutation; nothing is raised but cancellation.

        `may_change`: whether mutations may run, which whoever takes the request knows and says; never assumed.
        `snapshot`: all statements read one state.
        """
        prepared = None
        try:
            prepared = self._prepare(source, variables, operation_name, context)
            kind_of = prepared.operation.node.operation
            if kind_of == OperationType.SUBSCRIPTION:
                raise bad_input("subscription_elsewhere", constraint="stream_or_socket")
            if kind_of == OperationType.MUTATION and not may_change:
                raise Problem("mutation_by_get", METHOD_NOT_ALLOWED)
            result = await self._answer_in_one_state(prepared) if snapshot else await self._answer(prepared)
        except Exception as error:
            result = _refused(error, context)
        finally:
            await context.end_dry_run()
        self.ways[result.way, result.why] += 1
        return self._told(result, prepared, context)

    async def explain(
        self,
        source: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Context,
        *,
        analyze: bool = False,
    ) -> Explanation | Result:
        """The statements of an operation, and how PostgreSQL carries them out; or the answer that refuses it.

        A query is run in one read-only snapshot; a mutation is not, so its statements have no plans.
        """
        prepared = None
        try:
            prepared = self._prepare(source, variables, operation_name, context)
            return await self._explained(prepared, analyze)
        except (NotRun, Problem) as error:
            return self._told(_refused(error, context), prepared, context)

    async def _explained(self, prepared: Execution, analyze: bool) -> Explanation:
        levels = self._compiled(prepared).levels
        requested, refusal = check_price(levels, prepared.run, self.most_rows)
        written = list(statements(levels))
        if refusal is not None or prepared.operation.node.operation != OperationType.QUERY:
            return Explanation(written, requested, self.most_rows)
        async with prepared.connection() as connection:
            recording = RecordingConnection(connection)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                prepared.pinned = cast(Connection, recording)
                result = await self._done(prepared)
                if not result.errors:  # a statement that failed ended the snapshot
                    written = with_plans(written, await recording.plans(analyze))
        return Explanation(written, requested, self.most_rows, self._told(result, prepared, prepared.context))

    async def subscription(
        self, source: str, variables: Mapping[str, Any] | None, operation_name: str | None, context: Context
    ) -> Subscribed | Result:
        """A checked subscription, or the answer that refuses it."""
        prepared = None
        try:
            prepared = self._prepare(source, variables, operation_name, context)
            return self._subscribed(prepared)
        except (NotRun, Problem) as error:
            return self._told(_refused(error, context), prepared, context)

    def _subscribed(self, prepared: Execution) -> Subscribed:
        context, type_ = prepared.context, self.schema.subscription_type
        if prepared.operation.node.operation != OperationType.SUBSCRIPTION:
            raise Problem("not_a_subscription", INVALID)
        assert type_ is not None
        asked = prepared.asked(VariableValues(prepared.outlined.sources, prepared.run.values))
        ((_, details),) = asked.roots(type_).items()
        name = details[0].node.name.value
        try:
            arguments = asked.arguments(type_, details)
        except GraphQLError as error:
            raise NotRun(with_code(error, BAD_USER_INPUT)) from None
        is_state = isinstance(declaration_of(definition_of(type_.fields[name])), RootOne)

        async def deliver(root: Any) -> Result:
            run = Run(context, prepared.run.values)
            one = replace(prepared, run=run, tree={}, done={}, root=root)
            try:
                if is_state:
                    result = await self._answer(one)
                else:
                    self._compiled(one)
                    result = await self._complete(one)
            except Exception as error:
                result = _refused(error, context)
            return self._told(result, prepared, context)

        return Subscribed(name, arguments, deliver, prepared.operation)

    # ---- steps -----------------------------------------------------------------------------------------------------

    def _prepare(
        self, source: str, variables: Mapping[str, Any] | None, operation_name: str | None, context: Context
    ) -> Execution:
        """Parse, validate, choose the operation, coerce the variables. Raises NotRun and Problem."""
        document = self.documents.get(source)
        if document.errors:
            raise NotRun(*document.errors)
        given = dict(variables or {})
        operation = document.operation(operation_name)
        coerced = operation.coerce(given)
        outlined = VariableValues(
            coerced.sources,
            outline(
                coerced.coerced,
                operation.pages,
                lambda cursor: nulls_in(cursor, self.tools.unseal),
                operation.searches,
                operation.inputs,
            ),
        )
        shape = (kind(context.viewer), shape_key(outlined.coerced))
        run = Run(context, coerced.coerced)
        made = Execution(self.pool, self.tools, operation, context, run, outlined, shape)
        if operation.deprecated.coordinates or operation.deprecated.variables:
            made.deprecated = self.documents.deprecations.used(operation.deprecated, given)
        return made

    def _told(self, result: Result, prepared: Execution | None, context: Context) -> Result:
        """The answer in its reader's language, each error with the coordinate of what it is about."""
        if prepared is not None:
            for error in result.errors:
                bear(error, prepared.operation.places.of(error))
            if prepared.deprecated:
                told = self.documents.deprecations.told(prepared.deprecated)
                result.extensions = {**result.extensions, "deprecations": told}
                self.uses_deprecated(context.asker, prepared.deprecated)
        return result.told(context.language)

    def _compiled(self, execution: Execution) -> Compiled:
        """The plans, also of whoever asked in this shape before. Raises NotRun."""
        kept = execution.operation.compiled
        try:
            found: Compiled | None = kept.find(execution.shape)
            execution.compiled = found or kept.keep(execution.shape, self._compile(execution))
        except GraphQLError as error:
            raise NotRun(with_code(of_values(error, execution.run), BAD_USER_INPUT)) from None
        return execution.compiled

    def _compile(self, execution: Execution) -> Compiled:
        operation = execution.operation.node.operation
        type_ = self.schema.get_root_type(operation)
        assert isinstance(type_, GraphQLObjectType)
        compiler = Compiler(execution.asked(execution.outlined))
        plans: dict[str, Plan | NodesPlan | VerbPlan | GraphQLError | None] = {}
        payloads: dict[PayloadPlace, PayloadPlan] = {}
        levels: list[Level] = []
        is_introspecting = True
        roots = compiler.asked.roots(type_)
        for key, details in roots.items():
            name = details[0].node.name.value
            if name == "__typename":
                continue
            try:
                plans[key] = plan = compiler.root(type_, key, details)
            except GraphQLError as error:
                plans[key] = error
                continue
            if plan is None:
                is_introspecting &= name.startswith("__")
                payloads.update(inside := dict(compiler.inside(type_, details, (key,))))
                levels += compiler.looks(type_, key, details)
                levels += [
                    level for each in inside.values() if not isinstance(each, GraphQLError) for level in each.levels
                ]
            else:
                levels += plan.levels
        wrong = [each for each in (*plans.values(), *payloads.values()) if isinstance(each, GraphQLError)]
        if wrong and operation == OperationType.MUTATION:
            raise wrong[0]  # before anything is done
        is_direct = not wrong and None not in plans.values()
        is_state = any(isinstance(plan, Plan) and plan.is_state for plan in plans.values())
        price = fixed_price(levels, execution.run)
        return Compiled(plans, levels, payloads, is_direct, list(roots), type_.name, price, is_introspecting, is_state)

    async def _answer_in_one_state(self, execution: Execution) -> Result:
        """The answer of one snapshot; in a transaction that is open already that one's."""
        if execution.context.connection is not None:
            return await self._answer(execution)
        async with (
            execution.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            execution.pinned = connection
            return await self._answer(execution)

    async def _answer(self, execution: Execution) -> Result:
        compiled = self._compiled(execution)
        requested = compiled.price
        if requested is None or requested > self.most_rows:
            requested, refusal = check_price(compiled.levels, execution.run, self.most_rows)
            if refusal is not None:
                raise NotRun(refusal)
        if compiled.is_state and execution.pinned is None and execution.context.connection is None:
            shared = await self.states.answer(execution, self._done, compiled.is_direct)
            result = replace(shared, errors=list(shared.errors))
        else:
            result = await self._done(execution)
        result.extensions = {"cost": {"requested": requested, "actual": result.cost, "limit": self.most_rows}}
        return result

    async def _done(self, execution: Execution) -> Result:
        await self._read(execution)
        result = self._direct(execution) if self.completes_directly and shortcuts.are_taken else None
        if result is None:
            result = await self._complete(execution)
            result.why = execution.why_ordinary()
            if result.why == "asked":  # it is told, shared and kept as if we had written it
                result.data = orjson.dumps(result.data)
        result.cost = execution.run.cost
        return result

    async def _read(self, execution: Execution) -> None:
        """Run the plans; a fault in one leaves the others standing."""
        for key, plan in execution.compiled.plans.items():
            if isinstance(plan, GraphQLError):
                execution.tree[key] = of_values(plan, execution.run)
            elif isinstance(plan, VerbPlan):
                await verbs.run(execution, key, plan)
            elif plan is not None:
                try:
                    async with execution.connection() as connection:
                        execution.tree[key] = await Fetch(connection, execution.run, execution.kept).value(plan)
                except Exception as error:
                    execution.tree[key] = unexpected(error, execution.context, key)

    def _direct(self, execution: Execution) -> Result | None:
        """JSON straight from the tree, unless something in it needs graphql-core's rules."""
        compiled = execution.compiled
        if not compiled.is_direct or execution.run.is_flawed or execution.has_error:
            return None
        # A key without a plan is __typename.
        return Result(orjson.dumps({key: execution.tree.get(key, compiled.typename) for key in compiled.keys}))

    async def _complete(self, execution: Execution) -> Result:
        """graphql-core's completion: always right, used for anything unusual."""
        raw = {name: each.value for name, each in execution.outlined.sources.items() if _is_given(each)}
        outcome = execute(
            self.schema,
            execution.operation.document,
            root_value=execution,
            context_value=execution.context,
            variable_values=raw,
            operation_name=execution.operation.node.name.value if execution.operation.node.name else None,
        )
        result: Any = await outcome if inspect.isawaitable(outcome) else outcome
        is_change = execution.operation.node.operation == OperationType.MUTATION
        errors = [self._reported(error, execution.context, is_change) for error in result.errors or ()]
        return Result(result.data, errors)

    def _reported(self, error: GraphQLError, context: Context, is_change: bool) -> GraphQLError:
        """An error of graphql-core's as it may leave: with a code, and nothing of ours in it."""
        origin = error.original_error
        while isinstance(origin, GraphQLError) and origin.original_error is not None:
            origin = origin.original_error
        if origin is None or isinstance(origin, GraphQLError):
            if (error.extensions or {}).get("code"):
                return error
            if origin is not None and (origin.extensions or {}).get("code"):
                error.extensions = dict(origin.extensions or {})
                return error
            if error.path is None or is_of_argument(error.message):
                return with_code(error, BAD_USER_INPUT)
            origin = error
        made = unexpected(origin, context, *error.path or (), is_change=is_change)
        return GraphQLError(made.message, error.nodes, path=error.path, original_error=made, extensions=made.extensions)


def unexpected(error: BaseException, context: Context, *path: str | int, is_change: bool = False) -> GraphQLError:
    """What a fault may say of itself: nothing but an id under which the log tells the rest. `path`: where it arose.

    `is_change`: in a verb, of which nobody knows whether it was committed when the database went away.
    """
    if isinstance(error, GraphQLError) and (error.extensions or {}).get("code"):
        return error
    if isinstance(error, asyncpg.QueryCanceledError | TimeoutError):
        shown = {"path": [str(step) for step in path]} if path else {}
        return Problem("took_too_long", "DEADLINE_EXCEEDED", hint="took_too_long", shown=shown)
    if is_away(error):
        log.warning("request %s found the database away: %s", context.request_id, error)
        key = "change_uncertain" if is_change else "database_unavailable"
        away = Problem(key, "INTERNAL", shown={"id": context.request_id, "retryAfter": AWAY_SECONDS})
        away.__cause__ = error
        return away
    fault = uuid4().hex[:12]
    log.error("fault %s in request %s", fault, context.request_id, exc_info=error)
    return Problem("fault", "INTERNAL", {"fault": fault}, shown={"id": fault})


def _refused(error: Exception, context: Context) -> Result:
    """The answer where nothing ran, or what ran broke off."""
    errors = error.errors if isinstance(error, NotRun) else [with_code(unexpected(error, context), INVALID)]
    return Result(None, errors, is_refused=True)


def _is_given(source: Any) -> bool:
    return source.value is not Undefined
