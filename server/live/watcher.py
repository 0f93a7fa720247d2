"""One subscriber: what it asks for, its offset in the log, its bounded send queue, what an event means to it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from server.events.position import Position
from server.live.ends import End
from server.live.row_images import RowImage, Seen
from server.live.watch import ChangeKind, Watch
from server.rules.viewer import Viewer
from server.rules.visibility import EVENTS, holds

QUEUE = 1_000
log = logging.getLogger(__name__)

# Whether a row (columns by name) is one that the subscription's filter lets through, as of a moment; None: of now.
Matches: TypeAlias = Callable[[RowImage, datetime | None], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """What one event means to one watcher; `kind` None: the event itself (a watcher of the log)."""

    position: Position
    event_id: UUID | None  # None: the viewer may not see it
    kind: ChangeKind | None = None
    subject_id: UUID | None = None
    changed_fields: tuple[str, ...] = ()


class Watcher:
    """Told by the hub, asked by whoever sends. A full queue ends it: it resumes from
    what was sent."""

    def __init__(self, watch: Watch, viewer: Viewer, matches: Matches, position: Position, as_of: datetime) -> None:
        """`as_of`: when the list that it keeps up to date was read."""
        self.watch = watch
        self.viewer = viewer
        self.matches = matches
        self.as_of = as_of
        self.position = position  # everything of its type up to here was replayed or offered
        self.queue: deque[Found] = deque()
        self.ready = asyncio.Event()
        self.joined = False
        self.end: End | None = None
        self._sent = position
        self._taken: Found | None = None

    @property
    def is_pending(self) -> bool:
        """Something was found for it that has not been sent."""
        return bool(self.queue) or self._taken is not None

    @property
    def resume_from(self) -> Position:
        """Where it could go on without a gap: nothing before this place is owed to it."""
        return self._sent if self.is_pending or self.end is not None else self.position

    def take(self) -> Found:
        """The first that waits; until `sent` it is owed."""
        self._taken = self.queue.popleft()
        return self._taken

    def sent(self) -> None:
        """What was taken last has been sent."""
        if self._taken is not None:
            self._sent, self._taken = self._taken.position, None

    def offer(self, seen: Seen) -> None:
        """One event, live; an event met before is passed over."""
        if self.end is not None or seen.event.position <= self.position:
            return
        found = self._look(seen)
        if found is not None and len(self.queue) >= QUEUE:
            self.finish(End.BEHIND)
        if self.end is None:
            self._keep(found)
            self.position = seen.event.position

    def replay(self, seen: Seen) -> None:
        """One event of the past; the replay waits until what it found is sent, so no bound is needed."""
        found = self._look(seen)
        if self.end is None:
            self._keep(found)

    def finish(self, end: End) -> None:
        """No more after this; what waits is dropped, and sent again when the watcher resumes."""
        if self.end is None:
            self._sent = self.resume_from
            self.end = end
            self.queue.clear()
            self.ready.set()

    def _keep(self, found: Found | None) -> None:
        if found is not None:
            if not self.is_pending:
                self._sent = self.position
            self.queue.append(found)
            self.ready.set()

    def _look(self, seen: Seen) -> Found | None:
        try:
            return found_in(seen, self)
        except Exception:
            log.exception("the filter of %s failed on the event at %s", self.watch.field, seen.event.position)
            self.finish(End.FAULT)
            return None


def found_in(seen: Seen, watcher: Watcher) -> Found | None:
    """What the event means to this watcher: None when it alters nothing that this viewer and filter see."""
    event = seen.event
    event_id = event.id if holds(EVENTS, watcher.viewer, seen.row) else None
    if watcher.watch.is_log:
        return Found(event.position, event_id) if event_id is not None and watcher.matches(seen.row, None) else None
    kind = kind_of(seen, watcher)
    if kind is None or (kind is ChangeKind.UPDATED and event_id is None):
        return None
    fields = () if event_id is None else watcher.watch.changed_fields(event.changes)
    return Found(event.position, event_id, kind, event.subject_id, fields)


def kind_of(seen: Seen, watcher: Watcher) -> ChangeKind | None:
    """What the event does to this watcher's list of rows: comes into it, changes in it, leaves it; None: neither.

    Each image is weighed as of the moment at which the row was told with it: of the event that left it so, but of none
    before the list was read. A filter such as "due within a week" holds for other rows tomorrow: so what midnight
    brought in comes as CREATED at its next change, and what it took away as LEFT.
    """
    if seen.after is None:
        return None
    was_in = seen.before is not None and _is_in(seen.before, watcher, seen.before["updated_at"])
    if _is_in(seen.after, watcher, seen.event.recorded_at):
        return ChangeKind.UPDATED if was_in else ChangeKind.CREATED
    if not was_in:
        return None
    return ChangeKind.LEFT if holds(watcher.watch.row.visibility, watcher.viewer, seen.after) else ChangeKind.REMOVED


def _is_in(image: RowImage, watcher: Watcher, told_at: datetime) -> bool:
    """In the watcher's list: it exists, may be seen, is not archived (lists leave those out), and the filter holds."""
    row = watcher.watch.row
    return (
        holds(row.visibility, watcher.viewer, image)
        and (row.archived is None or image[row.archived] is None)
        and watcher.matches(image, max(told_at, watcher.as_of))
    )
