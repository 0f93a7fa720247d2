"""Fan-out (publish/subscribe): gives each event to the watchers it concerns; those with a cursor are caught up first.

For each event the images are made once; each watcher's filter and rights are then asked in Python, and only what
passes costs a statement (the watcher's own compiled query, run by whoever sends). Idle watchers cost nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from uuid import UUID

from server.events.log import Recorded
from server.events.position import Position
from server.events.reader import Reader
from server.live.ends import End
from server.live.row_images import RowImages, Seen
from server.live.turns import Turns
from server.live.watch import Watch
from server.live.watcher import Found, Matches, Watcher
from server.rules.viewer import Viewer

PAGE = 100  # events of a replay that are read, and offered to its watcher, before others have their turn: some 20 ms
log = logging.getLogger(__name__)


class Ended(Exception):
    """The watcher is to end."""

    def __init__(self, end: End) -> None:
        super().__init__(end)
        self.end = end


class Hub:
    """All of this process's watchers; `consume` is a consumer of the log."""

    def __init__(self, reader: Reader, images: RowImages) -> None:
        self._reader = reader
        self._images = images
        self._offered: Position | None = None
        self._joined: dict[Watch, set[Watcher]] = {}
        self._turns = Turns()

    def __len__(self) -> int:
        return sum(map(len, self._joined.values()))

    @property
    def has_told(self) -> bool:
        """Whether nobody who joined is owed anything."""
        return not any(watcher.is_pending for watchers in self._joined.values() for watcher in watchers)

    @property
    def position(self) -> Position:
        """Every watcher that joined was offered everything up to here."""
        return self._offered or self._reader.position

    async def open(
        self, watch: Watch, viewer: Viewer, matches: Matches, after: Position | None, as_of: datetime
    ) -> Watcher:
        """A watcher that goes on after this position, or begins with what happens from now on; close it in the end.

        `as_of`: when the list that it keeps up to date was read.
        """
        await self._reader.started()
        return Watcher(watch, viewer, matches, self.position if after is None else after, as_of)

    def close(self, watcher: Watcher) -> None:
        self._joined.get(watcher.watch, set()).discard(watcher)

    def resume_from(self, watcher: Watcher) -> Position:
        """Where this watcher could go on without a gap if it were cut off now."""
        is_level = watcher.joined and watcher.end is None and not watcher.is_pending
        return max(watcher.resume_from, self.position) if is_level else watcher.resume_from

    def turn(self, watcher: Watcher) -> AbstractAsyncContextManager[None]:
        """Around what a replay costs the database: few have it at a time. Who is among the live ones waits for nobody.

        Never around the sending: a client that takes nothing would keep the others waiting.
        """
        return nullcontext() if watcher.joined else self._turns.of(watcher.viewer.account_id)

    async def next(self, watcher: Watcher) -> Found:
        """The next thing for this watcher, from the replay or live; what was given before counts as sent.

        Raises Ended, and what the database raises during the replay.
        """
        watcher.sent()
        while True:
            if watcher.end is not None:
                raise Ended(watcher.end)
            if watcher.queue:
                return watcher.take()
            if watcher.joined:
                watcher.ready.clear()
                await watcher.ready.wait()
            else:
                await self._catch_up(watcher)

    async def _catch_up(self, watcher: Watcher) -> None:
        """The hand-over: one page of the replay or, once nothing is left of it, the step among the live ones.

        Between the comparison and the joining nothing is awaited, and `consume` offers a batch and moves `position`
        without awaiting either: so every event is met on exactly one side.
        """
        if watcher.position >= self.position:
            self._joined.setdefault(watcher.watch, set()).add(watcher)
            watcher.joined = True
            return
        async with self.turn(watcher):
            events, reached = await self._reader.read_after(watcher.position, self.position, PAGE)
            seen = await self._images_for(watcher.watch, events)
        for event in events:
            watcher.replay(seen.get(event.id) or Seen(event))
        watcher.position = reached

    async def consume(self, events: Sequence[Recorded]) -> None:
        """Offer a batch to all who watch. When its images cannot be made, they resume rather than miss it."""
        made: dict[Watch, Mapping[UUID, Seen]] = {}
        try:
            while missing := [watch for watch, watchers in self._joined.items() if watchers and watch not in made]:
                for watch in missing:  # and then for those who joined meanwhile
                    made[watch] = await self._images_for(watch, events)
        except Exception as problem:
            log.warning("images of %d events could not be made, watchers resume: %s", len(events), problem)
            self._finish_all(End.NO_DATABASE)
        for watch, seen in made.items():
            for watcher in list(self._joined.get(watch, ())):
                self._offer(watcher, events, seen)
        self._offered = events[-1].position

    def _offer(self, watcher: Watcher, events: Sequence[Recorded], seen: Mapping[UUID, Seen]) -> None:
        for event in events:
            if watcher.watch.is_log or event.id in seen:
                watcher.offer(seen.get(event.id) or Seen(event))
        if watcher.end is not None:
            self.close(watcher)

    def _finish_all(self, end: End) -> None:
        for watcher in [each for watchers in self._joined.values() for each in watchers]:
            watcher.finish(end)
            self.close(watcher)

    async def _images_for(self, watch: Watch, events: Collection[Recorded]) -> Mapping[UUID, Seen]:
        """Images for the events about this watch's type; the log itself needs only the cases by which some are seen."""
        if watch.is_log:
            return await self._images.beside(list(events))
        about = [event for event in events if event.subject_type == watch.row.name]
        return await self._images.of(watch.row.table, about) if about else {}
