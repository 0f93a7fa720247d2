"""What the clocks of a request go by: its columns, the offices of both sides, and whether one of them has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from server.rules.clock import StoredPause
from server.rules.collaboration_facts import SILENCE, RequestFacts, RequestKind
from server.rules.collaboration_sides import (
    ABSENCES,
    OVERLAPS,
    Absence,
    Overlap,
    Sides,
    StoredStandIn,
    absences,
    overlaps,
)
from server.rules.fact import at, rows_of
from server.rules.office import Office, held, office


class AnswerTime(Sides, Protocol):
    """As much of a request as its answer clock goes by, and that of a question, which stops it."""

    @property
    def answer_days(self) -> int: ...
    @property
    def answer_started_at(self) -> datetime | None: ...
    @property
    def answer_due_at(self) -> datetime | None: ...
    @property
    def answer_stopped_at(self) -> datetime | None: ...
    @property
    def answer_pauses(self) -> Sequence[StoredPause]: ...
    @property
    def answered_at(self) -> datetime | None: ...
    @property
    def answerer_id(self) -> UUID: ...
    @property
    def starter_id(self) -> UUID: ...
    @property
    def question_asked_at(self) -> datetime | None: ...
    @property
    def question_due_at(self) -> datetime | None: ...
    @property
    def silence(self) -> Office | None: ...

    def since(self, at: datetime) -> datetime: ...


# The last day of the side that ended first, if one ended.
SIDES_END = "(SELECT min(o.valid_to) FROM organisation o WHERE o.id IN ({t}.asker_id, {t}.giver_id))"


@rows_of("collaboration_request")
@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerClockFacts:
    """The same, with the office that answers."""

    kind: RequestKind
    asker_id: UUID
    giver_id: UUID
    answer_days: int
    answer_started_at: datetime
    answer_due_at: datetime
    answer_stopped_at: datetime | None
    answer_pauses: Sequence[StoredPause]
    answered_at: datetime | None
    question_asked_at: datetime | None
    question_due_at: datetime | None
    clock_restarted_at: datetime | None
    silence: Office = field(metadata=at(SILENCE, office))
    side_ends_on: date | None = field(metadata=at(SIDES_END))
    answerer: Office = field(
        metadata=at(held("CASE {t}.kind WHEN 'NEED' THEN {t}.giver_id ELSE {t}.asker_id END"), office)
    )
    stand_ins: Sequence[StoredStandIn]
    absences: Sequence[Absence] = field(metadata=at(ABSENCES, absences))
    overlaps: Sequence[Overlap] = field(metadata=at(OVERLAPS, overlaps))

    @property
    def answerer_id(self) -> UUID:
        """The side that answers."""
        return self.giver_id if self.kind is RequestKind.NEED else self.asker_id

    @property
    def starter_id(self) -> UUID:
        """The other one."""
        return self.asker_id if self.kind is RequestKind.NEED else self.giver_id

    def since(self, at: datetime) -> datetime:
        """As in `RequestFacts`."""
        return max(at, self.clock_restarted_at or at)


@rows_of("collaboration_request")
@dataclass(frozen=True, slots=True, kw_only=True)
class RequestClockFacts(RequestFacts):
    """With the offices of both sides: what all its clocks go by."""

    confirmed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    side_ends_on: date | None = field(default=None, metadata=at(SIDES_END))
    asker: Office = field(metadata=at(held("{t}.asker_id"), office))
    giver: Office = field(metadata=at(held("{t}.giver_id"), office))
