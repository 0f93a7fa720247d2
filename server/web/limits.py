"""How much and how slowly a client may send: request heads in uvicorn's protocol, bodies where they are read.

uvicorn limits neither: a megabyte of headers passes, and a head or body that trickles in holds its socket for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from starlette.types import Receive
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server import shortcuts
from server.web.problem import HttpProblem, bad_request

BODY_BYTES: Final = 1024 * 1024
BODY_SECONDS: Final = 20.0
HEAD_BYTES: Final = 32 * 1024
HEAD_FIELDS: Final = 100
URL_BYTES: Final = 16 * 1024
HEAD_SECONDS: Final = 10.0
# After an early answer: how long the rest of a refused body may still arrive, so that the client reads the answer.
LINGER_SECONDS: Final = 5.0


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


async def read_body(
    receive: Receive, announced: str | None, *, limit: int = BODY_BYTES, seconds: float = BODY_SECONDS
) -> bytes:
    """The whole body. `announced`: Content-Length. Raises `HttpProblem` (413, 408) and `ClientGone`."""
    if announced is not None and announced.isdecimal() and (len(announced) > 15 or int(announced) > limit):
        raise _too_large(limit)
    if shortcuts.are_taken and _has_arrived(receive):
        return await _read(receive, limit)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, limit)
    except TimeoutError:
        headers = [(b"connection", b"close")]
        raise HttpProblem(408, "DEADLINE_EXCEEDED", "body_too_slow", headers=headers, seconds=int(seconds)) from None


def _has_arrived(receive: Receive) -> bool:
    """Whether all of the request's body is here, so that nobody need watch how long it takes."""
    cycle = getattr(receive, "__self__", None)
    return isinstance(cycle, RequestResponseCycle) and not cycle.more_body


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part: bytes = message.get("body", b"")
        more: bool = message.get("more_body", False)
        if not parts and not more and len(part) <= limit:
            return part
        parts.append(part)
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        if not more:
            return b"".join(parts)


def _too_large(limit: int) -> HttpProblem:
    return bad_request("body_too_large", status=413, constraint=f"≤ {limit} bytes")


class _HeadRefused(Exception):
    """The request's head is too large."""


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds: on the size of a head, on the time that it takes, and on what is sent after an
    early answer."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._alarm: asyncio.TimerHandle | None = None
        self._due: float | None = None  # by the loop's clock: when `_then` is called, unless something comes first
        self._then: Any = None
        self._in_head = False
        self._in_request = False
        self._is_answered_early = False  # before its body had ended
        self._head_bytes = 0  # that arrived after the packet in which the head began
        self._is_refused = False
        self._refusal = (400, "This is not an HTTP request that can be read.")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._set_alarm(HEAD_SECONDS, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.pipeline.clear()  # what waits for its turn will have none, and holds this object
        self._let_go()

    def handle_websocket_upgrade(self) -> None:
        """The connection is the socket's from here on."""
        super().handle_websocket_upgrade()
        self._let_go()

    def _let_go(self) -> None:
        """What refers to this object again, so that it goes at once and not when the garbage collector comes by."""
        self._due = self._then = None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self.cycle = self.parser = None  # type: ignore[assignment]  # as uvicorn does with the parser

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        was_in_head = self._in_head
        super().data_received(data)
        if not self._in_head or self._is_refused:  # nearly every head arrives in one packet
            return
        if not was_in_head:
            self._set_alarm(HEAD_SECONDS, self._head_is_late)
            return
        self._head_bytes += len(data)  # one endless field calls nothing back until it is over
        if self._head_bytes > HEAD_BYTES + URL_BYTES and not self.transport.is_closing():
            self._refusal = _LARGE_HEAD
            self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = self._in_request = True
        self._is_answered_early = False
        self._head_bytes = 0
        self._due = None

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > URL_BYTES:
            self._refusal = (414, "The address is longer than 16 KiB; send the query by POST.")
            raise _HeadRefused

    def on_headers_complete(self) -> None:
        # Counted here and not field by field: what one packet holds is little, and the rest data_received counts.
        headers = self.headers
        if len(headers) > HEAD_FIELDS or sum([len(name) + len(value) + 4 for name, value in headers]) > HEAD_BYTES:
            self._refusal = _LARGE_HEAD
            raise _HeadRefused
        self._in_head = False
        self._due = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_request = False
        self._due = None
        super().on_message_complete()
        if self._is_answered_early and not self.transport.is_closing():
            # What came after the answer stopped uvicorn's own clock for idle connections.
            self._set_alarm(self.timeout_keep_alive, self.transport.close)

    def on_response_complete(self) -> None:
        """As uvicorn does, but with our alarm for idle connections: its own is a timer for every answer."""
        is_next_waiting = bool(self.pipeline)
        if shortcuts.are_taken:
            self._go_on()
        else:
            super().on_response_complete()
        if is_next_waiting or self.transport.is_closing():
            return
        # Of the request that was answered: what has arrived of the next one is no part of it.
        self._is_answered_early = self._in_request and self.cycle.more_body
        if self._is_answered_early:
            self._set_alarm(LINGER_SECONDS, self.transport.close)
        elif not self._in_request and shortcuts.are_taken:
            self._set_alarm(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _go_on(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def send_400_response(self, msg: str) -> None:
        """uvicorn's answer to what it cannot read, in the shape of all our errors."""
        self._refuse(*self._refusal)

    def _refuse(self, status: int, detail: str) -> None:
        """Answer, say that nothing follows, and let what is still sent run dry: a reset would swallow the answer."""
        self._is_refused = True
        if self.transport.is_closing():
            return
        self.transport.write(_plain_problem(status, detail))
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._set_alarm(LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()

    def _head_is_late(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            # A word now would be taken for the answer to the request before it.
            self._set_alarm(HEAD_SECONDS, self._head_is_late)
        elif self._in_request:
            self._refuse(408, "The request's head took longer than 10 seconds.")
        else:
            self.transport.close()

    def _set_alarm(self, seconds: float, then: Any) -> None:
        """Call `then` after so many seconds, unless `_due` is cleared or set anew.

        One timer serves many alarms: it looks at `_due` when it rings, so that an alarm costs a request nothing but
        an assignment.
        """
        self._due, self._then = self.loop.time() + seconds, then
        if self._alarm is not None and (self._alarm.when() > self._due or not shortcuts.are_taken):
            self._alarm.cancel()
            self._alarm = None
        if self._alarm is None:
            self._alarm = self.loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._due is None:
            return
        if self.loop.time() < self._due:
            self._alarm = self.loop.call_at(self._due, self._ring)
            return
        self._due = None
        self._then()


_LARGE_HEAD = (431, "The request's header fields are more than 100 or larger than 32 KiB.")
_PHRASES = {400: "Bad Request", 408: "Request Timeout", 414: "URI Too Long", 431: "Request Header Fields Too Large"}


def _plain_problem(status: int, detail: str) -> bytes:
    """A whole HTTP/1.1 answer for what never became a request; in English only, as its language is not known yet."""
    code = "DEADLINE_EXCEEDED" if status == 408 else "BAD_USER_INPUT"
    title = _PHRASES[status]
    body = (
        f'{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}","code":"{code}"}}'
    ).encode()
    head = (
        f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
    ).encode()
    return head + body
