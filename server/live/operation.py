"""The subscription executor: runs one operation for a socket or an event stream, a single answer or a stream."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from graphql import GraphQLError, OperationType
from starlette.types import Scope

from server import ids
from server.auth.token_limits import Allowance
from server.database import AWAY_SECONDS, DatabaseUnavailable, log_fault
from server.events.position import ForeignCursor, Mark, Position, Seal
from server.events.reader import Reader
from server.live.ends import End, SignIn
from server.live.group import PASSING, may_pass, with_extensions
from server.live.groups import Groups
from server.live.hub import Ended, Hub
from server.live.predicate import watch_filter
from server.live.protocol import StreamedOperation
from server.live.row_images import RowImage
from server.live.watch import ChangeKind, Watch
from server.live.watcher import Found, Watcher
from server.query.declare.fields import Context
from server.query.documents.coordinates import bear
from server.query.problem import bad_input
from server.query.run.engine import Engine
from server.query.run.question import Question, StateRoot, ask
from server.query.run.result import Result, Subscribed
from server.text import Language, sentence

# Seconds before a change is tried to be told again, and the faults that may be gone by then in a replay.
DELIVERY_PAUSES = (0.0, 0.2, 1.0)
PASSING_IN_A_REPLAY = ("INTERNAL",)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outside:
    """What live needs from the rooms above it; installation.py hands it in."""

    # Who opens this socket, by its connection_init's authorization, its headers or its cookie. Raises Stranger.
    identify: Callable[[Scope, str | None], Awaitable[SignIn]]
    # The same sign-in as it is now; None when it has ended.
    still: Callable[[Any], Awaitable[SignIn | None]]
    # Who asks, the language, the request's id → a context with the moment in it.
    context: Callable[[Any, Language, str], Context]
    # An Accept-Language header → the language that it means.
    language: Callable[[str | None], Language]
    # One operation more of whoever is signed in so: what a token has left; None for people.
    limit: Callable[[SignIn], Allowance | None] = lambda sign_in: None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as JSON. `errors`: it was refused before it ran. `cursor`: where to go on after it.

    Without JSON it only says that a subscription watches, from its cursor on.
    """

    json: bytes
    errors: tuple[Mapping[str, Any], ...] = ()
    cursor: str | None = None


class RunningOperation:
    """One operation while it runs; `async for answer in run.answers()`."""

    def __init__(
        self,
        live: Live,
        operation: StreamedOperation,
        sign_in: SignIn,
        language: Language,
        after: str | None,
        left: Allowance | None,
    ) -> None:
        self._live = live
        self._asked = operation.asked
        self._may_change = operation.may_change
        self._sign_in = sign_in
        self._language = language
        self._after = after
        self._shown: dict[str, object] = {} if left is None else {"rateLimit": left.told()}
        self._watcher: Watcher | None = None
        self._begins: Mark | None = None  # where a subscription that does not watch yet was asked to go on
        self.request_id = secrets.token_hex(8)
        self._context = live.outside.context(sign_in, language, self.request_id)

    @property
    def resume_from(self) -> Mark | None:
        """Where a subscription could go on; None for everything else, and where it has nothing to go on from."""
        if self._watcher is None:
            return self._begins
        return Mark(self._live.hub.resume_from(self._watcher), self._watcher.as_of)

    async def answers(self) -> AsyncGenerator[Answer, None]:
        """The answers, in order; faults become an `INTERNAL` error.

        Raises Ended when a subscription must stop, as it must when the database goes away, whatever it was doing: after
        an error no client would ask for it again.
        """
        watches = False
        try:
            self._asked = replace(self._asked, query=self._live.source(self._asked.query, self._asked.hash))
            watches = self._is_subscription()
            question = self._question()
            if isinstance(question, Result):
                yield self._answer(question)
                return
            watches |= question is not None
            answering = self._states(question) if question is not None else None
            async with aclosing(answering or (self._watch() if watches else self._once())) as answers:
                async for answer in answers:
                    yield answer
        except (Ended, GeneratorExit):
            raise
        except GraphQLError as refused:
            yield self._answer(Result(None, [refused], is_refused=True).told(self._language))
        except Exception as fault:
            key, shown = "fault", {}
            if log_fault(log, f"operation {self.request_id} failed", fault):
                if watches:
                    raise Ended(End.NO_DATABASE) from None
                key, shown = "database_unavailable", {"retryAfter": AWAY_SECONDS}
            text = sentence(self._language, "problem", key)
            error = GraphQLError(text, extensions={"code": "INTERNAL", "id": self.request_id, **shown})
            yield self._answer(Result(None, [error], is_refused=True))
        finally:
            if self._watcher is not None:
                self._live.hub.close(self._watcher)
                self._watcher.matches = _nothing  # what it asked refers to this run, which refers to it

    def _is_subscription(self) -> bool:
        """What does not parse, or names no operation, is answered like a query."""
        kind = self._live.engine.documents.kind(self._asked.query, self._asked.operation_name)
        return kind is OperationType.SUBSCRIPTION

    def _question(self) -> Question | Result | None:
        """What is to be answered again and again, or its refusal; None: a query or verb, or changes to be watched."""
        asked, engine = self._asked, self._live.engine
        if not engine.documents.may_be_live(asked.query, asked.operation_name):
            return None
        return ask(engine, asked.query, asked.variables, asked.operation_name, self._context, self._live.states)

    async def _once(self) -> AsyncGenerator[Answer, None]:
        # Before the answer's first statement.
        cursor = self._live.seal.close(self._live.reader.position, self._context.now)
        asked = self._asked
        result = await self._live.engine.execute(
            asked.query, asked.variables, asked.operation_name, self._context, may_change=self._may_change
        )
        yield self._answer(result, position=cursor)

    async def _watch(self) -> AsyncGenerator[Answer, None]:
        live, asked, context = self._live, self._asked, self._context
        subscribed = await live.engine.subscription(asked.query, asked.variables, asked.operation_name, context)
        if isinstance(subscribed, Result):
            yield self._answer(subscribed)
            return
        watch = live.watches[subscribed.field]
        try:
            after = self._begins = self._opened(self._after or subscribed.arguments.get("after"))
        except GraphQLError as refused:
            bear(refused, subscribed.operation.places.of(refused))
            # A browser's EventSource would come back with that cursor for ever, so it is given one that is ours.
            told = self._answer(Result(None, [refused], is_refused=True).told(self._language))
            yield replace(told, cursor=live.seal.close(live.reader.position, context.now))
            return
        try:
            matcher = await watch_filter(live.engine, watch.row.name, subscribed.arguments.get("filter"), context)
        except GraphQLError as refused:
            bear(refused, subscribed.operation.places.of(refused))
            raise

        def matches(image: RowImage, as_of: datetime | None) -> bool:
            self._renew()
            return matcher.matches(image, (as_of or context.now).astimezone(context.zone))

        place, as_of = after or (None, context.now)
        watcher = self._watcher = await live.hub.open(watch, self._sign_in.viewer, matches, place, as_of)
        yield Answer(b"", cursor=live.seal.close(watcher.position, as_of))
        while True:
            found = await live.hub.next(watcher)
            cursor = live.seal.close(found.position, as_of)
            result = await self._deliver(subscribed, _value(watch, found, cursor), found.position, watcher)
            yield self._answer(result, cursor)

    async def _states(self, question: Question) -> AsyncGenerator[Answer, None]:
        """The answer, and again whenever it has changed; all who may share it do."""
        live = self._live
        live.engine.uses_deprecated(self._sign_in.viewer, question.deprecated)
        member = await live.groups.join(question, self._sign_in, self._language)
        own = self._shown
        try:
            while True:
                shown = await member.next()
                json, own = (with_extensions(shown.json, own) if own else shown.json), {}
                yield Answer(json, shown.errors, None if shown.is_last else shown.cursor)
                if shown.is_last:
                    return
        finally:
            live.groups.leave(member)

    async def _deliver(
        self, subscribed: Subscribed, value: object, position: Position, watcher: Watcher | None = None
    ) -> Result:
        """The subscription's own selection over one change; again when it failed and the database is there.

        What fails each time is told with its error, lest the change be lost. Raises what the database raises when it
        is away: the change is then sent when the watcher resumes. A `watcher` that is not yet among the live ones takes
        a turn for each try, and what has taken its whole time there is not tried again at others' cost.
        """
        turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
        passing: Sequence[str] = PASSING
        if watcher is not None and not watcher.joined:
            turn, passing = partial(self._live.hub.turn, watcher), PASSING_IN_A_REPLAY
        async with turn():
            self._renew()
            result = await subscribed.deliver(value)
        for pause in DELIVERY_PAUSES:
            if not may_pass(result, passing):
                break
            await asyncio.sleep(pause)
            async with turn():
                await self._live.reader.read_after(position, position, 1)
                result = await subscribed.deliver(value)
        if result.is_away:
            raise DatabaseUnavailable("a change could not be told in full")
        return result

    def _renew(self) -> None:
        """A subscription may live for weeks: what its context says of the moment is to be true of this one."""
        fresh = self._live.outside.context(self._sign_in, self._language, self.request_id)
        self._context.now, self._context.today, self._context.city = fresh.now, fresh.today, fresh.city

    def _opened(self, cursor: str | None) -> Mark | None:
        try:
            return None if cursor is None else self._live.seal.open(cursor)
        except ForeignCursor:
            raise bad_input("foreign_position", "after", constraint="logs_cursor") from None

    def _answer(self, result: Result, cursor: str | None = None, **extensions: object) -> Answer:
        result.extensions = {**result.extensions, "requestId": self.request_id, **self._shown, **extensions}
        errors = tuple(error.formatted for error in result.errors) if result.is_refused and cursor is None else ()
        return Answer(result.json(), errors, cursor)


@dataclass(frozen=True, slots=True)
class Live:
    """What every socket and event stream shares."""

    hub: Hub
    reader: Reader
    seal: Seal
    engine: Engine
    watches: Mapping[str, Watch]
    states: Mapping[str, StateRoot]
    groups: Groups
    outside: Outside
    # What is sent, its hash → the document's text. Raises GraphQLError.
    source: Callable[[str, str | None], str] = lambda source, _: source

    def run(
        self,
        operation: StreamedOperation,
        sign_in: SignIn,
        language: Language,
        after: str | None = None,
        left: Allowance | None = None,
    ) -> RunningOperation:
        """An operation to be run; `after`: a cursor that counts instead of the subscription's own argument; `left`: of
        a token's requests, when this one was taken."""
        return RunningOperation(self, operation, sign_in, language, after, left)


def _nothing(_: RowImage, as_of: datetime | None) -> bool:
    return False


def _value(watch: Watch, found: Found, cursor: str) -> object:
    if found.kind is None:
        return found.event_id
    assert found.subject_id is not None
    return watch.change(
        kind=found.kind,
        id=ids.encode(watch.row.prefix, found.subject_id),
        cursor=cursor,
        changed_fields=list(found.changed_fields),
        node_id=None if found.kind is ChangeKind.REMOVED else found.subject_id,
        event_id=found.event_id,
    )
