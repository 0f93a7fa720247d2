"""The clock against a second one that walks day by day (tests/naive/clock.py): both say the same of a history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from server.rules import collaboration_sides as sides
from server.rules.clock import (
    ClockEnding,
    ClockKind,
    ClockState,
    Pause,
    PauseReason,
    due_if_resumed,
    working_clock,
    working_days_left,
)
from server.rules.office import Office, Term
from server.rules.viewer import Capacity
from server.rules.workdays import Calendar, is_working_day
from tests.naive import clock as naive

JAKARTA = ZoneInfo("Asia/Jakarta")
# How what did not answer has ended.
ENDINGS = {
    naive.Kind.WITHDRAWAL: ClockEnding.WITHDRAWN,
    naive.Kind.DECISION: ClockEnding.DECIDED,
    naive.Kind.RULING: ClockEnding.RULING,
    naive.Kind.END: ClockEnding.ORGANISATION_ENDED,
}


# What is on either side now, and what was before it became part of that.
ASKER, GIVER, OLD_ASKER, OLD_GIVER = (UUID(int=n) for n in (1, 2, 3, 4))
FIRST = datetime(2020, 1, 1, tzinfo=JAKARTA)


class Known(NamedTuple):
    """The day and the city, for what is made of a row."""

    today: date
    city: Any


class Merger(NamedTuple):
    """When the organisation of one side became part of another, and of which side."""

    at: datetime
    is_asker: bool

    def sides(self, at: datetime) -> tuple[UUID, UUID]:
        """Asker and giver then."""
        is_before = at < self.at
        return OLD_ASKER if is_before and self.is_asker else ASKER, (
            OLD_GIVER if is_before and not self.is_asker else GIVER
        )


@dataclass(frozen=True)
class History:
    """What happened to a clock, whatever was known of it when, and the moment at which it is asked."""

    clock: naive.Clock
    calendar: Calendar
    now: datetime
    merger: Merger | None


def told(seed: int) -> History:
    """A history of some weeks: pauses, vacancies, one person on both sides, mergers, decrees recorded late, an end."""
    chance = Random(seed)
    # Around the turn of the year there are holidays, Sundays included, and collective leave.
    start = datetime(2026, 1, 1, tzinfo=JAKARTA) + timedelta(minutes=chance.randrange(400 * 24 * 60))
    if chance.random() < 0.2:  # on an edge
        start = start.replace(hour=chance.choice((0, 7, 8, 12, 23)), minute=chance.choice((0, 59)))

    def moment(first: int = 0, last: int = 40) -> datetime:
        at = start + timedelta(minutes=chance.randrange(first * 24 * 60, last * 24 * 60))
        hour, minute = chance.choice(((0, 0), (8, 0), (11, 59), (12, 0), (12, 1), (23, 59)))
        return max(start, at.replace(hour=hour, minute=minute)) if chance.random() < 0.4 else at

    def day(first: int = -10, last: int = 40) -> date:
        return start.date() + timedelta(chance.randrange(first, last))

    pauses = []
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        begin = moment(0, 20)
        end = begin + timedelta(minutes=1 + chance.randrange(8 * 24 * 60)) if chance.random() < 0.8 else None
        pauses.append(naive.Pause(begin, end))
    begun = {each.begin for each in pauses}

    def later() -> datetime:
        """Never the very instant in which a pause begins: whether that has cost a day nobody can say."""
        at = moment()
        return at + timedelta(seconds=1) if at in begun else at

    merger = Merger(later(), chance.random() < 0.5) if chance.random() < 0.3 else None
    known = Calendar(JAKARTA, {day(0): chance.random() < 0.4 for _ in range(chance.randrange(4))})
    declared = {day(0): chance.random() < 0.4 for _ in range(chance.randrange(4))}
    calendar = Calendar(JAKARTA, {**known.own_days, **declared})
    clock = naive.Clock(
        start=start,
        working_days=chance.choice((1, 2, 3, 3, 3, 5, 7, 10)),
        is_working_day=lambda on: is_working_day(on, known),
        zone=JAKARTA,
        pauses=tuple(pauses),
        held=_held(chance, start.date()),
        both=_both(chance, start.date(), merger),
        alone=(_held(chance, start.date()) or ())[:2] if merger is None and chance.random() < 0.3 else (),
        named=tuple(_named(chance, later()) for _ in range(chance.choice((0, 0, 1, 1, 2)))),
    )
    promised = naive.standing(clock, start).due_at if chance.random() < 0.4 else None
    act = naive.Act(later(), chance.choice((naive.Kind.ACT, *ENDINGS))) if chance.random() < 0.5 else None
    clock = naive.Clock(
        **{**vars(clock), "is_working_day": lambda on: is_working_day(on, calendar), "promised": promised, "act": act}
    )
    return History(clock, calendar, later(), merger)


def _named(chance: Random, at: datetime) -> naive.Named:
    """Mostly there to stay; or one who leaves, or comes back after some time."""
    if chance.random() < 0.5:
        return naive.Named(at)
    gone_at = at + timedelta(minutes=1 + chance.randrange(15 * 24 * 60))
    is_back = chance.random() < 0.5
    return naive.Named(at, (gone_at, gone_at + timedelta(minutes=1 + chance.randrange(8_000)) if is_back else None))


def _held(chance: Random, first: date) -> tuple[naive.Held, ...] | None:
    if chance.random() < 0.4:
        return None
    terms = []
    begins = first - timedelta(chance.randrange(60))
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        last = begins + timedelta(chance.randrange(40)) if chance.random() < 0.8 else None
        terms.append(
            naive.Held(begins, last, _recorded(chance, begins), None if last is None else _recorded(chance, last))
        )
        if last is None:
            break
        begins = last + timedelta(chance.choice((1, 1, 2, 5, 10, 20)))
    return tuple(terms)


def _both(chance: Random, first: date, merger: Merger | None) -> tuple[naive.OnBothSides, ...]:
    """Mostly nobody; or one person for a while or twice, or two who stand in for each other; by a merger or not."""
    found = []
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 3))):
        begins = first + timedelta(chance.randrange(-10, 25))
        last = begins + timedelta(chance.randrange(20)) if chance.random() < 0.7 else None
        ended = None if last is None else _recorded(chance, last)
        days = naive.Held(begins, last, _recorded(chance, begins), ended)
        since, until = (None, None) if merger is None else chance.choice(((merger.at, None), (None, merger.at)))
        found.append(naive.OnBothSides(days, acts_here=chance.random() < 0.3, since=since, until=until))
    return tuple(found)


def _recorded(chance: Random, on: date) -> datetime | None:
    """Often before, sometimes many days later."""
    if chance.random() < 0.5:
        return None
    return datetime(on.year, on.month, on.day, tzinfo=JAKARTA) + timedelta(minutes=chance.randrange(-3_000, 20_000))


def stands(history: History) -> naive.Standing:
    """What the clock of the rules says, as its columns and its office would be known at that moment."""
    told, now, calendar = history.clock, history.now, history.calendar
    act = told.act if told.act is not None and told.act.at <= now else None
    judged_at = now if act is None else act.at
    pauses = [
        Pause(PauseReason.QUESTION, each.begin, None if each.end is None or each.end > judged_at else each.end)
        for each in told.pauses
        if each.begin <= judged_at
    ]
    pauses += sides.pauses(_sides(history, judged_at), GIVER)
    held = None if told.held is None else [*_known(told.held, judged_at)]
    start, days, office = told.start, told.working_days, Office(calendar, held)
    stopped_at = None if act is None else act.at
    stopped_by = None if act is None else ENDINGS.get(act.kind)
    promised = told.promised
    if stopped_at is not None and promised is not None:  # as it is kept by whatever stops a clock
        running = working_clock(ClockKind.ANSWER, start, days, office, pauses=pauses, promised=promised)
        promised = due_if_resumed(running, stopped_at, calendar)
    clock = working_clock(
        ClockKind.ANSWER,
        start,
        days,
        office,
        pauses=pauses,
        promised=promised,
        stopped_at=stopped_at,
        stopped_by=stopped_by,
    )
    state, due_at = clock.state(now), due_if_resumed(clock, now, calendar)
    is_paused = state is ClockState.PAUSED
    return naive.Standing(
        state=naive.State(state.value),
        due_at=due_at,
        ending=None if clock.ending is None else naive.Ending(clock.ending.value),
        due_day_while_paused=due_at.astimezone(JAKARTA).date() if is_paused else None,
        reminder_at=None if is_paused else clock.reminder_at,
        next_reminder_at=clock.next_reminder_at(now),
        days_left=working_days_left(clock, now, calendar),
    )


def _on_both(history: History) -> list[Pause]:
    return sides.pauses(_sides(history, history.now), GIVER)


def _sides(history: History, at: datetime) -> sides.Sides:
    """What the request would know by then; the giver, whose clock it is, is the side of which the history tells."""
    told, merger = history.clock, history.merger
    rows, heads = [], []
    for n, each in enumerate(told.both):
        if each.since is not None and each.since > at:
            continue
        until = None if each.until is None or each.until > at else each.until
        stood = [None if each.since is None else each.since.isoformat(), None if until is None else until.isoformat()]
        asker, giver = (ASKER, GIVER) if merger is None else merger.sides(each.since or FIRST)
        # Who acts for the giver is its definitive head; of two acting offices it is the asker's.
        as_giver = Capacity.DEFINITIVE if each.acts_here else Capacity.PLH
        for days in _days((each.days,), at):
            rows.append([str(UUID(int=10 + n)), str(asker), Capacity.PLT, str(giver), as_giver, *days, *stood])
            heads.append([str(UUID(int=10 + n)), str(giver), *days, *stood])
    heads += [[str(UUID(int=100)), str(GIVER), *days, None, None] for days in _days(told.alone, at)]
    moment = Known(at.astimezone(JAKARTA).date(), SimpleNamespace(calendar=history.calendar))
    named, absent = [], []
    for n, who in enumerate(sorted(told.named, key=lambda each: each.at)):
        if who.at <= at:
            of = str(GIVER if merger is None else merger.sides(who.at)[1])
            named.append(sides.StoredStandIn(accountId=str(n), organisationId=of, at=who.at.isoformat()))
            if who.gone is not None and who.gone[0] <= at:
                back_at = None if who.gone[1] is None or who.gone[1] > at else who.gone[1]
                absent.append(sides.Absence(str(n), of, who.gone[0], back_at))
    return cast(
        sides.Sides,
        SimpleNamespace(
            asker_id=ASKER,
            giver_id=GIVER,
            overlaps=sides.overlaps([rows, heads], moment),
            stand_ins=named,
            absences=absent,
        ),
    )


def _days(held: tuple[naive.Held, ...], at: datetime) -> list[list[str | None]]:
    """First and last day and recording of the appointments that are known by then."""
    return [
        [
            term.first.isoformat(),
            None if term.last is None else term.last.isoformat(),
            (term.recorded_at or FIRST).isoformat(),
        ]
        for term in _known(held, at)
    ]


def _known(held: tuple[naive.Held, ...], at: datetime) -> list[Term]:
    """The appointments that are recorded by then, with their ends that are."""
    return [
        Term(
            each.first_day,
            None if each.end_recorded_at is not None and each.end_recorded_at > at else each.last_day,
            each.recorded_at,
        )
        for each in held
        if each.recorded_at is None or each.recorded_at <= at
    ]


def walked(history: History) -> naive.Standing:
    """What the second clock says. Of a clock that stands still it foretells a reminder, which the first does not."""
    found = naive.standing(history.clock, history.now)
    if found.state is not naive.State.PAUSED:
        return found
    return naive.Standing(**{**vars(found), "reminder_at": None, "next_reminder_at": None})


def differ(seeds: range) -> list[int]:
    return [seed for seed in seeds if stands(history := told(seed)) != walked(history)]


def test_of_two_thousand_histories_both_clocks_say_the_same() -> None:
    assert differ(range(2_000)) == []


@pytest.mark.exhaustive
def test_of_fifty_thousand_histories_both_clocks_say_the_same() -> None:
    assert differ(range(2_000, 52_000)) == []


def test_the_histories_have_everything_in_them() -> None:
    """Every state and ending is compared, many times each; and whoever heads both sides, also two who stand in."""
    found = [walked(told(seed)) for seed in range(800)]
    for state in naive.State:
        assert sum(each.state is state for each in found) > 20
    for ending in set(naive.Ending):
        assert sum(each.ending is ending for each in found) > 5
    histories = [told(seed) for seed in range(800)]
    ends = [(pause.to, each) for each in histories for pause in _on_both(each)]
    assert sum(to is None for to, _ in ends) > 20
    assert sum(any(to == named.at for named in each.clock.named) for to, each in ends) > 20
    left = {(pause.from_, each.clock) for each in histories for pause in _on_both(each)}
    assert sum(any(named.gone and named.gone[0] == from_ for named in clock.named) for from_, clock in left) > 10
    assert sum({one.acts_here for one in each.clock.both} == {True, False} for each in histories) > 20
    assert sum(bool(each.clock.alone) and bool(_on_both(each)) for each in histories) > 10
    merged = [(pause, each.merger.at) for each in histories if each.merger for pause in _on_both(each)]
    assert sum(pause.to == at for pause, at in merged) > 5
    assert sum(pause.from_ == at for pause, at in merged) > 5
