"""One heap of alarms for the process: who is to be woken when, by the clock of the rules, which may be moved."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from server.events.writes import UNTOLD, UNTOLD_COLUMNS
from server.live.noting import NOW, TODAY, ReadFacts
from server.live.reads import Read
from server.query.declare.fields import Context
from server.rules.workdays import ONE_DAY, local_day, start_of_day

G = TypeVar("G")
UNSURE = timedelta(seconds=10)  # for which an answer is kept that read the clock and did not say until when it holds
BOOKKEPT = timedelta(seconds=60)  # and one of tables of whose changes nobody is told
_MOMENT = "swept_until"  # it says only until when something is counted


class Alarms(Generic[G]):
    """One alarm each; a later one takes the place of the one before. Nothing is looked through."""

    def __init__(self) -> None:
        self._due: dict[G, datetime] = {}
        self._queued: dict[G, datetime] = {}  # where it stands in the heap, maybe too early
        self._heap: list[tuple[datetime, int, G]] = []
        self._count = 0

    def set(self, who: G, due: datetime | None) -> None:
        """Wake it then; None: not at all."""
        if due is None:
            self.remove(who)
            return
        self._due[who] = due
        if who not in self._queued or due < self._queued[who]:
            self._push(who, due)

    def remove(self, who: G) -> None:
        self._due.pop(who, None)
        self._queued.pop(who, None)
        if len(self._heap) > 2 * len(self._queued) + 100:  # else it keeps whoever has gone until their moment
            self._heap = [each for each in self._heap if self._queued.get(each[2]) == each[0]]
            heapq.heapify(self._heap)

    def take(self, now: datetime) -> Iterator[G]:
        """Those whose moment has come, each once."""
        while self._heap and self._heap[0][0] <= now:
            at, _, who = heapq.heappop(self._heap)
            if self._queued.get(who) != at:
                continue  # an earlier place was found for it, or it is gone
            del self._queued[who]
            if self._due[who] <= now:
                del self._due[who]
                yield who
            else:
                self._push(who, self._due[who])

    def wait(self, now: datetime) -> float:
        """Seconds until the next, a second at most: nobody says when the clock is moved."""
        return min(1.0, max(0.01, (self._heap[0][0] - now).total_seconds())) if self._heap else 1.0

    def _push(self, who: G, due: datetime) -> None:
        self._count += 1
        self._queued[who] = due
        heapq.heappush(self._heap, (due, self._count, who))


def due(context: Context, noted: ReadFacts, reads: Iterable[Read]) -> datetime | None:
    """When the clock alone can alter what an execution found; None: never."""
    moments = [noted.holds_until] if noted.holds_until is not None else []
    if TODAY in noted.moments:
        calendar = context.city.calendar
        moments.append(start_of_day(local_day(context.read_at, calendar) + ONE_DAY, calendar))
    if NOW in noted.moments:
        moments.append(context.read_at + UNSURE)
    if any(map(_is_untold, reads)):
        moments.append(context.read_at + BOOKKEPT)
    return min(moments, default=None)


def _is_untold(read: Read) -> bool:
    """Whether somebody writes what is read without telling it."""
    if read.table in UNTOLD:
        return read.table != _MOMENT
    columns = UNTOLD_COLUMNS.get(read.table, frozenset())
    return bool(columns) and (read.columns is None or not columns.isdisjoint(read.columns))
