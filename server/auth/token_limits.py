"""How often a token may ask: so many requests a minute, counted in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from server.rules.viewer import Viewer

SECONDS = 60
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a token's requests, and in how many seconds it has all of them again.

    `is_used_up`: this one was more than there were.
    """

    limit: int
    remaining: int
    resets_in: int
    is_used_up: bool = False

    def told(self) -> dict[str, int]:
        """As `extensions.rateLimit` has it."""
        return {"limit": self.limit, "remaining": self.remaining, "resetsIn": self.resets_in}

    def headers(self) -> list[tuple[bytes, bytes]]:
        """As draft-ietf-httpapi-ratelimit-headers has it."""
        return [
            (b"ratelimit-policy", f'"token";q={self.limit};w={SECONDS}'.encode()),
            (b"ratelimit", f'"token";r={self.remaining};t={self.resets_in}'.encode()),
        ]


class TokenLimits:
    """Counts in windows of a minute, each begun by a token's first request."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._windows: dict[UUID, tuple[float, int]] = {}  # when it began, and how many came

    def take(self, viewer: Viewer) -> Allowance | None:
        """One request more of a token's; None for people, who are not counted."""
        if viewer.token is None:
            return None
        token_id = viewer.token.id
        now = self._clock()
        began, count = self._windows.get(token_id, (now, 0))
        if now - began >= SECONDS:
            began, count = now, 0
        if token_id not in self._windows and len(self._windows) >= MOST_KEPT:
            self._windows = {each: (at, n) for each, (at, n) in self._windows.items() if now - at < SECONDS}
        is_used_up = count >= self._limit
        count = min(count + 1, self._limit)
        self._windows[token_id] = began, count
        return Allowance(self._limit, self._limit - count, max(ceil(began + SECONDS - now), 1), is_used_up)
