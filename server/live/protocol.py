"""graphql-transport-ws as a state machine without I/O: a message goes in, what is to be done comes out.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Whatever a client sends, it gets an answer or a close
code that names the fault: one bad operation gets its own `error`, only what breaks the protocol itself ends the socket,
and so does a flood.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol, TypeAlias

import orjson

from server.auth.token_limits import Allowance
from server.query.documents.exact import exact
from server.query.documents.parameters import Parameters, WrongParameter, read_parameters

SUBPROTOCOL = "graphql-transport-ws"
LONGEST_MESSAGE = 1_000_000  # characters
LONGEST_ID = 255
# A client says connection_init, and perhaps pings while it waits.
MESSAGES_BEFORE_ACK = 10
# Of those after it that start nothing: pings, pongs, ends, and operations that are refused at once. What runs is bound
# by how much may run at a time, and a script may ask one question after the other as fast as it is answered.
MESSAGES, WITHIN_SECONDS = 2_000, 10.0

INVALID_MESSAGE = 4400
UNAUTHORISED = 4401
FORBIDDEN = 4403
NO_SUBPROTOCOL = 4406
INIT_TIMEOUT = 4408
DUPLICATE_ID = 4409
TOO_MANY_INITS = 4429
FLOODING = 1008  # "policy violation", after which stock clients do not come back by themselves
TOO_BIG = 1009


@dataclass(frozen=True, slots=True)
class Send:
    """Write this text frame."""

    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Identify:
    """Find out who this is, then call `acknowledge` or `refuse`."""

    authorization: str | None
    accept_language: str | None


@dataclass(frozen=True, slots=True)
class StreamedOperation:
    """What a client asks to run. `may_change`: whether a mutation may run; decided where the request came in."""

    asked: Parameters
    may_change: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Start:
    """Run the operation; report with `next`, `error`, `complete`."""

    id: str
    operation: StreamedOperation


@dataclass(frozen=True, slots=True)
class Stop:
    """The client wants no more of it."""

    id: str


Step: TypeAlias = Send | Close | Identify | Start | Stop


class Say(Protocol):
    """A sentence of the texts' section "problem", in the client's language."""

    def __call__(self, key: str, /, **facts: object) -> str: ...


class SocketState(Enum):
    NEW = auto()  # nothing but connection_init is expected
    INITIALISING = auto()  # who is it?
    READY = auto()
    CLOSED = auto()


class BadMessage(Exception):
    """The message breaks the protocol; its text is the close reason."""


class ServerProtocol:
    """One socket's conversation. `operations` are the ids in use."""

    def __init__(
        self, *, max_operations: int, heartbeat_seconds: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.state = SocketState.NEW
        self.operations: set[str] = set()
        self.say: Say = _key_itself
        self.bound: Callable[[str], str] = str  # what would be right, in the caller's language
        self._max_operations = max_operations
        self._heartbeat_seconds = heartbeat_seconds
        self._clock = clock
        self._counted_since = clock()
        self._count = 0

    # ---- what the client sends ------------------------------------------------------------------------------------

    def receive(self, frame: str | bytes) -> Sequence[Step]:
        """One frame from the client → what to do, in order."""
        if self.state is SocketState.CLOSED:
            return ()
        try:
            message = _message(frame)
            steps = _RECEIVERS[message["type"]](self, message)
        except BadMessage as fault:
            return self._close(TOO_BIG if fault.args[0] == _TOO_LONG else INVALID_MESSAGE, str(fault.args[0]))
        if self._is_flooded(steps):
            return self._close(FLOODING, "Too many messages")
        return steps

    def _is_flooded(self, steps: Sequence[Step]) -> bool:
        if any(isinstance(step, Start | Close) for step in steps):
            return False
        self._count += 1
        if self.state is not SocketState.READY:
            return self._count > MESSAGES_BEFORE_ACK
        if self._count > MESSAGES and (now := self._clock()) - self._counted_since >= WITHIN_SECONDS:
            self._counted_since, self._count = now, 1
        return self._count > MESSAGES

    def _connection_init(self, message: Mapping[str, Any]) -> Sequence[Step]:
        if self.state is not SocketState.NEW:
            return self._close(TOO_MANY_INITS, "Too many initialisation requests")
        payload = _payload(message)
        identify = Identify(_authorization(payload), _text(payload, "acceptLanguage"))
        self.state = SocketState.INITIALISING
        return (identify,)

    def _ping(self, message: Mapping[str, Any]) -> Sequence[Step]:
        payload = _payload(message)
        return (Send(_encode({"type": "pong"} | ({"payload": payload} if payload else {}))),)

    def _pong(self, message: Mapping[str, Any]) -> Sequence[Step]:
        _payload(message)
        return ()

    def _subscribe(self, message: Mapping[str, Any]) -> Sequence[Step]:
        if self.state is not SocketState.READY:
            return self._close(UNAUTHORISED, "Unauthorized")
        id_ = _id(message)
        if id_ in self.operations:
            return self._close(DUPLICATE_ID, f"Subscriber for {id_[:80]} already exists")
        try:
            # Whoever reached READY may change what is theirs: the socket's origin was checked at the door.
            operation = StreamedOperation(_parameters(message.get("payload")), may_change=True)
        except WrongParameter as fault:
            text = self.say(fault.key, path=".".join(fault.path), constraint=fault.constraint)
            shown = {"path": fault.path, "constraint": self.bound(fault.constraint)}
            return (self.error(id_, _problem(text, "BAD_USER_INPUT", **shown)),)
        if len(self.operations) >= self._max_operations:
            text = self.say("too_many_operations", limit=self._max_operations)
            return (self.error(id_, _problem(text, "RATE_LIMITED", limit=self._max_operations, retryAfter=1)),)
        self.operations.add(id_)
        return (Start(id_, operation),)

    def _complete(self, message: Mapping[str, Any]) -> Sequence[Step]:
        id_ = _id(message)
        if id_ not in self.operations:  # it may have crossed our own `complete`
            return ()
        self.operations.discard(id_)
        return (Stop(id_),)

    def allow(self, id_: str, left: Allowance) -> Sequence[Step]:
        """A token asks for one operation more; without steps it may."""
        if not left.is_used_up:
            return ()
        text = self.say("too_many_requests", seconds=left.resets_in)
        shown = {"retryAfter": left.resets_in, "rateLimit": left.told()}
        return (self.error(id_, _problem(text, "RATE_LIMITED", **shown)),)

    # ---- what the server has to say -------------------------------------------------------------------------------

    def acknowledge(self) -> Sequence[Step]:
        """The client is known."""
        if self.state is not SocketState.INITIALISING:
            return ()
        self.state = SocketState.READY
        payload = {"heartbeatSeconds": self._heartbeat_seconds, "maxOperations": self._max_operations}
        return (Send(_encode({"type": "connection_ack", "payload": payload})),)

    def refuse(self, key: str, **facts: object) -> Sequence[Step]:
        """The client is not signed in; `key` names the sentence that says why. Who only was too late may come back."""
        return self._close(
            FORBIDDEN if key == "expired" else UNAUTHORISED, self.say(_AT_THE_DOOR.get(key, key), **facts)
        )

    def init_timed_out(self) -> Sequence[Step]:
        """The time for connection_init is over."""
        return self._close(INIT_TIMEOUT, "Connection initialisation timeout") if self.state is SocketState.NEW else ()

    def ping(self) -> Send:
        return Send('{"type":"ping"}')

    def next(self, id_: str, payload: bytes) -> Send:
        """A result, as the JSON of a GraphQL answer."""
        return Send(f'{{"id":{_encode(id_)},"type":"next","payload":{payload.decode()}}}')

    def error(self, id_: str, *errors: Mapping[str, Any]) -> Send:
        """The operation could not run; its id is free again."""
        self.operations.discard(id_)
        return Send(_encode({"id": id_, "type": "error", "payload": list(errors)}))

    def complete(self, id_: str) -> Send:
        """The operation is done; its id is free again."""
        self.operations.discard(id_)
        return Send(_encode({"id": id_, "type": "complete"}))

    def close(self, code: int, reason: str) -> Sequence[Step]:
        """End for a reason of our own."""
        return self._close(code, reason)

    def _close(self, code: int, reason: str) -> Sequence[Step]:
        if self.state is SocketState.CLOSED:
            return ()
        self.state = SocketState.CLOSED
        return (Close(code, _short(reason)),)


_RECEIVERS: dict[str, Callable[[ServerProtocol, Mapping[str, Any]], Sequence[Step]]] = {
    "connection_init": ServerProtocol._connection_init,
    "ping": ServerProtocol._ping,
    "pong": ServerProtocol._pong,
    "subscribe": ServerProtocol._subscribe,
    "complete": ServerProtocol._complete,
}
# On a socket these sentences say more: where the token belongs.
_AT_THE_DOOR = {"missing": "socket_missing", "bad_token": "socket_bad_token", "no_bearer": "socket_bad_token"}
_TOO_LONG = f"Message too big: at most {LONGEST_MESSAGE} characters"


def _parameters(payload: object) -> Parameters:
    """What a subscribe message asks. Raises WrongParameter."""
    if not isinstance(payload, dict):
        raise WrongParameter("wrong_type", ["payload"], "json_object")
    return read_parameters(payload)


def _message(frame: str | bytes) -> dict[str, Any]:
    if isinstance(frame, bytes):
        raise BadMessage("Invalid message: a text frame is expected")
    if len(frame) > LONGEST_MESSAGE:
        raise BadMessage(_TOO_LONG)
    try:
        message = exact(orjson.loads(frame), frame)
    except (ValueError, RecursionError):
        raise BadMessage("Invalid message: not JSON, nested too deep, or a number past 64 bits") from None
    if not isinstance(message, dict):
        raise BadMessage("Invalid message: an object is expected")
    type_ = message.get("type")
    if not isinstance(type_, str) or type_ not in _RECEIVERS:
        raise BadMessage(f"Invalid message: type must be one of {', '.join(_RECEIVERS)}")
    return message


def _id(message: Mapping[str, Any]) -> str:
    id_ = message.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= LONGEST_ID:
        raise BadMessage(f"Invalid message: id must be a string of 1 to {LONGEST_ID} characters")
    return id_


def _payload(message: Mapping[str, Any]) -> dict[str, Any]:
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise BadMessage("Invalid message: payload must be an object")
    return payload or {}


def _text(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    if value is not None and not isinstance(value, str):
        raise BadMessage(f"Invalid message: payload.{name} must be a string")
    return value


def _authorization(payload: Mapping[str, Any]) -> str | None:
    """The token that connection_init bears: in whatever case a client spells the header, at the top or under `headers`;
    with "Bearer " or bare, since nothing else can stand there."""
    headers = payload.get("headers")
    if headers is not None and not isinstance(headers, dict):
        raise BadMessage("Invalid message: payload.headers must be an object")
    for given in (payload, headers or {}):
        for name in given:
            if name.lower() == "authorization" and (text := _text(given, name)):
                return text if " " in text.strip() else f"Bearer {text.strip()}"
    return None


def _problem(message: str, code: str, **facts: object) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, **facts}}


def _encode(value: object) -> str:
    return orjson.dumps(value).decode()


def _short(reason: str) -> str:
    """A close frame holds 123 bytes of reason."""
    return reason.encode()[:123].decode(errors="ignore")


def _key_itself(key: str, /, **_: object) -> str:
    return key
