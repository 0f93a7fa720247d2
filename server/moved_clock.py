"""The test clock: a file that moves the clock of the rules and the sweep, in demo mode only.

Sign-ins, limits, time-outs, links and keys keep the machine's clock, so that nobody is signed out by a story that takes
a month. The file holds an offset (`P3D`, `-PT2H`) or an instant of RFC 3339 (`2026-07-01T09:00:00+07:00`), from which
the clock goes on since the file was written; empty, nothing is moved. All processes that are given the same file tell
the same time. It is looked at whenever the time is asked for, so that a change counts at once.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.settings import BadSetting, Settings

_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?=.)(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,7})S)?)?"
)
# Of the moments that PostgreSQL, Python and people can read.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
log = logging.getLogger(__name__)


class MovedClock:
    """The machine's clock, moved as the file says. Raises BadSetting at first; later the last good word counts."""

    def __init__(self, file: Path, machine: Callable[[], datetime]) -> None:
        self._file = file
        self._machine = machine
        self._seen: tuple[int, ...] = ()
        self._offset = timedelta()
        try:
            self._look()
        except (OSError, ValueError) as problem:
            raise BadSetting(f"KOLABORASI_TEST_CLOCK: {file}: {problem}") from problem

    def __call__(self) -> datetime:
        try:
            self._look()
        except (OSError, ValueError) as problem:
            log.warning("the test clock stays as it was: %s: %s", self._file, problem)
        return self._machine() + self._offset

    def _look(self) -> None:
        try:
            status = self._file.stat()
        except OSError:
            if not self._seen:
                raise
            return  # on its way to being replaced
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if seen == self._seen:
            return
        self._seen = seen
        written = datetime.fromtimestamp(status.st_mtime, UTC)
        moved_by = offset(self._file.read_text(encoding="utf-8"), written)
        if not EARLIEST - moved_by <= self._machine() <= LATEST - moved_by:
            raise ValueError(f"it must stay between {EARLIEST.year} and {LATEST.year}")
        self._offset = moved_by


def offset(text: str, written: datetime) -> timedelta:
    """By how much the clock is moved, of a file that was written then. Raises ValueError."""
    text = text.strip()
    if not text:
        return timedelta()
    if found := _DURATION.fullmatch(text):
        parts = {name: int(value or 0) for name, value in found.groupdict().items() if name != "sign"}
        return timedelta(**parts) * (-1 if found["sign"] == "-" else 1)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ValueError(f"{text[:40]!r} is neither an offset such as P3D nor an instant such as 2026-07-01T09:00:00Z")
    return instant - written


def rules_clock(settings: Settings, machine: Callable[[], datetime]) -> Callable[[], datetime]:
    """The clock of the rules: the machine's, unless the settings name a file. Raises BadSetting."""
    return machine if settings.test_clock is None else MovedClock(settings.test_clock, machine)
