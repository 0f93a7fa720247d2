"""Rate limits on signing in, counted before the password is checked, so that guessing is slow.

Attempts are counted by login and by network. A device from which somebody has signed in to the account before has a
counter of its own: a stranger can use up every other counter, but cannot lock out the holder of the device.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from uuid import UUID

from server.actions.transaction import Transaction
from server.auth.tokens import Tokens
from server.ids import uuid7
from server.rules import bounds

# How many failures are borne, and for how long they count. Whole offices share one address.
ADDRESS_FAILURES: Final = 100
ADDRESS_WINDOW: Final = timedelta(minutes=5)
LOGIN_FAILURES: Final = 10
LOGIN_WINDOW: Final = timedelta(minutes=15)
# From all networks together: then one attempt in a while is let through, for whoever comes first.
EVERYWHERE_FAILURES: Final = 100
EVERYWHERE_WINDOW: Final = timedelta(hours=24)
SPARING_FAILURES: Final = 1
SPARING_WINDOW: Final = timedelta(minutes=1)


class TooManyAttempts(Exception):
    """Too many wrong passwords for this login or from this address; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is counted together, how many of it are borne, and for how long they count."""

    name: str
    limit: int
    window: timedelta


@dataclass(slots=True)
class Attempt:
    """One attempt: counted as a failure before it is known to be one, and forgiven when it succeeds.

    Logins, addresses and devices stand in the table as keyed hashes only.
    """

    tokens: Tokens
    login: str  # as it was typed
    address: str
    counted: list[Bucket] = field(default_factory=list)

    async def count_address(self, tx: Transaction) -> None:
        """First, and in a transaction of its own: whatever goes wrong afterwards, it stays counted.

        Raises TooManyAttempts.
        """
        await self._count(tx, self._bucket("address", ADDRESS_FAILURES, ADDRESS_WINDOW, _network(self.address, 32, 64)))

    async def count_login(self, tx: Transaction, device: UUID | None) -> None:
        """`device`: one that is known for the account, if it is. Raises TooManyAttempts: then nothing may be kept."""
        login = bounds.as_login(self.login)
        if device is not None:
            await self._count(tx, self._bucket("device", LOGIN_FAILURES, LOGIN_WINDOW, login, device.hex))
            return
        network = _network(self.address, 24, 56)
        await self._count(tx, self._bucket("login", LOGIN_FAILURES, LOGIN_WINDOW, login, network))
        try:
            await self._count(tx, self._bucket("everywhere", EVERYWHERE_FAILURES, EVERYWHERE_WINDOW, login))
        except TooManyAttempts:
            await self._count(tx, self._bucket("sparing", SPARING_FAILURES, SPARING_WINDOW, login))

    async def forgive(self, tx: Transaction) -> None:
        """It was no failure: take back what was counted, and forget the failures before it in the same place."""
        for bucket in self.counted:
            if bucket.name.startswith(("login:", "device:")):
                await tx.keep("DELETE FROM sign_in_attempt WHERE bucket = $1", bucket.name)
            else:
                await self._take_back(tx, bucket)

    async def forgive_address(self, tx: Transaction) -> None:
        """No password was tried, for `count_login` refused: one program with an old password, which knocks all day,
        must not shut out the office whose address it shares."""
        await self._take_back(tx, self.counted[0])

    async def _take_back(self, tx: Transaction, bucket: Bucket) -> None:
        await tx.keep(
            "UPDATE sign_in_attempt SET failures = failures - 1 WHERE bucket = $1 AND failures > 0", bucket.name
        )

    def _bucket(self, kind: str, limit: int, window: timedelta, *words: str) -> Bucket:
        return Bucket(f"{kind}:{self.tokens.fingerprint(kind, *words)}", limit, window)

    async def _count(self, tx: Transaction, bucket: Bucket) -> None:
        now = await tx.keep(
            "INSERT INTO sign_in_attempt AS a (id, bucket, failures, window_starts_at) VALUES ($1, $2, 1, $3)"
            " ON CONFLICT (bucket) DO UPDATE SET"
            " failures = CASE WHEN a.window_starts_at > $4 THEN a.failures + 1 ELSE 1 END,"
            " window_starts_at = CASE WHEN a.window_starts_at > $4 THEN a.window_starts_at ELSE $3 END"
            " RETURNING failures, window_starts_at",
            *(uuid7(), bucket.name, tx.now, tx.now - bucket.window),
        )
        assert now is not None
        self.counted.append(bucket)
        if now["failures"] > bucket.limit:
            left: timedelta = now["window_starts_at"] + bucket.window - tx.now
            raise TooManyAttempts(int(left.total_seconds()) + 1)


def _network(address: str, bits_of_4: int, bits_of_6: int) -> str:
    """The part of an address that one caller may have all of: so many bits of an IPv4, so many of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ip_network((parsed, bits_of_4 if parsed.version == 4 else bits_of_6), strict=False))
