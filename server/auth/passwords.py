"""Passwords as argon2id hashes, checked in threads so that a crowd at the door does not hold up those inside."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST: Final = 200  # characters; no longer one is hashed

# OWASP's smallest recommended argon2id: about 50 ms and 19 MiB for each check.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Busy(Exception):
    """Too many people are signing in at this moment; they should try again in a second or two."""


def hash_password(password: str) -> str:
    """The argon2id hash that is stored. Takes about 50 ms of a core."""
    return _HASHER.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Without a hash it takes as long as with one, and says no."""
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _HASHER.check_needs_rehash(password_hash)


class Passwords:
    """Checks and makes hashes, at most `at_once` at a time in this process, the others waiting in line.

    `turn()` is the line: whoever holds a turn may also look at and change the count of failed attempts, so that no
    burst of guesses can pass the limit by arriving together.
    """

    def __init__(self, *, at_once: int | None = None, waiting: int = 200) -> None:
        """`at_once`: half of the cores, so that the loop keeps the rest. `waiting`: how many may stand in line."""
        self._at_once = at_once or max(1, (os.cpu_count() or 2) // 2)
        self._turns = asyncio.Semaphore(self._at_once)
        self._longest_line = waiting
        self._line = 0
        self._threads = ThreadPoolExecutor(self._at_once, thread_name_prefix="password")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Stand in line. Raises `Busy` at once when the line is too long."""
        if self._line >= self._longest_line:
            raise Busy
        self._line += 1
        try:
            async with self._turns:
                yield
        finally:
            self._line -= 1

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """As the function of this name, off the loop. Call it within a turn."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, verify, password_hash, password)

    async def hash(self, password: str) -> str:
        """As `hash_password`, off the loop. Call it within a turn."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, hash_password, password)

    def close(self) -> None:
        """Let the threads go once they are idle."""
        self._threads.shutdown(wait=False)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(os.urandom(16).hex())
