"""The registry of open streams: whose session each lives by, and why it ends: at once when that is revoked or changes.

A stream ends at once when its sign-in is revoked. When the role, the organisation, an office or the case access of its
account changes, it ends with "come back": the client connects again with the same credentials, is identified as who it
is now, and goes on from its cursor.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Protocol, TypeVar
from uuid import UUID

from server import ids
from server.events.log import Recorded
from server.events.position import Position
from server.events.reader import Reader
from server.rules.event import EventType
from server.rules.viewer import Viewer

S = TypeVar("S", bound="SignIn")
log = logging.getLogger(__name__)


class SignIn(Protocol):
    """What streams need of `actions.sign_in.Identified`, which installation.py hands in."""

    @property
    def viewer(self) -> Viewer: ...
    @property
    def account_id(self) -> UUID: ...
    @property
    def sign_in_id(self) -> UUID: ...
    @property
    def expires_at(self) -> datetime: ...


class Stranger(Exception):
    """Nobody that may be let in; `key` names the sentence that says why, under `problem` in server/text."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


class End(Enum):
    """Why a stream ends; `code` is the WebSocket's (what clients make of it: see Subscription in schema.graphql)."""

    REVOKED = 4401, "Signed out"
    CHANGED = 4403, "Role, organisation or office changed: connect again"
    EXPIRED = 4403, "The sign-in ran out"
    # Not for good: those of a client that a network fault cut off count until the fault is noticed.
    TOO_MANY = 1013, "Too many open connections of this account"
    STOPPING = 1012, "The server is stopping: connect again"
    BEHIND = 1013, "Too slow"
    NO_DATABASE = 1013, "The database is away"
    FAULT = 1013, "A fault on our side"

    @property
    def code(self) -> int:
        return self.value[0]

    @property
    def reason(self) -> str:
        return self.value[1]


# After these a sign-in is looked up again. What they did to it is the look-up's to say: an event that is read late may
# be older than the sign-in, and an appointment may begin next month.
TELLING = frozenset(
    {
        EventType.SIGNED_OUT,
        EventType.SIGNED_OUT_EVERYWHERE,
        EventType.PASSWORD_SET,
        EventType.TOKEN_REVOKED,
        EventType.ACCOUNT_UPDATED,
        EventType.ORGANISATION_ENDED,
        EventType.ACCOUNT_DISABLED,
        EventType.ACCOUNT_PASSED_ON,
        EventType.CASE_ACCESS_CONFIRMED,
        EventType.CASE_ACCESS_LOST,
        EventType.APPOINTMENT_MADE,
        EventType.APPOINTMENT_ENDED,
        EventType.APPOINTMENT_LAPSED,
        EventType.DECISIONS_DELEGATED,
        EventType.DELEGATION_ENDED,
        EventType.DELEGATION_LAPSED,
    }
)
_VIEWER_COLUMNS = frozenset({"role", "organisation_id", "is_active"})
_REMEMBERED = 1_000
AT_ONCE = 4  # sign-ins that are looked up while the log waits


class Stream:
    """One open socket or event stream. `ended` is set, and `end` says why, once it must close."""

    def __init__(self) -> None:
        self.sign_in: SignIn | None = None
        self.ended = asyncio.Event()
        self.end: End | None = None

    def finish(self, end: End) -> None:
        """Close it for this reason; the first reason counts."""
        if self.end is None:
            self.end = end
            self.ended.set()


class Streams:
    """All of this process's streams. `consume` is a consumer of the log, `run` a loop."""

    def __init__(
        self,
        reader: Reader,
        clock: Callable[[], datetime],
        still: Callable[[SignIn], Awaitable[SignIn | None]],
        *,
        today: Callable[[], date],
        blind_after: float = 10.0,
        most: int = 1_000,
    ) -> None:
        """`still`: the same sign-in as it is now, None when it ended. `today`: the city's day. `blind_after`: seconds
        for which the log may be unreadable before every stream is told to come back, to a server that can read it.
        `most`: how many of one account may be open."""
        self._reader = reader
        self._clock = clock
        self.still = still
        self._today = today
        self._blind_after = blind_after
        self.opened: set[Stream] = set()
        self.most = most
        self.counts: Counter[UUID] = Counter()  # by account
        self.recent: deque[Recorded] = deque(maxlen=_REMEMBERED)
        self._stopping = False

    def __len__(self) -> int:
        return len(self.opened)

    def open(self) -> Stream:
        """Keep watch over a stream whose client is not known yet."""
        stream = Stream()
        self.opened.add(stream)
        if self._stopping:
            stream.finish(End.STOPPING)
        return stream

    async def identified(self, stream: Stream, sign_in: SignIn, since: Position) -> None:
        """From now on it lives by this sign-in. `since`: the reader's position before that was looked up, so that a
        revocation in between is not missed."""
        stream.sign_in = sign_in
        self.counts[sign_in.account_id] += 1
        if self.counts[sign_in.account_id] > self.most:
            stream.finish(End.TOO_MANY)
        if any(event.position > since and _concerns(event, sign_in) for event in self.recent):
            await self._look_again(sign_in, [stream])

    def close(self, stream: Stream) -> None:
        self.opened.discard(stream)
        if stream.sign_in is not None:
            account_id = stream.sign_in.account_id
            self.counts[account_id] -= 1
            if not self.counts[account_id]:
                del self.counts[account_id]

    def finish_all(self, end: End) -> None:
        """End every stream; after STOPPING also those that would still be opened."""
        self._stopping = self._stopping or end is End.STOPPING
        for stream in list(self.opened):
            stream.finish(end)

    async def consume(self, events: Sequence[Recorded]) -> None:
        """The streams of a sign-in share one look-up of a batch, and few wait for another's: the log waits for all."""
        telling = [event for event in events if _tells(event)]
        if not telling:
            return
        self.recent.extend(telling)  # before anything is awaited: who is identified meanwhile looks there
        concerned: dict[UUID, tuple[SignIn, list[Stream]]] = {}
        for stream in self.opened:
            sign_in = stream.sign_in
            if sign_in is not None and stream.end is None and any(_concerns(event, sign_in) for event in telling):
                concerned.setdefault(sign_in.sign_in_id, (sign_in, []))[1].append(stream)
        waiting = [*concerned.values()]
        for start in range(0, len(waiting), AT_ONCE):
            await asyncio.gather(*(self._look_again(*each) for each in waiting[start : start + AT_ONCE]))

    async def run(self, every: float = 1.0) -> None:
        """Until cancelled: end the streams whose sign-in ran out, and all when the log stays unreadable.

        With a new day everybody is looked up again: appointments begin and end by date, without an event.
        """
        today = self._today()
        while True:
            await asyncio.sleep(every)
            looked = self._reader.facts().looked_age
            if looked is not None and looked > self._blind_after:
                self.finish_all(End.NO_DATABASE)
            now = self._clock()
            is_new_day, today = self._today() != today, self._today()
            for stream in list(self.opened):
                sign_in = stream.sign_in
                if sign_in is not None and stream.end is None and (is_new_day or sign_in.expires_at <= now):
                    await self._renew(stream, sign_in)

    async def _look_again(self, sign_in: SignIn, streams: Sequence[Stream]) -> None:
        """The log told of something that may end it. While that cannot be looked up its streams must not go on."""
        try:
            found = await self.still(sign_in)
        except Exception as problem:
            log.warning("a sign-in could not be looked up, its streams are told to come back: %s", problem)
            for stream in streams:
                stream.finish(End.NO_DATABASE)
            return
        for stream in streams:
            if found is None:
                stream.finish(End.REVOKED)
            elif stream.sign_in is not None and found.viewer != stream.sign_in.viewer:
                stream.finish(End.CHANGED)

    async def _renew(self, stream: Stream, sign_in: SignIn) -> None:
        """A session slides and a refresh token rotates: ask for the new moment before ending."""
        try:
            found = await self.still(sign_in)
        except Exception as problem:
            log.warning("a sign-in could not be looked up, its stream stays for now: %s", problem)
            return
        if found is None or found.expires_at <= self._clock():
            stream.finish(End.EXPIRED)
        elif found.viewer != sign_in.viewer:
            stream.finish(End.CHANGED)
        else:
            stream.sign_in = found


def _tells(event: Recorded) -> bool:
    """Whether a sign-in may be another one after this event."""
    if event.type is EventType.ACCOUNT_UPDATED:  # of its name, or of who it is
        return not _VIEWER_COLUMNS.isdisjoint(event.changes)
    return event.type in TELLING


def _concerns(event: Recorded, sign_in: SignIn) -> bool:
    only = event.facts.get("signInId")
    if isinstance(only, str):
        return _uuid(only) == sign_in.sign_in_id
    if event.type is EventType.ORGANISATION_ENDED:
        return event.subject_id in sign_in.viewer.organisation_ids
    named = [event.facts.get("accountId"), *event.changes.get("account_id", ())]
    subject = event.subject_id if event.subject_type == "Account" else None
    return sign_in.account_id == subject or sign_in.account_id in map(_uuid, named)


def _uuid(value: object) -> UUID | None:
    """An id as facts (a TypeID) or changes (a UUID's text) hold it."""
    if not isinstance(value, str):
        return None
    try:
        return ids.decode(value)[1] if "_" in value else UUID(value)
    except ValueError:
        return None
