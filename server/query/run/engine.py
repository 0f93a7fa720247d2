"""The executor's entry: operations are compiled and run; the unusual ones graphql-core completes from the same tree."""

from __future__ import annotations

import inspect
import logging
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

import orjson
import strawberry
from graphql import GraphQLError, GraphQLObjectType, OperationType, Undefined
from graphql.execution import execute
from graphql.execution.values import VariableValues

from server import shortcuts
from server.database import Connection
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
from server.query.declare.tables import Table
from server.query.documents.cache import Documents, Operation
from server.query.documents.coordinates import bear
from server.query.documents.cost import MOST_ROWS, check_price, fixed_price
from server.query.problem import NotRun, Problem, bad_input, with_code
from server.query.run import verbs
from server.query.run.execution import Compiled, Execution, Pool, of_values
from server.query.run.explain import Explanation, RecordingConnection, statements, with_plans
from server.query.run.failures import refused, reported, unexpected
from server.query.run.fetch import Fetch
from server.query.run.live_directive import throttle_of
from server.query.run.resolve import install
from server.query.run.result import Result, Subscribed, Way
from server.query.run.shared_answers import News, States
from server.rules.viewer import Viewer

StreamKind = Literal["query", "subscription"]
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
            prepared = self.prepare(source, variables, operation_name, context)
            kind_of = prepared.operation.node.operation
            if kind_of == OperationType.SUBSCRIPTION:
                raise bad_input("subscription_elsewhere", constraint="stream_or_socket")
            if kind_of == OperationType.MUTATION and not may_change:
                raise Problem("mutation_by_get", METHOD_NOT_ALLOWED)
            if throttle_of(self.schema, prepared.operation, prepared.variables) is not None:
                raise bad_input("live_needs_a_stream", constraint="live_ways")
            result = await self._answer_in_one_state(prepared) if snapshot else await self.answer(prepared)
        except Exception as error:
            result = refused(error, context)
        finally:
            await context.end_dry_run()
        self.ways[result.way, result.why] += 1
        return self.told(result, prepared, context)

    def kind_of_stream(
        self, source: str, variables: Mapping[str, Any] | None, operation_name: str | None
    ) -> StreamKind | None:
        """Whether an operation is answered again and again; None also where executing it will tell what is wrong."""
        if not self.documents.may_be_live(source, operation_name):
            return None
        operation = self.documents.get(source).operation(operation_name)
        if operation.node.operation == OperationType.SUBSCRIPTION:
            return "subscription"
        try:
            values = operation.coerce(dict(variables or {}))
            return None if throttle_of(self.schema, operation, values) is None else "query"
        except (NotRun, GraphQLError):
            return "query"

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
            prepared = self.prepare(source, variables, operation_name, context)
            return await self._explained(prepared, analyze)
        except (NotRun, Problem) as error:
            return self.told(refused(error, context), prepared, context)

    async def _explained(self, prepared: Execution, analyze: bool) -> Explanation:
        levels = self.compiled(prepared).levels
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
        return Explanation(written, requested, self.most_rows, self.told(result, prepared, prepared.context))

    async def subscription(
        self, source: str, variables: Mapping[str, Any] | None, operation_name: str | None, context: Context
    ) -> Subscribed | Result:
        """A checked subscription, or the answer that refuses it."""
        prepared = None
        try:
            prepared = self.prepare(source, variables, operation_name, context)
            return self._subscribed(prepared)
        except (NotRun, Problem) as error:
            return self.told(refused(error, context), prepared, context)

    def _subscribed(self, prepared: Execution) -> Subscribed:
        context, type_ = prepared.context, self.schema.subscription_type
        if prepared.operation.node.operation != OperationType.SUBSCRIPTION:
            raise Problem("not_a_subscription", INVALID)
        assert type_ is not None
        asked = prepared.asked(prepared.variables)
        ((_, details),) = asked.roots(type_).items()
        name = details[0].node.name.value
        try:
            arguments = asked.arguments(type_, details)
        except GraphQLError as error:
            raise NotRun(with_code(error, BAD_USER_INPUT)) from None

        async def deliver(root: Any) -> Result:
            run = Run(context, prepared.run.values)
            one = replace(prepared, run=run, tree={}, done={}, root=root)
            try:
                self.compiled(one)
                result = await self._complete(one)
            except Exception as error:
                result = refused(error, context)
            return self.told(result, prepared, context)

        return Subscribed(name, arguments, deliver, prepared.operation)

    # ---- steps -----------------------------------------------------------------------------------------------------

    def prepare(
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

    def again(
        self, operation: Operation, values: dict[str, Any], outlined: VariableValues, shape: Hashable, context: Context
    ) -> Execution:
        """An operation that was prepared before, in another context."""
        return Execution(self.pool, self.tools, operation, context, Run(context, values), outlined, shape)

    def told(self, result: Result, prepared: Execution | None, context: Context, *, is_use: bool = True) -> Result:
        """The answer in its reader's language, each error with the coordinate of what it is about. `is_use`: whether
        it counts as a use of what is deprecated."""
        if prepared is not None:
            for error in result.errors:
                bear(error, prepared.operation.places.of(error))
            if prepared.deprecated:
                told = self.documents.deprecations.told(prepared.deprecated)
                result.extensions = {**result.extensions, "deprecations": told}
                if is_use:
                    self.uses_deprecated(context.asker, prepared.deprecated)
        return result.told(context.language)

    def compiled(self, execution: Execution) -> Compiled:
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
            return await self.answer(execution)
        async with (
            execution.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            execution.pinned = connection
            return await self.answer(execution)

    async def answer(
        self, execution: Execution, most_rows: int | None = None, compiled: Compiled | None = None
    ) -> Result:
        """What is prepared is read and completed. `most_rows`: what it may cost; `compiled`: its plans, where they are
        at hand. Raises NotRun."""
        compiled = execution.compiled = compiled or self.compiled(execution)
        most = most_rows or self.most_rows
        requested = compiled.price
        if requested is None or requested > most:
            requested, refusal = check_price(compiled.levels, execution.run, most)
            if refusal is not None:
                raise NotRun(refusal)
        if compiled.is_state and execution.pinned is None and execution.context.connection is None:
            shared = await self.states.answer(execution, self._done, compiled.is_direct)
            result = replace(shared, errors=list(shared.errors))
        else:
            result = await self._done(execution)
        result.extensions = {"cost": {"requested": requested, "actual": result.cost, "limit": most}}
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
                        execution.tree[key] = await Fetch(
                            connection, execution.run, execution.kept, execution.parents
                        ).value(plan)
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
        errors = [reported(error, execution.context, is_change) for error in result.errors or ()]
        return Result(result.data, errors)


def _is_given(source: Any) -> bool:
    return source.value is not Undefined
