"""Answers by gzip, where the client takes it and nothing can be learned from their size (docs/decisions/0029)."""

from __future__ import annotations

import asyncio
import gzip
from typing import Final

from starlette.types import Scope

from server.web.accept import header, weighted
from server.web.problem import Headers

SHORTEST: Final = 1024  # bytes: below it there is nothing to gain
LEVEL: Final = 5  # of an answer that is made for one request: 9 saves 3 % more and takes twice as long
LARGE: Final = 128 * 1024  # bytes: what takes milliseconds is done in a thread, beside the loop
ENCODED: Final[Headers] = [(b"content-encoding", b"gzip")]


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether the client would take gzip (RFC 9110 §12.5.3): it names it, or anything, with a weight above 0."""
    weights = dict(weighted(accept_encoding or ""))
    return weights.get("gzip", weights.get("*", 0.0)) > 0


async def encoded(scope: Scope, body: bytes) -> tuple[bytes, Headers]:
    """The body as this client takes it, and the headers that say so."""
    if len(body) < SHORTEST or not takes_gzip(header(scope, b"accept-encoding")):
        return body, []
    if len(body) < LARGE:
        return packed(body, LEVEL), ENCODED
    return await asyncio.to_thread(packed, body, LEVEL), ENCODED


def packed(body: bytes, level: int = 9) -> bytes:
    """By gzip, the same for the same body."""
    return gzip.compress(body, level, mtime=0)
