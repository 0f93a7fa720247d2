"""TypeIDs: opaque, unique across types, sortable by creation, readable in a log (`task_01jd…`).

A TypeID is a type's prefix, an underscore and a UUIDv7 in 26 letters of Crockford's base32 in lower case
(https://github.com/jetify-com/typeid). Tables keep the UUID; only what leaves or enters the API bears the prefix.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, SafeUUID

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TRIPLES = [a + b + c for a in ALPHABET for b in ALPHABET for c in ALPHABET]
# Crockford's letters as Python's own digits of base 32; the four that he leaves out become what is no digit.
_DIGITS = str.maketrans(ALPHABET + "ilou", "0123456789abcdefghijklmnopqrstuv" + "!!!!")


class MalformedId(ValueError):
    """Not a TypeID: no prefix, or not 26 letters of the alphabet, or more than 128 bits."""


def suffix(value: UUID) -> str:
    """The 26 letters of a UUID."""
    n = value.int
    triples = _TRIPLES
    return (
        _TRIPLES[n >> 120 & 0x3FF][1:]  # the two leading letters hold 10 bits, of which 8 are used
        + triples[n >> 105 & 0x7FFF]
        + triples[n >> 90 & 0x7FFF]
        + triples[n >> 75 & 0x7FFF]
        + triples[n >> 60 & 0x7FFF]
        + triples[n >> 45 & 0x7FFF]
        + triples[n >> 30 & 0x7FFF]
        + triples[n >> 15 & 0x7FFF]
        + triples[n & 0x7FFF]
    )


def encode(prefix: str, value: UUID) -> str:
    """`task` and a UUID → `task_01jd…`."""
    return f"{prefix}_{suffix(value)}"


def decode(text: str) -> tuple[str, UUID]:
    """`task_01jd…` (in any case) → its prefix and UUID. Raises MalformedId."""
    prefix, separator, letters = text.lower().rpartition("_")
    if not separator or not prefix or len(letters) != 26 or letters[0] > "7":
        raise MalformedId(text)
    if not (letters.isascii() and letters.isalnum()):  # int() would take other scripts' digits and a sign
        raise MalformedId(text)
    try:
        number = int(letters.translate(_DIGITS), 32)
    except ValueError:
        raise MalformedId(text) from None
    return prefix, UUID(int=number)


class Encoder(dict[UUID, str]):
    """A bounded cache of one prefix's TypeIDs, used as `ids[value]`: encoding is the dearest leaf of a page."""

    def __init__(self, prefix: str, limit: int = 100_000) -> None:
        super().__init__()
        self.prefix = prefix
        self.limit = limit

    def __missing__(self, value: UUID) -> str:
        if len(self) >= self.limit:
            self.clear()
        text = self[value] = f"{self.prefix}_{suffix(value)}"
        return text


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_set = object.__setattr__  # a UUID refuses its own


def milliseconds(at: datetime) -> int:
    """The moment as a UUIDv7 holds it: whole milliseconds since 1970, as the API writes moments, too."""
    return (at - _EPOCH) // _MILLISECOND


def uuid7(milliseconds: int | None = None) -> UUID:
    """A new UUIDv7 (RFC 9562): milliseconds since 1970 (without an argument: now), and below them 74 random bits.

    Neither a finer clock nor a counter: whoever sees an id learns when its row was made, and not how long the work
    before it took or how much was made beside it.
    """
    if milliseconds is None:
        milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    made = UUID.__new__(UUID)  # its own __init__ takes longer than all the rest
    _set(made, "int", milliseconds << 80 | 7 << 76 | (random >> 68) << 64 | 2 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF)
    _set(made, "is_safe", SafeUUID.unknown)
    return made


def next_uuid7(id: UUID) -> UUID:
    """One of the same millisecond that is greater, by a random step: a thousand such steps do not come to the end."""
    random = (id.int >> 64 & 0xFFF) << 62 | id.int & 0x3FFF_FFFF_FFFF_FFFF
    random += 1 + int.from_bytes(os.urandom(6))
    return UUID(int=(id.int >> 76) << 76 | (random >> 62 & 0xFFF) << 64 | 2 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF)


def from_moment_on(at: datetime) -> tuple[UUID, UUID]:
    """The bounds of all ids that were made at this moment or later; PostgreSQL takes a range to be small."""
    return UUID(int=milliseconds(at) << 80), UUID(int=(1 << 128) - 1)


def made_at(value: UUID) -> int:
    """Of which moment a UUIDv7 is, in milliseconds since 1970."""
    return value.int >> 80
