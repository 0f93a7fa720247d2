"""The frame every verb gets: one transaction, refusals as data, safe retries, dry runs, the event in the payload.

`verb(action, Input, Payload)` makes the GraphQL field from the action itself: its name is the action's, its input is
named after it, its input's fields are the action's parameters. So a verb cannot be called one thing in one room and
another in the next.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Concatenate, Literal, ParamSpec, TypeVar, overload
from uuid import UUID

import asyncpg
import strawberry
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from server import shortcuts
from server.actions.at_once import NotAtOnce
from server.actions.bulk import BulkDone, RefusedRows
from server.actions.gathering import MadeMeanwhile
from server.actions.hand import Hand
from server.actions.rows import CallersKey
from server.actions.transaction import KeyTaken, Transaction
from server.events.log import Recorded
from server.ids import decode, encode
from server.query.declare.declaration import RootMutation
from server.query.declare.fields import Context, by_id
from server.rules import bounds
from server.rules.aggregates import VERBS
from server.rules.permission import must_be_in_scope
from server.rules.refusal import Code, Refused
from server.schema.arguments import FRAME, arguments_of, hash_of, prefixes_of
from server.schema.context import RequestContext, request
from server.schema.errors import UserError, user_error
from server.schema.faults import all_faults, id_in, is_so_already
from server.schema.input import made_input

if TYPE_CHECKING:
    from server.schema.event import Event

Done = Recorded | tuple[Recorded, Mapping[str, object]] | BulkDone
Action = Callable[..., Awaitable[Done]]
Cls = TypeVar("Cls")
P = ParamSpec("P")
Do = Callable[[Action, Mapping[str, Any], type["Payload"], RequestContext, CallersKey | None], Awaitable["Payload"]]


# How long the payload of a dry run may be read, all of it together: so long others wait for what it has locked.
PAYLOAD_SECONDS = 2.0
ATTEMPTS = 3  # of a transaction that PostgreSQL ended to resolve a deadlock
KEY_LENGTH = 255
NO_REFERENCE = ("external_id",)  # what ends as an id does, and is another system's


def command(description: str, *, versioned: bool = True) -> Callable[[type[Cls]], type[Cls]]:
    """A verb's input, or the shape of several verbs' (`TaskOnly`); what every verb takes is added at its end.

    `versioned`: it acts on something that exists.
    """
    more: dict[str, tuple[Any, Any, str]] = {
        "if_version": (int | None, None, "Refuse with STALE_VERSION unless the thing still has this version."),
        "idempotency_key": (
            str | None,
            None,
            "At most 255 characters; with the same input again, done once in 48 hours.",
        ),
        "dry_run": (bool | None, False, "Try every rule and show what would be, but keep nothing."),
    }

    def make(cls: type[Cls]) -> type[Cls]:
        for name, (annotation, default, text) in more.items():
            if versioned or name != "if_version":
                cls.__annotations__[name] = annotation
                setattr(cls, name, strawberry.field(default=default, description=text))
        return strawberry.input(cls, description=description)

    return make


def field(description: str, *, deprecated: str | None = None, **options: Any) -> Any:
    """One field of a verb's input."""
    return strawberry.field(description=description, deprecation_reason=deprecated, **options)


@strawberry.type
class Payload:
    """What every verb answers beside its object."""

    object: ClassVar[str]  # the field that holds what the verb acted on
    transaction: ClassVar[type[Transaction]] = Transaction  # in which it is done
    is_of_rows: ClassVar[bool] = False  # whether it answers of each of the input's rows (schema/bulk.py)

    event_id: strawberry.Private[UUID | None] = None
    # Rows as they were written, by id: what is asked of no more than their own columns needs no statement.
    in_hand: strawberry.Private[Mapping[UUID, Mapping[str, Any]] | None] = None
    event: Event | None = by_id("The record of what was done; null when nothing was.")
    is_replay: bool = strawberry.field(default=False, description="Done before under this idempotency key; read anew.")
    is_dry_run: bool = strawberry.field(default=False, description="Only tried: nothing was kept.")
    is_unchanged: bool = strawberry.field(
        default=False, description="All that was asked for is so already: nothing was written, and there is no event."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why not; empty when it was done.")

    @classmethod
    def object_id(cls, event: Recorded) -> UUID:
        """The id of what the verb acted on, from its event: normally the event's subject."""
        return event.subject_id

    @classmethod
    def parts(cls, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was made within the object, as this payload's fields, by its event's facts: of a replay as well."""
        return {}

    @classmethod
    def told(cls, more: Mapping[str, Any], context: RequestContext) -> Mapping[str, Any]:
        """What the verb tells beside its event, as this payload's fields: normally as it is."""
        return more

    @classmethod
    def of(cls, done: Any, context: RequestContext) -> Payload:
        """The payload of what was done."""
        event, more = done if isinstance(done, tuple) else (done, {})
        given: dict[str, Any] = {f"{cls.object}_id": cls.object_id(event), "event_id": event.id}
        return cls(**given, **cls.parts(event.facts), **cls.told(more, context))

    @classmethod
    def to_keep(cls, done: Any, context: RequestContext) -> tuple[UUID | None, UUID | None, Any]:
        """What a key keeps of it: the ids of the object and of the event, and what became of each row, if of many."""
        event = done[0] if isinstance(done, tuple) else done
        return cls.object_id(event), event.id, None

    @classmethod
    def again(cls, kept: Any, facts: Mapping[str, Any], context: RequestContext) -> Payload:
        """The payload of what was done before, by what its key kept and its event's facts."""
        given: dict[str, Any] = {f"{cls.object}_id": kept.object_id, "event_id": kept.event_id}
        return cls(**given, **cls.parts(facts), is_replay=True, is_unchanged=kept.event_id is None)

    def ids(self, attribute: str) -> list[Any]:
        """Of what stands in its lists, what is named there, each once."""
        found = (getattr(each, attribute, None) for each in self.errors)
        return [*dict.fromkeys(each for each in found if each is not None)]

    def only_tried(self) -> None:
        """Nothing of it is kept: there is no event."""
        self.event_id, self.is_dry_run = None, True


def fact_id(event: Recorded, name: str) -> UUID:
    """The UUID of a part that the event's facts name by its TypeID."""
    return decode(event.facts[name])[1]


def part_id(facts: Mapping[str, Any], name: str) -> UUID | None:
    """The same, of the facts; None where an older log did not tell it."""
    return decode(facts[name])[1] if name in facts else None


@overload
def verb(
    action: Callable[Concatenate[Hand, P], Awaitable[Done]],
    input_type: type[Any],
    payload_type: type[Payload],
    description: str,
    *,
    at_once: Literal[True],
) -> StrawberryField: ...


@overload
def verb(action: Action, input_type: type[Any], payload_type: type[Payload], description: str) -> StrawberryField: ...


def verb(
    action: Action, input_type: type[Any], payload_type: type[Payload], description: str, *, at_once: bool = False
) -> StrawberryField:
    """The mutation of an action. Raises when the input's fields and the action's parameters differ.

    `input_type`: `StartTaskInput` of `startTask`, or a shape of which it is made. `at_once`: the action locks one row
    and changes it once; it is tried in one statement (actions/at_once.py) first.
    """
    do = _do_at_once if at_once else _do
    name = to_camel_case(action.__name__)
    scopes = VERBS[name].scopes if name in VERBS else ()
    input_type = _own_input(name, input_type)
    _same_names(action, input_type)

    async def run(context: Context, arguments: dict[str, Any]) -> Payload:
        asked, input = request(context), made_input(input_type, arguments["input"])
        try:
            must_be_in_scope(asked.viewer, scopes)
        except Refused as refused:  # before anything is looked up
            return payload_type(is_dry_run=bool(input.dry_run), errors=[user_error(refused, asked)])
        return await _run(name, action, do, payload_type, asked, input)

    async def resolve(info: Any, input: Any) -> Payload:
        """For Strawberry's eyes only: the engine runs `run` (query/run/verbs.py)."""
        raise NotImplementedError

    resolve.__name__ = action.__name__
    text = input_type.__strawberry_definition__.description
    taken = Annotated[input_type, strawberry.argument(description=text)]  # type: ignore[valid-type]
    resolve.__annotations__ = {"info": strawberry.Info, "input": taken, "return": payload_type | None}
    made: StrawberryField = strawberry.mutation(
        resolver=resolve,
        description=description,
        metadata={"sql": RootMutation(run, of_rows=payload_type.is_of_rows)},
    )
    return made


def _own_input(verb_name: str, given: type[Any]) -> type[Any]:
    """The input type of this verb alone, so that it may grow without another's: itself, or made of a shared shape.

    What is made stands in the shape's module, as if written there. Raises TypeError for another verb's input.
    """
    own = verb_name[0].upper() + verb_name[1:] + "Input"
    if given.__name__ == own:
        return given
    if given.__name__.endswith("Input"):
        raise TypeError(f"{verb_name}: call its input {own}, or hand it a shape; {given.__name__} is another verb's")
    shape: str = given.__strawberry_definition__.description
    text = f"What `{verb_name}` takes: {shape[0].lower()}{shape[1:]}"
    made = strawberry.input(type(own, (given,), {"__module__": given.__module__}), description=text)
    setattr(sys.modules[given.__module__], own, made)
    return made


async def _run(
    name: str, action: Action, do: Do, payload_type: type[Payload], context: RequestContext, input: Any
) -> Payload:
    key = None
    try:
        key = (
            None if input.idempotency_key is None else bounds.text(input.idempotency_key, KEY_LENGTH, "idempotencyKey")
        )
        arguments = arguments_of(action, input)
        if input.dry_run:
            return await _try(action, arguments, payload_type, context)
        if key is None:
            return await do(action, arguments, payload_type, context, None)
        return await _once(CallersKey(name, key, hash_of(input)), action, do, arguments, payload_type, context)
    except Refused as refused:
        is_dry_run = bool(input.dry_run)
        if is_so_already(refused) and (object_id := id_in(input, prefixes_of(f"{payload_type.object}_id"))) is not None:
            if key is not None and not is_dry_run:
                return await _keep_unchanged(CallersKey(name, key, hash_of(input)), object_id, payload_type, context)
            given: dict[str, Any] = {f"{payload_type.object}_id": object_id}
            return payload_type(**given, is_dry_run=is_dry_run, is_unchanged=True)
        faults = [refused]
        if isinstance(refused, RefusedRows):
            faults = [*refused.rows]
        elif refused.path:
            faults = await all_faults(refused, action, arguments_of(action, input), lambda: context.begin(context))
        return payload_type(is_dry_run=is_dry_run, errors=[user_error(each, context) for each in faults])


@contextmanager
def naming(tx: Transaction) -> Iterator[None]:
    """A conflict tells of what exists already, where the viewer sees it."""
    try:
        yield
    except Refused as refused:
        tx.name_existing(refused)
        raise


async def _do(
    action: Action,
    arguments: Mapping[str, Any],
    payload_type: type[Payload],
    context: RequestContext,
    key: CallersKey | None,
) -> Payload:
    """The verb in its own transaction, once more when PostgreSQL ended it to resolve a deadlock, or somebody made first
    what it was to make."""
    for attempt in range(ATTEMPTS):
        try:
            async with context.begin(context, payload_type.transaction) as tx:
                with naming(tx):
                    done = await action(tx, **arguments)
                if key is not None:
                    await tx.keep_key(key, *payload_type.to_keep(done, context))
            return payload_type.of(done, context)
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, MadeMeanwhile):
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


async def _do_at_once(
    action: Action,
    arguments: Mapping[str, Any],
    payload_type: type[Payload],
    context: RequestContext,
    key: CallersKey | None,
) -> Payload:
    """The verb in one statement; in a transaction when somebody else was faster."""
    if not shortcuts.are_taken:
        return await _do(action, arguments, payload_type, context, key)
    try:
        tx = context.at_once(context, key)
        payload = payload_type.of(await action(tx, **arguments), context)
        payload.in_hand = tx.in_hand
        return payload
    except (NotAtOnce, asyncpg.DeadlockDetectedError):
        return await _do(action, arguments, payload_type, context, key)


async def _once(
    key: CallersKey,
    action: Action,
    do: Do,
    arguments: Mapping[str, Any],
    payload_type: type[Payload],
    context: RequestContext,
) -> Payload:
    """Do it, or say what was done under this key.

    The key is looked for only when it turns out to be taken, or when the verb is refused, perhaps because it was done
    before: a first call, which is nearly every one, pays one statement for its key.
    """
    try:
        return await do(action, arguments, payload_type, context, key)
    except (Refused, KeyTaken):
        # The same request may have come twice at once: then this one is refused because the other one was faster, and
        # what that one did is the answer to both.
        kept = await _kept(key, payload_type, context)
        if kept is None:
            raise
        return kept


async def _kept(key: CallersKey, payload_type: type[Payload], context: RequestContext) -> Payload | None:
    async with context.begin(context) as tx:
        kept = await tx.kept_key(key.verb, key.text)
        facts = {} if kept is None or kept.event_id is None else await tx.facts_of(kept.event_id)
    if kept is None:
        return None
    if kept.input_hash != key.input_hash:
        (prefix, *_) = prefixes_of(f"{payload_type.object}_id")
        existing = None if kept.object_id is None else encode(prefix, kept.object_id)
        raise Refused(Code.KEY_REUSED, "idempotencyKey", about=existing)
    return payload_type.again(kept, facts, context)


async def _keep_unchanged(
    key: CallersKey, object_id: UUID, payload_type: type[Payload], context: RequestContext
) -> Payload:
    """It was so already: kept under the key, so that a lost answer's second try undoes nobody's later change."""
    try:
        async with context.begin(context) as tx:
            await tx.keep_key(key, object_id, None)
    except KeyTaken:
        kept = await _kept(key, payload_type, context)
        if kept is not None:
            return kept
    given: dict[str, Any] = {f"{payload_type.object}_id": object_id}
    return payload_type(**given, is_unchanged=True)


async def _try(
    action: Action, arguments: Mapping[str, Any], payload_type: type[Payload], context: RequestContext
) -> Payload:
    """The verb in a transaction that stays open until the payload is read, and is then rolled back.

    The payload shows what was never kept, so it is read under the locks. It has a time for that, rather than a price
    or a time for each statement, because that is what others wait for; a verb that is meant reads it without locks.
    """
    async with AsyncExitStack() as until_refused:
        tx = await until_refused.enter_async_context(context.begin(context, payload_type.transaction))
        tx.is_dry_run = True
        with naming(tx):
            done = await action(tx, **arguments)
        await tx.count()  # the payload is read before the end
        context.dry_run = until_refused.pop_all()
    context.connection = tx.connection
    context.connection_until = asyncio.get_running_loop().time() + PAYLOAD_SECONDS
    payload = payload_type.of(done, context)
    payload.only_tried()
    return payload


def _same_names(action: Action, input_type: type[Any]) -> None:
    for each in input_type.__strawberry_definition__.fields:
        if each.python_name.endswith(("_id", "_ids")) and each.python_name not in NO_REFERENCE:
            prefixes_of(each.python_name)
    parameters = inspect.signature(action).parameters
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        return
    fields = {each.python_name for each in input_type.__strawberry_definition__.fields}
    wanted = set(parameters) - {"tx"}
    if wanted - set(FRAME) != fields - set(FRAME) or wanted - fields:
        raise TypeError(f"{action.__name__}: parameters and input differ: {sorted(wanted ^ (fields - set(FRAME[1:])))}")
