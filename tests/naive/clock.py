"""The deadline clock, walked day by day: when something is due, and how the clock stands at a moment.

Where the sentences leave something open, the plainest reading is taken; each such choice is marked "Choice:".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FAR = datetime(9000, 1, 1, tzinfo=UTC)
LONGEST_WALK = 5000


class Kind(Enum):
    """What ended a clock."""

    ACT = "ACT"
    WITHDRAWAL = "WITHDRAWAL"
    DECISION = "DECISION"
    RULING = "RULING"
    END = "END"


class State(Enum):
    """ "running / paused / ended / breached" """

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    ENDED = "ENDED"
    BREACHED = "BREACHED"


class Ending(Enum):
    """ "how it ended (by the act in time, by the act late, by withdrawal, decision, ruling or end)" """

    IN_TIME = "IN_TIME"
    LATE = "LATE"
    WITHDRAWN = "WITHDRAWN"
    DECIDED = "DECIDED"
    RULED = "RULING"
    ORGANISATION_ENDED = "ORGANISATION_ENDED"


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stands, from its first moment to just before its last; None: it goes on."""

    begin: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class Held:
    """Days on which somebody held the office, both included; None: with no end.

    Recorded None means: before it began. An end recorded None means: before that end.
    """

    first_day: date
    last_day: date | None = None
    recorded_at: datetime | None = None
    end_recorded_at: datetime | None = None


@dataclass(frozen=True)
class OnBothSides:
    """Days on which one person headed this organisation and the other one, and for which of the two they acted.

    "Which organisation was on a side counts by the day": since and until when these two were the sides; None: always.
    """

    days: Held
    acts_here: bool
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Named:
    """When an account was named for this side, and from when until when (None: still) it could not act."""

    at: datetime
    gone: tuple[datetime, datetime | None] | None = None

    def acts(self, moment: datetime) -> bool:
        if self.gone is None or moment < self.gone[0]:
            return moment >= self.at
        return self.gone[1] is not None and moment >= self.gone[1]


@dataclass(frozen=True)
class Act:
    """What ended the clock, and when."""

    at: datetime
    kind: Kind


@dataclass(frozen=True)
class Clock:
    """All that a clock depends on. Held None: no office is asked for (an empty tuple: nobody ever held it).

    `both`: who headed this side, which must act, and the other one; `alone`: who headed this one alone; `named`: who
    was named for this side.
    """

    start: datetime
    working_days: int
    is_working_day: Callable[[date], bool]
    zone: ZoneInfo
    pauses: tuple[Pause, ...] = ()
    held: tuple[Held, ...] | None = None
    promised: datetime | None = None
    act: Act | None = None
    both: tuple[OnBothSides, ...] = ()
    alone: tuple[Held, ...] = ()
    named: tuple[Named, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How a clock stands at a moment.

    The due instant of a paused clock is the one shown: as if the pause ended now. `due_day_while_paused` is None
    unless it is paused. `reminder_at` follows from the due day; `next_reminder_at` only if it is still to come.
    `days_left` is None when the clock has ended, and 0 when it was breached.
    """

    state: State
    due_at: datetime
    ending: Ending | None
    due_day_while_paused: date | None
    reminder_at: datetime | None
    next_reminder_at: datetime | None
    days_left: int | None


def at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """A moment of a day in city time, as an instant."""
    return datetime.combine(day, hour, zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The city's day of an instant."""
    return moment.astimezone(zone).date()


def noon(day: date, zone: ZoneInfo) -> datetime:
    """12:00 city time."""
    return at(day, time(12), zone)


def after_last_moment(day: date, zone: ZoneInfo) -> datetime:
    """ "The last second of a day is in time": the first instant that is not, midnight after that second."""
    return at(day + DAY, time(0), zone)


def last_second(day: date, zone: ZoneInfo) -> datetime:
    """ "due at 23:59:59 city time" """
    return at(day, time(23, 59, 59), zone)


def known_pauses(clock: Clock, now: datetime) -> list[tuple[datetime, datetime]]:
    """ "While it is paused its due day is reckoned as if the pause ended today."

    Choice: "ended today" is "ended now"; so today counts when it is not yet afternoon. A pause with a known end
    in the future is treated alike, and one that begins in the future is not known yet.
    """
    known = []
    for pause in clock.pauses:
        if pause.begin <= now:
            end = now if pause.end is None or pause.end > now else pause.end
            known.append((pause.begin, end))
    changes = {clock.start, now}
    for named in clock.named:
        changes |= {moment for moment in (named.at, *(named.gone or ())) if moment is not None}
    changes |= {moment for stretch in stretches(clock.alone, clock.zone, now) for moment in stretch}
    changes |= {moment for stretch in together(clock, clock.both, now) for moment in stretch}
    for begin, end in pairwise(sorted(moment for moment in changes if moment <= now)):
        if lacks_head(clock, begin, now):
            known.append((begin, end))
    return known


def lacks_head(clock: Clock, moment: datetime, now: datetime) -> bool:
    """ "Whoever heads both sides of a request acts for the one whose definitive head they are", "for the other the
    mayor's office names an account of that organisation, and till then its clocks pause"; "once that account works
    elsewhere, may only read or is disabled, it is as if nobody were named"

    Whether at that moment, as far as is known now, this side is the other one and nobody who is named for it can act.
    Choice: of several who were named the last one acts.
    "Where somebody else heads that side too, such as the definitive head beside an acting one, that head acts for it;
    where two stand in for each other, each acts for their own side; and no clock stands still for it."

    Choice: a name counts from then on for as long as that stays so; when it comes about anew, there is to be another.
    """
    here = together(clock, (each for each in clock.both if each.acts_here), now)
    here += stretches(clock.alone, clock.zone, now)
    elsewhere = together(clock, (each for each in clock.both if not each.acts_here), now)
    if is_held(moment, here):
        return False
    for begin, end in elsewhere:
        if begin <= moment < end:
            since = max([begin, *(ended for _, ended in here if ended <= moment)])
            named = [each for each in clock.named if since <= each.at <= moment]
            if not named or not max(named, key=lambda each: each.at).acts(moment):
                return True
    return False


def together(clock: Clock, both: Iterable[OnBothSides], now: datetime) -> list[tuple[datetime, datetime]]:
    """ "Which organisation was on a side counts by the day: a merger takes no such time away, and adds none to what was
    before it."

    The stretches in which one person headed both while they were the sides.
    Choice: before it has happened nobody knows of a merger; who heads two that become the sides does so from then on.
    """
    found = []
    for each in both:
        if each.since is not None and each.since > now:
            continue
        until = FAR if each.until is None or each.until > now else each.until
        for begin, end in stretches([each.days], clock.zone, now):
            begin, end = begin if each.since is None else max(begin, each.since), min(end, until)
            if begin < end:
                found.append((begin, end))
    return sorted(found)


def stretches(days: Iterable[Held], zone: ZoneInfo, now: datetime) -> list[tuple[datetime, datetime]]:
    """ "an appointment that is recorded later than it begins ends such a pause with the moment of recording"

    The stretches in which the office was held, as far as the days had been recorded by now.
    Choice: an end counts from its own day, also when it is recorded later; before it is recorded nobody knows it.
    """
    found = []
    for held in days:
        begin = at(held.first_day, time(0), zone)
        if held.recorded_at is not None:
            if held.recorded_at > now:
                continue
            begin = max(begin, held.recorded_at)
        end = FAR
        if held.last_day is not None and (held.end_recorded_at is None or held.end_recorded_at <= now):
            end = after_last_moment(held.last_day, zone)
        if begin < end:
            found.append((begin, end))
    return sorted(found)


def is_held(moment: datetime, held: list[tuple[datetime, datetime]]) -> bool:
    """Whether somebody held the office at a moment."""
    return any(begin <= moment < end for begin, end in held)


def reckoned_stretches(clock: Clock, now: datetime) -> list[tuple[datetime, datetime]] | None:
    """ "Days on which nobody held the office that must answer or reply do not count"

    An office that is empty now is reckoned as if somebody came now (see the sentence on pauses).
    Choice: where it is known who comes, and on which day, it is reckoned from that day.
    Choice: that the office will be empty from a day to come, with nobody named after it, counts only from that day.
    """
    if clock.held is None:
        return None
    held = stretches(clock.held, clock.zone, now)
    if not is_held(now, held) and not any(begin > now for begin, _ in held):
        held.append((now, FAR))
    latest = max(end for _, end in held)
    if latest > now:
        held = [(begin, FAR if end == latest else end) for begin, end in held]
    return held


def runs(
    begin: datetime,
    end: datetime,
    pauses: list[tuple[datetime, datetime]],
    held: list[tuple[datetime, datetime]] | None,
) -> bool:
    """Whether the clock runs without a stop from one moment to just before another."""
    for pause_begin, pause_end in pauses:
        if pause_begin < pause_end and pause_begin < end and pause_end > begin:
            return False
    if held is None:
        return True
    moment = begin
    while moment < end:
        here = [stretch_end for stretch_begin, stretch_end in held if stretch_begin <= moment < stretch_end]
        if not here:
            return False
        moment = max(here)
    return True


def counts(clock: Clock, day: date, now: datetime) -> bool:
    """ "A working day counts when the clock runs from noon to its last moment", "the day of sending does not count" """
    if day <= day_of(clock.start, clock.zone) or not clock.is_working_day(day):
        return False
    return runs(
        noon(day, clock.zone),
        after_last_moment(day, clock.zone),
        known_pauses(clock, now),
        reckoned_stretches(clock, now),
    )


def due_day(clock: Clock, now: datetime) -> date:
    """ "due at 23:59:59 city time of the third working day": the day on which as many days have counted.

    "The calendar's later changes never make a promised deadline earlier."
    Choice: the promised deadline is a floor and no more; pauses are reckoned from the calendar as it is now.
    Choice: where the clock stands on the promised day, the next day that counts is the last one.
    """
    if clock.working_days < 1:
        raise ValueError("a clock has at least one working day")
    day = day_of(clock.start, clock.zone)
    counted = 0
    for _ in range(LONGEST_WALK):
        day += DAY
        if counts(clock, day, now):
            counted += 1
        if counted == clock.working_days:
            break
    else:
        raise ValueError("the calendar has too few working days")
    if clock.promised is not None:
        promised = day_of(clock.promised, clock.zone)
        if promised > day:
            day = promised
            noon_to_midnight = noon(day, clock.zone), after_last_moment(day, clock.zone)
            if not runs(*noon_to_midnight, known_pauses(clock, now), reckoned_stretches(clock, now)):
                while not counts(clock, day, now):
                    day += DAY
    return day


def is_paused(clock: Clock, now: datetime) -> bool:
    """Whether the clock stands at a moment: somebody asked back (or the like), nobody holds the office, or who holds it
    acts for the other side."""
    for pause in clock.pauses:
        if pause.begin <= now and (pause.end is None or now < pause.end):
            return True
    if lacks_head(clock, now, now):
        return True
    return clock.held is not None and not is_held(now, stretches(clock.held, clock.zone, now))


def reminder(clock: Clock, due: date) -> datetime | None:
    """ "reminders (at 08:00 city time of the working day before, once)"; none that is not after the start."""
    day = due - DAY
    for _ in range(LONGEST_WALK):
        if clock.is_working_day(day):
            break
        day -= DAY
    moment = at(day, time(8), clock.zone)
    return moment if moment > clock.start else None


def ending_of(act: Act, due: date, zone: ZoneInfo) -> Ending:
    """ "by the act in time, by the act late, by withdrawal, decision, ruling or end: nobody 'answered in time'
    who did not answer" """
    if act.kind is Kind.WITHDRAWAL:
        return Ending.WITHDRAWN
    if act.kind is Kind.DECISION:
        return Ending.DECIDED
    if act.kind is Kind.RULING:
        return Ending.RULED
    if act.kind is Kind.END:
        return Ending.ORGANISATION_ENDED
    return Ending.IN_TIME if act.at < after_last_moment(due, zone) else Ending.LATE


def days_left(clock: Clock, due: date, now: datetime) -> int:
    """The days from today to the due day that count. Choice: today is one of them until it is over."""
    day = day_of(now, clock.zone)
    left = 0
    while day <= due:
        if counts(clock, day, now):
            left += 1
        day += DAY
    return left


def standing(clock: Clock, now: datetime) -> Standing:
    """ "started, due, running / paused / ended / breached, how it ended, its pauses with reasons, next reminder"

    "What has run out is asked of the kept date and the app's now."
    Choice: a clock that has ended is judged by what was known when it ended. A pause that begins after the
    deadline pauses nothing: the clock stays breached.
    """
    if clock.act is not None and clock.act.at > now:
        clock = replace(clock, act=None)
    if clock.act is not None:
        due = due_day(clock, clock.act.at)
        return Standing(
            State.ENDED,
            last_second(due, clock.zone),
            ending_of(clock.act, due, clock.zone),
            None,
            reminder(clock, due),
            None,
            None,
        )
    due = due_day(clock, now)
    due_at = last_second(due, clock.zone)
    remind = reminder(clock, due)
    if now >= after_last_moment(due, clock.zone):
        return Standing(State.BREACHED, due_at, None, None, remind, None, 0)
    following = remind if remind is not None and remind > now else None
    left = days_left(clock, due, now)
    if is_paused(clock, now):
        return Standing(State.PAUSED, due_at, None, due, remind, following, left)
    return Standing(State.RUNNING, due_at, None, None, remind, following, left)
