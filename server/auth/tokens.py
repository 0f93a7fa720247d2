"""Tokens of our own: short-lived access tokens that carry a signature, long-lived ones that are kept as hashes.

Every token names its kind in its first four letters, so that a log or a secret scanner knows what it has found:
`kat_` access, `krt_` refresh, `kst_` page session, `klt_` one-time password link, `kpt_` a program's, `kdt_` known
device. All but the
first and the last are the id of their row and 256 bits that nobody can guess, with a signature over both: a token that
was once ours is told from one that never was, without a look at the database. Only the SHA-256 of the 256 bits is
stored. A known device's token is no credential: it says that somebody has signed in to that account there before.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

_VERSION = 1
_ACCESS = struct.Struct(">B16s16sQ")  # version, account, sign-in, expiry in milliseconds since 1970
_KEPT = struct.Struct(">B16s32s")  # version, row, secret
_DEVICE = struct.Struct(">B16s16s")  # version, account, device
_SIGNATURE = 32


class TokenKind(StrEnum):
    """What a token is for; its value is how such a token begins."""

    ACCESS = "kat_"
    REFRESH = "krt_"
    SESSION = "kst_"
    PASSWORD_LINK = "klt_"  # noqa: S105  # how such a token begins, no secret
    PROGRAM = "kpt_"
    DEVICE = "kdt_"


class BadToken(Exception):
    """Not a token of this kind, or not one that this installation has made."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What an access token says: whose it is, by which sign-in, until when (UTC)."""

    account_id: UUID
    sign_in_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token whose hash is kept with the row `id`."""

    id: UUID
    secret: bytes

    @property
    def secret_hash(self) -> bytes:
        """What is stored: SHA-256 of the 256 random bits."""
        return hashlib.sha256(self.secret).digest()


class Tokens:
    """Makes and reads tokens with the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._keys = {kind: hmac.digest(secret, f"token {kind}".encode(), "sha256") for kind in TokenKind}
        self._succession = hmac.digest(secret, b"refresh succession", "sha256")
        self._fingerprints = hmac.digest(secret, b"fingerprints", "sha256")

    def access(self, account_id: UUID, sign_in_id: UUID, expires_at: datetime) -> str:
        milliseconds = int(expires_at.timestamp() * 1000)
        return self._write(TokenKind.ACCESS, _ACCESS.pack(_VERSION, account_id.bytes, sign_in_id.bytes, milliseconds))

    def read_access(self, text: str) -> AccessToken:
        """What the token says; the caller compares `expires_at` with its clock. Raises `BadToken`."""
        version, account, sign_in, milliseconds = _ACCESS.unpack(self._read(TokenKind.ACCESS, text, _ACCESS.size))
        if version != _VERSION:
            raise BadToken
        expires_at = datetime.fromtimestamp(milliseconds / 1000, UTC)
        return AccessToken(UUID(bytes=account), UUID(bytes=sign_in), expires_at)

    def kept(self, kind: TokenKind, token: KeptToken) -> str:
        """The text of a refresh token, a session, a password link or a program's token."""
        return self._write(kind, _KEPT.pack(_VERSION, token.id.bytes, token.secret))

    def read_kept(self, kind: TokenKind, text: str) -> KeptToken:
        """Raises `BadToken`; whether it still counts is the row's business."""
        version, row, secret = _KEPT.unpack(self._read(kind, text, _KEPT.size))
        if version != _VERSION:
            raise BadToken
        return KeptToken(UUID(bytes=row), secret)

    def successor(self, token: KeptToken) -> KeptToken:
        """The token that follows this one when it is exchanged: always the same one, at every server.

        So a lost answer, and a second tab that exchanges at the same time, can be given it again though it is stored
        nowhere.
        """
        message = token.id.bytes + token.secret
        return KeptToken(token.id, hmac.digest(self._succession, message, "sha256"))

    def device(self, account_id: UUID, device: UUID) -> str:
        """The text by which a device is known again for this account."""
        return self._write(TokenKind.DEVICE, _DEVICE.pack(_VERSION, account_id.bytes, device.bytes))

    def read_device(self, text: str) -> tuple[UUID, UUID]:
        """For which account which device is known. Raises `BadToken`."""
        version, account, device = _DEVICE.unpack(self._read(TokenKind.DEVICE, text, _DEVICE.size))
        if version != _VERSION:
            raise BadToken
        return UUID(bytes=account), UUID(bytes=device)

    def fingerprint(self, *words: str) -> str:
        """A keyed hash: equal for equal words at every server, and guessed by nobody who reads it."""
        return hmac.digest(self._fingerprints, "\0".join(words).encode(), "sha256").hex()

    def _write(self, kind: TokenKind, payload: bytes) -> str:
        signature = hmac.digest(self._keys[kind], payload, "sha256")
        return kind + urlsafe_b64encode(payload + signature).rstrip(b"=").decode()

    def _read(self, kind: TokenKind, text: str, size: int) -> bytes:
        letters = text[len(kind) :]
        if not text.startswith(kind) or not letters.isascii() or len(letters) > 200 or "=" in letters:
            raise BadToken
        try:
            raw = b64decode(letters + "=" * (-len(letters) % 4), altchars=b"-_", validate=True)
        except (BadBase64, ValueError):
            raise BadToken from None
        payload, signature = raw[:size], raw[size:]
        if len(signature) != _SIGNATURE or not hmac.compare_digest(
            signature, hmac.digest(self._keys[kind], payload, "sha256")
        ):
            raise BadToken
        return payload


def fresh(row: UUID) -> KeptToken:
    """A new secret for a row."""
    return KeptToken(row, os.urandom(32))
