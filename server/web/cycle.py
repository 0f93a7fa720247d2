"""One request and its answer on a connection: uvicorn's class, with a faster way to write an ordinary answer.

uvicorn looks through name and value of every header with two regular expressions, which for our twelve headers takes as
long as a statement. They are the same in nearly every answer: each is looked through once. And an answer of which the
length is known goes out in one piece.
"""

from __future__ import annotations

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

Pair = tuple[bytes, bytes]

# What differs from answer to answer, or is nobody's to keep.
_FRESH: Final = frozenset(
    {b"content-length", b"date", b"x-request-id", b"set-cookie", b"location", b"etag", b"last-modified"}
)
# What says how the answer goes out: uvicorn's to read.
_FRAMING: Final = frozenset({b"transfer-encoding", b"connection"})
_MOST_LINES: Final = 500
_lines: dict[Pair, bytes] = {}


class Cycle(RequestResponseCycle):
    """As uvicorn's, but the head of an ordinary answer waits and is written together with its body.

    A client sees the same bytes. Only if the application fails between head and body the client gets nothing at all,
    where uvicorn would already have sent the head.
    """

    _held: bytes | None = None  # a head that goes out with its body

    async def send(self, message: Any) -> None:
        if self._held is not None:
            head, self._held = self._held, None
            body = message.get("body", b"")
            if message["type"] == "http.response.body" and not message.get("more_body", False) and self._is_whole(body):
                self.response_complete = True
                self.message_event.set()
                self.transport.write(head + body)
                self.on_response()
                return
            self.transport.write(head)
        elif (
            message["type"] == "http.response.start"
            and not self.response_started
            and not self.disconnected
            and not self.access_log
            and not self.flow.write_paused
            and self.scope["method"] != "HEAD"
            and (head_ := self._head(message["status"], message.get("headers", ()))) is not None
        ):
            self.response_started = True
            self.waiting_for_100_continue = False
            self._held = head_
            return
        await super().send(message)

    def _is_whole(self, body: bytes) -> bool:
        return len(body) == self.expected_content_length and self.keep_alive and not self.disconnected

    def _head(self, status: int, headers: Any) -> bytes | None:
        """The head as it goes out; None where it is not ordinary: no length, or the connection's end."""
        if not self.keep_alive:
            return None
        lines = [STATUS_LINE[status]]
        length = None
        for pair in (*self.default_headers, *headers):
            line = _lines.get(pair)
            if line is None:
                name = pair[0].lower()
                if name in _FRAMING:
                    return None
                if name == b"content-length" and length is None:
                    length = int(pair[1])
                line = _line(name, pair)
            lines.append(line)
        if length is None:
            return None
        self.expected_content_length, self.chunked_encoding = length, False
        lines.append(b"\r\n")
        return b"".join(lines)


def has_arrived(receive: Any) -> bool:
    """Whether all of the request's body is here, so that nobody need watch how long it takes."""
    cycle = getattr(receive, "__self__", None)
    return isinstance(cycle, Cycle) and not cycle.more_body


def _line(name: bytes, pair: Pair) -> bytes:
    """A header as it goes out. Raises RuntimeError for what would end it early, as uvicorn does."""
    if HEADER_RE.search(name):
        raise RuntimeError("Invalid HTTP header name.")
    if HEADER_VALUE_RE.search(pair[1]):
        raise RuntimeError("Invalid HTTP header value.")
    line = b"%b: %b\r\n" % (name, pair[1])
    if name not in _FRESH:
        if len(_lines) >= _MOST_LINES:
            _lines.clear()
        _lines[pair] = line
    return line
