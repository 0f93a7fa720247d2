"""Reads the city's facts anew: they change once in years, or when a city is loaded."""

from __future__ import annotations

import asyncio
import logging

from server.actions.city import CityClock
from server.database import Pool, log_fault

EVERY = 30.0  # seconds
log = logging.getLogger(__name__)


async def run(clock: CityClock, pool: Pool, every: float = EVERY) -> None:
    """Until cancelled; while they cannot be read, what is known goes on counting."""
    while True:
        await asyncio.sleep(every)
        try:
            await clock.load(pool)
        except Exception as problem:
            log_fault(log, "the city's facts cannot be read", problem)
