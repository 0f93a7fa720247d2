"""graphql-transport-ws: every message in every state has an answer or a close code that says what was wrong."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.live.protocol import (
    FLOODING,
    LONGEST_ID,
    LONGEST_MESSAGE,
    MESSAGES,
    MESSAGES_BEFORE_ACK,
    WITHIN_SECONDS,
    Close,
    Identify,
    Send,
    ServerProtocol,
    SocketState,
    Start,
    Step,
    Stop,
    StreamedOperation,
)
from server.query.documents.parameters import Parameters
from server.text import Language, sentence


def protocol(state: SocketState = SocketState.NEW, max_operations: int = 3) -> ServerProtocol:
    made = ServerProtocol(max_operations=max_operations, heartbeat_seconds=20)
    if state in (SocketState.INITIALISING, SocketState.READY):
        made.receive('{"type":"connection_init"}')
    if state is SocketState.READY:
        made.acknowledge()
    if state is SocketState.CLOSED:
        made.close(1012, "")
    return made


def say(to: ServerProtocol, **message: Any) -> list[Step]:
    return list(to.receive(orjson.dumps(message).decode()))


def only(steps: list[Step]) -> Step:
    (step,) = steps
    return step


def sent(steps: list[Step]) -> dict[str, Any]:
    step = only(steps)
    assert isinstance(step, Send)
    found: dict[str, Any] = orjson.loads(step.text)
    return found


def subscribe(to: ServerProtocol, id: str, query: str = "{ viewer { role } }") -> list[Step]:
    return say(to, type="subscribe", id=id, payload={"query": query})


INIT = {"type": "connection_init"}
SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}
COMPLETE = {"type": "complete", "id": "1"}
PING = {"type": "ping"}
PONG = {"type": "pong"}


@pytest.mark.parametrize(
    ("state", "message", "outcome"),
    [
        (SocketState.NEW, INIT, Identify),
        (SocketState.NEW, SUBSCRIBE, 4401),
        (SocketState.NEW, COMPLETE, None),
        (SocketState.NEW, PING, "pong"),
        (SocketState.NEW, PONG, None),
        (SocketState.INITIALISING, INIT, 4429),
        (SocketState.INITIALISING, SUBSCRIBE, 4401),
        (SocketState.INITIALISING, COMPLETE, None),
        (SocketState.INITIALISING, PING, "pong"),
        (SocketState.INITIALISING, PONG, None),
        (SocketState.READY, INIT, 4429),
        (SocketState.READY, SUBSCRIBE, Start),
        (SocketState.READY, COMPLETE, None),
        (SocketState.READY, PING, "pong"),
        (SocketState.READY, PONG, None),
        (SocketState.CLOSED, INIT, None),
        (SocketState.CLOSED, SUBSCRIBE, None),
        (SocketState.CLOSED, COMPLETE, None),
        (SocketState.CLOSED, PING, None),
        (SocketState.CLOSED, PONG, None),
    ],
)
def test_every_message_in_every_state(state: SocketState, message: dict[str, Any], outcome: Any) -> None:
    steps = say(protocol(state), **message)
    match outcome:
        case None:
            assert steps == []
        case int():
            assert isinstance(only(steps), Close)
            assert only(steps).code == outcome  # type: ignore[union-attr]
        case str():
            assert sent(steps)["type"] == outcome
        case _:
            assert isinstance(only(steps), outcome)


def test_the_acknowledgement_names_the_heartbeat_and_the_limit() -> None:
    steps = protocol(SocketState.INITIALISING, max_operations=7).acknowledge()
    assert sent(list(steps)) == {"type": "connection_ack", "payload": {"heartbeatSeconds": 20, "maxOperations": 7}}


def test_connection_init_says_who_and_in_what_language() -> None:
    steps = say(protocol(), type="connection_init", payload={"authorization": "Bearer x", "acceptLanguage": "en"})
    assert steps == [Identify("Bearer x", "en")]
    assert say(protocol(), type="connection_init", payload=None) == [Identify(None, None)]


@pytest.mark.parametrize(
    "payload",
    [
        {"authorization": "Bearer x"},
        {"Authorization": "Bearer x"},
        {"AUTHORIZATION": "Bearer x"},
        {"authorization": "x"},
        {"Authorization": " x "},
        {"headers": {"Authorization": "Bearer x"}},
        {"headers": {"authorization": "x"}},
        {"authorization": "", "headers": {"authorization": "x"}},
        {"authorization": None, "headers": {"Authorization": "Bearer x"}},
        {"authorization": "Bearer x", "headers": {"authorization": "Bearer y"}},
        {"authorization": "Bearer x", "headers": None},
    ],
)
def test_the_token_is_taken_however_a_client_writes_the_header(payload: dict[str, Any]) -> None:
    assert say(protocol(), type="connection_init", payload=payload) == [Identify("Bearer x", None)]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("key", ["missing", "bad_token", "no_bearer", "signed_out", "foreign_origin", "expired"])
def test_a_refusal_at_the_door_says_why_in_the_clients_language_and_who_was_only_late_may_come_back(
    key: str, language: Language
) -> None:
    to = protocol(SocketState.INITIALISING)
    to.say = partial(sentence, language, "problem")
    (close,) = to.refuse(key)
    assert isinstance(close, Close)
    assert close.code == (4403 if key == "expired" else 4401)
    assert close.reason.endswith(".")  # whole: a close frame holds 123 bytes
    assert len(close.reason.encode()) <= 123
    if key in ("missing", "bad_token", "no_bearer"):
        assert "authorization" in close.reason
        assert "Bearer <token>" in close.reason


class Hands:
    """A clock that is turned by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("state", [SocketState.NEW, SocketState.INITIALISING])
def test_many_messages_before_the_acknowledgement_end_the_socket(state: SocketState) -> None:
    to = protocol(state)
    said = 0 if state is SocketState.NEW else 1
    for _ in range(MESSAGES_BEFORE_ACK - said):
        assert sent(say(to, type="ping"))["type"] == "pong"
    assert say(to, type="ping") == [Close(FLOODING, "Too many messages")]
    assert to.state is SocketState.CLOSED


@pytest.mark.parametrize(
    "message",
    [PING, PONG, COMPLETE, {"type": "subscribe", "id": "1", "payload": None}, {**SUBSCRIBE, "id": "surplus"}],
    ids=["ping", "pong", "complete", "malformed", "surplus"],
)
def test_far_too_many_messages_that_start_nothing_end_the_socket(message: dict[str, Any]) -> None:
    to = ServerProtocol(max_operations=3, heartbeat_seconds=20, clock=Hands())
    say(to, **INIT)
    to.acknowledge()
    for id_ in "abc":
        assert isinstance(only(subscribe(to, id_)), Start)
    for _ in range(MESSAGES - 1):  # connection_init was one
        assert not any(isinstance(step, Close) for step in say(to, **message))
    assert say(to, **message) == [Close(FLOODING, "Too many messages")]


def test_a_script_that_asks_one_question_after_the_other_is_no_flood_however_fast_it_is() -> None:
    to = ServerProtocol(max_operations=3, heartbeat_seconds=20, clock=Hands())
    say(to, **INIT)
    to.acknowledge()
    for number in range(3 * MESSAGES):
        assert isinstance(only(subscribe(to, str(number))), Start)
        to.complete(str(number))
    assert sent(say(to, **PING))["type"] == "pong"


def test_operations_that_are_begun_and_ended_at_once_are_a_flood() -> None:
    to = ServerProtocol(max_operations=3, heartbeat_seconds=20, clock=Hands())
    say(to, **INIT)
    to.acknowledge()
    for _ in range(MESSAGES - 1):  # connection_init was one
        assert isinstance(only(say(to, **SUBSCRIBE)), Start)
        assert only(say(to, **COMPLETE)) == Stop("1")
    assert isinstance(only(say(to, **SUBSCRIBE)), Start)
    assert say(to, **COMPLETE) == [Close(FLOODING, "Too many messages")]


def test_as_many_in_a_longer_time_are_no_flood() -> None:
    clock = Hands()
    to = ServerProtocol(max_operations=3, heartbeat_seconds=20, clock=clock)
    say(to, **INIT)
    to.acknowledge()
    for _ in range(5):
        for _ in range(MESSAGES - 1):
            assert sent(say(to, type="ping"))["type"] == "pong"
        clock.now += WITHIN_SECONDS
    assert to.state is SocketState.READY


def test_a_silent_client_is_closed_with_4408_and_one_that_has_spoken_is_not() -> None:
    assert protocol().init_timed_out() == (Close(4408, "Connection initialisation timeout"),)
    assert protocol(SocketState.INITIALISING).init_timed_out() == ()
    assert protocol(SocketState.READY).init_timed_out() == ()


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "nonsense",
        "null",
        "[]",
        '"text"',
        "7",
        "{}",
        '{"type":7}',
        '{"type":null}',
        '{"type":["ping"]}',
        '{"type":"start"}',
        '{"type":"connection_ack"}',
        '{"type":"connection_init","payload":"text"}',
        '{"type":"connection_init","payload":[1]}',
        '{"type":"connection_init","payload":{"authorization":7}}',
        '{"type":"connection_init","payload":{"Authorization":["x"]}}',
        '{"type":"connection_init","payload":{"headers":"x"}}',
        '{"type":"connection_init","payload":{"headers":{"authorization":7}}}',
        '{"type":"connection_init","payload":{"acceptLanguage":7}}',
        '{"type":"ping","payload":7}',
        '{"type":"pong","payload":"x"}',
        '{"type":"ping","payload":"\\ud800"}',
        '{"type":"complete"}',
        '{"type":"complete","id":null}',
        '{"type":"ping"' + "," * 3,
        "[" * 100_000,
        '{"type":' + '{"a":' * 5_000 + "1" + "}" * 5_000 + "}",
        b'{"type":"ping"}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_message_of_the_protocol_is_closed_with_4400(frame: str | bytes) -> None:
    (step,) = protocol().receive(frame)
    assert isinstance(step, Close)
    assert step.code == 4400
    assert step.reason.startswith("Invalid message")
    assert len(step.reason.encode()) <= 123


@pytest.mark.parametrize("id", [None, 7, 1.5, True, "", {}, [], {"a": 1}, "x" * (LONGEST_ID + 1)])
def test_an_id_that_is_no_usable_string_is_closed_with_4400(id: Any) -> None:
    step = only(say(protocol(SocketState.READY), type="subscribe", id=id, payload={"query": "{ a }"}))
    assert isinstance(step, Close)
    assert step.code == 4400


def test_a_frame_that_is_too_big_is_closed_with_1009() -> None:
    (step,) = protocol(SocketState.READY).receive('{"type":"ping"}' + " " * LONGEST_MESSAGE)
    assert isinstance(step, Close)
    assert step.code == 1009


def test_a_huge_integer_is_only_a_value() -> None:
    text = '{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":{"n":1' + "0" * 5_000 + "}}}"
    (step,) = protocol(SocketState.READY).receive(text)
    assert isinstance(step, Start | Close)
    assert not isinstance(step, Close) or step.code == 4400


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        (None, ["payload"]),
        ("text", ["payload"]),
        ([], ["payload"]),
        ({}, ["query"]),
        ({"query": None}, ["query"]),
        ({"query": 7}, ["query"]),
        ({"query": "{ a }", "variables": []}, ["variables"]),
        ({"query": "{ a }", "variables": "x"}, ["variables"]),
        ({"query": "{ a }", "operationName": 7}, ["operationName"]),
        ({"query": "{ a }", "extensions": "x"}, ["extensions"]),
    ],
)
def test_a_bad_operation_gets_its_own_error_and_the_others_go_on(payload: Any, path: list[str]) -> None:
    to = protocol(SocketState.READY)
    subscribe(to, "good")
    answer = sent(say(to, type="subscribe", id="bad", payload=payload))
    assert (answer["id"], answer["type"]) == ("bad", "error")
    assert answer["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert answer["payload"][0]["extensions"]["path"] == path
    assert to.operations == {"good"}
    assert isinstance(only(subscribe(to, "bad")), Start)


def test_a_subscribe_without_a_payload_gets_its_own_error() -> None:
    to = protocol(SocketState.READY)
    answer = sent(say(to, type="subscribe", id="bad"))
    assert (answer["id"], answer["type"], to.state) == ("bad", "error", SocketState.READY)


def test_an_operation_is_started_with_what_the_client_gave() -> None:
    payload = {"query": "query A($n: Int) { a }", "variables": {"n": 1}, "operationName": "A", "extensions": None}
    steps = say(protocol(SocketState.READY), type="subscribe", id="é1", payload=payload)
    asked = Parameters("query A($n: Int) { a }", {"n": 1}, "A")
    assert steps == [Start("é1", StreamedOperation(asked, may_change=True))]


def test_the_same_id_twice_is_closed_with_4409_but_may_be_used_again_after_its_end() -> None:
    to = protocol(SocketState.READY)
    subscribe(to, "1")
    to.complete("1")
    assert isinstance(only(subscribe(to, "1")), Start)
    to.error("1", {"message": "no"})
    assert isinstance(only(subscribe(to, "1")), Start)
    assert say(to, type="complete", id="1") == [Stop("1")]
    assert isinstance(only(subscribe(to, "1")), Start)
    step = only(subscribe(to, "1"))
    assert step == Close(4409, "Subscriber for 1 already exists")


def test_a_surplus_operation_gets_its_own_error() -> None:
    to = protocol(SocketState.READY, max_operations=2)
    subscribe(to, "1")
    subscribe(to, "2")
    answer = sent(subscribe(to, "3"))
    assert answer["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    to.complete("1")
    assert isinstance(only(subscribe(to, "3")), Start)


def test_complete_for_what_has_ended_is_nothing() -> None:
    assert say(protocol(SocketState.READY), type="complete", id="unknown") == []


def test_a_ping_is_answered_with_its_payload() -> None:
    assert sent(say(protocol(), type="ping", payload={"a": 1})) == {"type": "pong", "payload": {"a": 1}}
    assert sent(say(protocol(), type="ping")) == {"type": "pong"}


def test_a_result_goes_out_as_it_is_within_its_envelope() -> None:
    step = protocol(SocketState.READY).next('a"b', b'{"data":{"a":1}}')
    assert orjson.loads(step.text) == {"id": 'a"b', "type": "next", "payload": {"data": {"a": 1}}}


def test_after_the_close_nothing_more_is_said() -> None:
    to = protocol(SocketState.READY)
    assert to.close(1012, "x" * 200) == (Close(1012, "x" * 123),)
    assert to.close(1013, "") == ()
    assert to.acknowledge() == ()


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
messages = st.fixed_dictionaries(
    {"type": st.sampled_from(["connection_init", "ping", "pong", "subscribe", "complete", "x"]) | json},
    optional={
        "id": st.sampled_from(["1", "2"]) | json,
        "payload": json | st.fixed_dictionaries({"query": json}, optional={"variables": json, "operationName": json}),
    },
)


@given(st.lists(messages, max_size=12))
def test_no_conversation_whatever_raises(conversation: list[dict[str, Any]]) -> None:
    to = protocol()
    for message in conversation:
        for step in to.receive(orjson.dumps(message).decode()):
            if isinstance(step, Identify):
                to.acknowledge()
            if isinstance(step, Close):
                assert step.code == FLOODING or 4400 <= step.code <= 4499
                assert to.state is SocketState.CLOSED
