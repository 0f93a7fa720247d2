"""Positions in the log (log sequence numbers), and the sealed cursors by which clients name them.

A transaction's number (xid) comes first in a position because a reader goes on by transactions that have ended; the
epoch comes before it because a restored database counts its transactions anew.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import NamedTuple

EPOCH = 1  # of this installation's database; raised when a restored dump is met
LAST = 2**63 - 1
VERSION = 3
_PLAIN = Struct(">HQQQ")
_MILLISECOND = timedelta(milliseconds=1)
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_NONCE = 8
_TAG = 16


class Position(NamedTuple):
    """A place in the log; compares as the log is ordered."""

    epoch: int
    xid: int
    sequence: int

    @classmethod
    def below(cls, xmin: int, epoch: int = EPOCH) -> Position:
        """The place behind everything that transactions numbered under `xmin` wrote: where a snapshot with that
        horizon has seen all, and behind which it may have seen some."""
        return cls(epoch, xmin - 1, LAST)


START = Position(0, 0, 0)
END = Position(2**15 - 1, LAST, LAST)


class Mark(NamedTuple):
    """What a cursor of the log says: a place in it, and the moment at which its holder's list was weighed.

    A filter such as "due within a week" holds for other rows tomorrow, without an event. What a change means to a list
    can only be told by the day on which the list was last told.
    """

    position: Position
    as_of: datetime


class ForeignCursor(ValueError):
    """Not a cursor of this installation, or altered, or made for something else; the message says what is known."""


class Seal:
    """Makes cursors of positions and back, under the installation's secret.

    A cursor tells its holder nothing, not even how much was written in between, and cannot be made up. Two cursors of
    the log cannot be compared: each bears a nonce, so that nobody sees whether something hidden happened between them.
    A page's cursor stays the same for the same place. The construction is SIV (RFC 5297's idea): an HMAC-SHA256 tag
    authenticates version, purpose, nonce and content, and seeds the key stream that hides the content. A few µs each.
    """

    def __init__(self, secret: bytes) -> None:
        """`secret`: the installation's, at least 32 bytes; keys for this use alone are derived from it."""
        # Copied for each tag: to set HMAC up anew takes longer than the tag.
        self._tags = hmac.new(hmac.digest(secret, b"kolaborasi cursor tag", "sha256"), digestmod="sha256")
        self._stream_key = hmac.digest(secret, b"kolaborasi cursor stream", "sha256")

    def close(self, position: Position, as_of: datetime, purpose: str = "log") -> str:
        """A mark → cursor text of 68 letters, digits, - and _; another one each time. Milliseconds are kept."""
        plain, nonce = _PLAIN.pack(*position, (as_of - _BEGIN) // _MILLISECOND), os.urandom(_NONCE)
        tag = self._tag(plain, purpose, nonce)
        return urlsafe_b64encode(bytes((VERSION,)) + nonce + tag + self._hide(plain, tag)).rstrip(b"=").decode()

    def open(self, text: str, purpose: str = "log") -> Mark:
        """Cursor text → its mark. Raises ForeignCursor."""
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (UnicodeEncodeError, binascii.Error):
            raise ForeignCursor("This is not a cursor of the log.") from None
        if len(sealed) != 1 + _NONCE + _TAG + _PLAIN.size or sealed[0] != VERSION:
            raise ForeignCursor("This is not a cursor of the log, or one of a form that this server does not know.")
        nonce, tag, hidden = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE : -_PLAIN.size], sealed[-_PLAIN.size :]
        plain = self._hide(hidden, tag)
        is_ours = hmac.compare_digest(tag, self._tag(plain, purpose, nonce))
        # Base64 has several spellings of one ending; of a cursor there is one only.
        if not is_ours or urlsafe_b64encode(sealed).rstrip(b"=").decode() != text:
            raise ForeignCursor("This cursor was altered, made for something else, or made by another installation.")
        epoch, xid, sequence, milliseconds = _PLAIN.unpack(plain)
        return Mark(Position(epoch, xid, sequence), _BEGIN + milliseconds * _MILLISECOND)

    def close_page(self, place: bytes) -> str:
        """A page's cursor: any bytes, sealed the same way."""
        tag = self._tag(place, "page")
        return urlsafe_b64encode(bytes((VERSION,)) + tag + self._hide(place, tag)).rstrip(b"=").decode()

    def open_page(self, text: str) -> bytes:
        """The inverse. Raises ForeignCursor (a ValueError)."""
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (UnicodeEncodeError, binascii.Error):
            raise ForeignCursor("This is not a cursor.") from None
        place = self._hide(sealed[1 + _TAG :], sealed[1 : 1 + _TAG])
        if not hmac.compare_digest(self.close_page(place), text):
            raise ForeignCursor("This cursor was altered, or made by another installation.")
        return place

    def _tag(self, plain: bytes, purpose: str, nonce: bytes = b"") -> bytes:
        made = self._tags.copy()
        made.update(bytes((VERSION,)) + purpose.encode() + b"\0" + nonce + plain)
        return made.digest()[:_TAG]

    def _hide(self, data: bytes, tag: bytes) -> bytes:
        # SHAKE gives a stream of any length, and keyed by a prefix it is sound (unlike SHA-2's hashes).
        stream = hashlib.shake_256(self._stream_key + tag).digest(len(data))
        return bytes(a ^ b for a, b in zip(data, stream, strict=True))
