"""Runs Python's garbage collector often, so that no single collection becomes a long pause.

A full collection stops the process for a time that grows with the number of live objects and with the garbage that has
gathered. By itself Python waits until the new objects are a quarter of the old ones. Here a full collection comes about
every second, or less often where collecting would take more than a hundredth of the time.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

EVERY: Final = 1.0  # seconds between two full collections, at least
SHARE: Final = 0.01  # of the time, at most, for full collections
# New objects before the young are looked through: some sixty requests; at Python's own 700 it is every second one.
YOUNG: Final = 20_000
MIDDLE: Final = 3  # such looks before one at what survived them
NEVER: Final = 1_000_000  # such looks before a full collection that nobody planned
_STATM: Final = Path("/proc/self/statm")
_PAGE: Final = 4096


class Collector:
    """`start` it once everything stands; `run` is a loop; `longest` is its longest pause in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._began = 0.0

    def start(self) -> None:
        """What stands now stands until the end: it is never looked through again."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, MIDDLE, NEVER)

    async def run(self) -> None:
        """Until cancelled."""
        gc.callbacks.append(self._note)
        try:
            took = 0.0
            while True:
                await asyncio.sleep(max(EVERY, took / SHARE))
                began = time.perf_counter()
                gc.collect()
                took = time.perf_counter() - began
        finally:
            gc.callbacks.remove(self._note)

    def _note(self, phase: str, _: Mapping[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self.longest = max(self.longest, time.perf_counter() - self._began)


def resident() -> int | None:
    """Bytes of memory that this process uses; None where the system does not tell it as Linux does."""
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE
    except OSError:
        return None
