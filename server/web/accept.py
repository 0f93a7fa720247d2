"""What a client prefers: media types and languages with their weights (RFC 9110 §12.5)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from starlette.types import Scope

from server.live.framing import EVENT_STREAM, MULTIPART
from server.text import Language

RESPONSE_JSON: Final = "application/graphql-response+json"
JSON: Final = "application/json"
HTML: Final = "text/html"
STREAMS: Final = (EVENT_STREAM, MULTIPART)

_LONGEST = 2_000  # a header that says more than this about its wishes is not read further


def header(scope: Scope, name: bytes) -> str | None:
    """A header's value; repeated ones joined by commas (RFC 9110 §5.3), None when absent."""
    found: bytes | None = None
    for key, value in scope["headers"]:
        if key == name:
            found = value if found is None else found + b", " + value
    return None if found is None else found.decode("latin-1")


@lru_cache(1_000)
def preferred(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """The offered media type that the client would rather have; the client's order decides between equal weights.

    No header, and ranges such as */*, mean the first one offered. None: nothing that it takes is offered.
    """
    if accept is None or not accept.strip():
        return offered[0]
    refused = {name for name, weight in weighted(accept) if weight == 0}
    for name, weight in sorted(weighted(accept), key=lambda each: -each[1]):
        if weight == 0:
            continue
        for each in offered:
            main_type = each.split("/")[0]
            if name == each or (name in ("*/*", f"{main_type}/*") and each not in refused):
                return each
    return None


@lru_cache(1_000)
def names(accept: str | None, media_type: str) -> bool:
    """Whether the header names this very type, not only a range that contains it."""
    return any(name == media_type and weight > 0 for name, weight in weighted(accept or ""))


@lru_cache(1_000)
def stream_named(accept: str | None) -> str | None:
    """The first type of stream that the header names, whatever it names before; a range names none."""
    return next((name for name, weight in weighted(accept or "") if weight > 0 and name in STREAMS), None)


@lru_cache(1_000)
def language(accept_language: str | None) -> Language:
    """`id` or `en`, whichever the client would rather read; Indonesian when it does not say."""
    for name, weight in sorted(weighted(accept_language or ""), key=lambda each: -each[1]):
        if weight > 0 and (tag := name.split("-")[0]) in ("id", "in", "ms", "en"):  # in: what Java calls Indonesian
            return "en" if tag == "en" else "id"
    return "id"


def language_of(scope: Scope) -> Language:
    """The language of an HTTP or WebSocket request, by its Accept-Language."""
    return language(header(scope, b"accept-language"))


def weighted(value: str) -> Iterator[tuple[str, float]]:
    """What a header names with its weights: `a;q=0.5, b` → ("a", 0.5), ("b", 1.0).

    Other parameters count as absent; a malformed weight as 0.
    """
    for part in value[:_LONGEST].split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = _number(parameter[2:])
        if name:
            yield name, weight


def _number(text: str) -> float:
    return float(text) if len(text) < 6 and text.replace(".", "", 1).isdecimal() and text.isascii() else 0.0
