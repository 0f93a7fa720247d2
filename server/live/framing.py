"""How answers stand in an HTTP response that goes on: as Server-Sent Events, or as the parts of multipart/mixed.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md (distinct connections mode); lines end in LF, which
every client's reader takes (one takes no CRLF). Parts are framed as in the GraphQL working group's incremental
delivery over HTTP; those of a subscription stand in Apollo's envelope where the client names `subscriptionSpec`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

EVENT_STREAM: Final = "text/event-stream"
MULTIPART: Final = "multipart/mixed"
_BOUNDARY: Final = b"--graphql"
_HEAD: Final = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
_ALWAYS: Final = [
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events until a buffer is full
    (b"vary", b"accept, accept-language, authorization, cookie, origin"),
]


class Framing(Protocol):
    """The bytes around answers. `keep_alive` is empty where there is nothing to be said in between."""

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]: ...
    @property
    def opening(self) -> bytes: ...
    @property
    def keep_alive(self) -> bytes: ...
    @property
    def complete(self) -> bytes: ...

    def next(self, json: bytes, cursor: str | None) -> bytes:
        """One answer; without JSON only a cursor, to go on from."""
        ...

    def refusal(self, error: Mapping[str, Any]) -> bytes:
        """Why it ends for good."""
        ...


class Events:
    """Server-Sent Events. A browser's EventSource resumes by itself: it sends the last id as `Last-Event-ID`."""

    headers = ((b"content-type", f"{EVENT_STREAM}; charset=utf-8".encode()), *_ALWAYS)
    keep_alive = opening = b":\n\n"  # at once, so that client and proxies know that the stream is open
    complete = b"event: complete\ndata:\n\n"

    def next(self, json: bytes, cursor: str | None) -> bytes:
        id_ = b"" if cursor is None else b"id: " + cursor.encode() + b"\n"
        # Without data nothing is dispatched, but an EventSource keeps the id.
        return b"event: next\n" + id_ + b"data: " + json + b"\n\n" if json else id_ + b"\n"

    def refusal(self, error: Mapping[str, Any]) -> bytes:
        return self.next(orjson.dumps({"errors": [error]}), None)


@dataclass(frozen=True, slots=True)
class Parts:
    """multipart/mixed. The delimiter follows each part, so that a client need not wait for the next one to read it."""

    has_envelope: bool
    opening: bytes = _BOUNDARY
    complete: bytes = b"--\r\n"

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]:
        more = ";subscriptionSpec=1.0" if self.has_envelope else ""
        return ((b"content-type", f'{MULTIPART};boundary="graphql"{more}'.encode()), *_ALWAYS)

    @property
    def keep_alive(self) -> bytes:
        return self._part(b"{}") if self.has_envelope else b""  # elsewhere it would be taken for an answer

    def next(self, json: bytes, cursor: str | None) -> bytes:
        if not json:
            return b""
        return self._part(b'{"payload":' + json + b"}" if self.has_envelope else json)

    def refusal(self, error: Mapping[str, Any]) -> bytes:
        return self._part(orjson.dumps({**({"payload": None} if self.has_envelope else {}), "errors": [error]}))

    def _part(self, json: bytes) -> bytes:
        return _HEAD + json + b"\r\n" + _BOUNDARY
