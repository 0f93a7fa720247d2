"""A group: all who ask the same question, and for whom everything that its answer was made from is the same.

They share one execution and one encoding. Who belongs together is found out anew at each execution: whoever differs in
something that it asked of the viewer leaves the group before anything is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from server.events.position import Position
from server.live.ends import SignIn
from server.live.moments import digest
from server.live.noting import ReadFacts, facts_of
from server.query.run.question import Question
from server.query.run.result import Result
from server.rules.viewer import Viewer

# Faults that may be gone by the next try.
PASSING = ("INTERNAL", "DEADLINE_EXCEEDED")
PERSONAL = "sign_in"


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One answer, encoded once. `known_by`: what of it is compared; `is_last`: it refuses the question for good."""

    json: bytes
    errors: tuple[Mapping[str, Any], ...]
    cursor: str
    known_by: Hashable
    is_last: bool


@dataclass(frozen=True, slots=True)
class LiveExecution:
    """What an execution found: for whom it was made and what it asked of them, which of the group's it was, and the
    events that end streams and that its snapshot shows, with their places."""

    sign_in: SignIn
    result: Result
    noted: ReadFacts
    number: int
    position: Position
    ending: Mapping[UUID, Position]
    request_id: str


class Subscriber:
    """One live operation. `shown`: the last answer that it took; `fault`: why there is none."""

    def __init__(self, sign_in: SignIn, throttle: float) -> None:
        """`throttle`: seconds between two answers."""
        self.sign_in = sign_in
        self.throttle = throttle
        self.group: Group | None = None
        self.shown: Shown | None = None
        self.fault: BaseException | None = None
        self.ready = asyncio.Event()
        self.taken_at = 0.0
        self.after = 0  # of the group's executions the first whose answer is for it

    @property
    def viewer(self) -> Viewer:
        return self.sign_in.viewer

    @property
    def waits(self) -> bool:
        """Whether something is there that it has not taken."""
        group = self.group
        if self.fault is not None or group is None or group.shown is None or group.confirmed < self.after:
            return self.fault is not None
        newest = group.shown
        # Who was parted from others is in another group, whose first answer may be the very one that it has.
        return self.shown is None or newest.known_by != self.shown.known_by

    async def next(self) -> Shown:
        """The newest answer, once it is another than the last, not sooner than `throttle` after that. Raises the fault
        because of which there is none."""
        loop = asyncio.get_running_loop()
        while True:
            while not self.waits:
                self.ready.clear()
                await self.ready.wait()
            if self.fault is not None:
                raise self.fault
            early = self.taken_at + self.throttle - loop.time()
            if self.shown is None or early <= 0:
                break
            await asyncio.sleep(early)
        assert self.group is not None
        assert self.group.shown is not None
        self.taken_at = loop.time()
        self.shown = self.group.shown
        return self.shown


class Group:
    """Those who share an answer, and its state. `names`: the facts in which all its members are known to agree."""

    def __init__(self, question: Question, language: str, moments: bytes) -> None:
        self.question = question
        self.language = language
        self.moments = moments
        self.members: dict[Subscriber, None] = {}
        self.names: frozenset[str] = frozenset()
        self.shown: Shown | None = None
        self.is_dirty = True  # something was written that it may have read, or nothing was read yet
        self.begun = 0  # executions, by the snapshots that they took
        self.confirmed = 0  # the last of these whose answer this is, in other words or the same
        self.awaited = 0  # the first of these for which somebody waits who came meanwhile
        self.wakes = 0
        self.woken_at: float | None = None  # first since the last answer, by the loop's clock
        self.task: asyncio.Task[None] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.began = float("-inf")  # the last execution, by the loop's clock
        self.took = 0.0
        self.failing_since: float | None = None
        self.failures = 0

    @property
    def viewer(self) -> Viewer:
        """One of those for whom it is made; in what it reads of them they are alike."""
        return next(iter(self.members)).viewer

    @property
    def is_current(self) -> bool:
        """Whether its answer is what would be found now, as far as this process has read the log."""
        return self.shown is not None and not self.is_dirty and self.task is None

    @property
    def pace(self) -> float:
        """Seconds between two executions at least: the fastest member's, and ten times what one takes."""
        fastest = min((member.throttle for member in self.members), default=0.5)
        return max(fastest, 10 * self.took)

    def facts(self, sign_in: SignIn, names: frozenset[str]) -> Hashable:
        """What these come to for somebody."""
        own: tuple[UUID | None, ...] = (sign_in.sign_in_id,) if PERSONAL in names else ()
        return own, facts_of(sign_in.viewer, names - {PERSONAL})

    def split(self, sign_in: SignIn, read: frozenset[str]) -> list[Subscriber]:
        """The members for whom something that was read is not as it was for whom it was read, who may have gone; they
        are of the group no more."""
        if read <= self.names:
            return []
        names = self.names | read
        own = self.facts(sign_in, names)
        others = [member for member in self.members if self.facts(member.sign_in, names) != own]
        for member in others:
            del self.members[member]
            member.group = None
        self.names = names
        return others

    def show(self, result: Result, number: int, cursor: str, request_id: str) -> bool:
        """The answer of an execution; False where nothing of it differs from the last."""
        self.confirmed = number
        is_last = result.is_refused or (bool(result.errors) and result.is_empty and not may_pass(result))
        data = digest(result.data, self.moments) if not is_last else b""
        known_by = data, tuple((str(error.path), (error.extensions or {}).get("code")) for error in result.errors)
        if self.shown is not None and self.shown.known_by == known_by:
            return False
        result.extensions = {**result.extensions, "requestId": request_id, "position": cursor}
        result.is_refused = is_last
        errors = tuple(error.formatted for error in result.errors) if is_last else ()
        self.shown = Shown(result.json(), errors, cursor, known_by, is_last)
        return True

    def tell(self) -> None:
        """Who waits for something may take it."""
        for member in self.members:
            if member.waits:
                member.ready.set()

    def fail(self, fault: BaseException) -> None:
        """Who has had no answer is told why."""
        for member in self.members:
            if member.shown is None:
                member.fault = fault
                member.ready.set()


def may_pass(result: Result, passing: Sequence[str] = PASSING) -> bool:
    """Whether a fault in it, of these codes, may be gone by the next try."""
    return any((error.extensions or {}).get("code") in passing for error in result.errors)


def with_extensions(json: bytes, shown: dict[str, object]) -> bytes:
    """An answer that tells somebody more than the others."""
    answer = orjson.loads(json)
    answer["extensions"] = {**answer.get("extensions", {}), **shown}
    return orjson.dumps(answer)
