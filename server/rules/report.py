"""Which reports a target owes, when each is due, and which readings tell them (docs/domain.md, Reports)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from server.rules.fact import CityDays
from server.rules.trajectory import TargetValues
from server.rules.workdays import ONE_DAY, quarter_end, quarter_of, report_due

QUARTERS = range(1, 5)


@dataclass(frozen=True, slots=True)
class Reports:
    """`untold`: the quarters that are owed and not told, with the last day for each; `told`: the latest that is, or 0.

    `last`: the last quarter that is owed.
    """

    untold: Mapping[int, date]
    told: int
    last: int

    @property
    def is_last_told(self) -> bool:
        return self.told == self.last

    @property
    def due_on(self) -> date | None:
        """The last day for the first report after the latest that is told; None where none follows."""
        return next((day for quarter, day in self.untold.items() if quarter > self.told), None)


def reports_of(
    target: TargetValues,
    told: Set[int],
    city: CityDays,
    promised: Sequence[str | None] = (),
    *,
    is_still: bool = False,
) -> Reports:
    """`told`: the quarters that readings tell.

    `promised`: the last days as they stood before: a change of the calendar makes them later, never earlier.

    `is_still`: the target's clock stands still, so that the calendar does not change them at all.
    """
    owed = _owed(target)
    told = told & {*owed}
    kept = dict(zip(QUARTERS, promised, strict=False))
    untold: dict[int, date] = {}
    for quarter in owed:
        if quarter in told:
            continue
        if is_still and promised:
            if (stood := kept[quarter]) is not None:
                untold[quarter] = date.fromisoformat(stood)
        else:
            assert target.counts_from is not None
            day, before = due_day(target.year, quarter, target.counts_from, city), kept.get(quarter)
            day = day if before is None else max(day, date.fromisoformat(before))
            # What was not yet late when the plan was closed is not asked for any more.
            if target.closed_on is None or day < target.closed_on:
                untold[quarter] = day
    return Reports(untold, max(told, default=0), quarter_of(target.due_on))


def promised_from(untold: Sequence[str | None], due_on: date, promised: date) -> list[str | None]:
    """The last days, as `stored`, where an older program has promised `promised` for the report that is asked for next,
    and now it is `due_on`: what was promised stays where the new count is earlier."""
    first, least = due_on.isoformat(), promised.isoformat()
    return [None if day is None or day < first else max(day, least) for day in untold]


def told_quarter(on: date, due_on: date) -> int:
    """The quarter that a reading tells: the latest whose last month had begun, on and after the due day the due day's.

    Of TW I: 1 March to 31 May. 0: none.
    """
    return quarter_of(due_on) if on >= due_on else on.month // 3


def due_day(year: int, quarter: int, counts_from: date, city: CityDays) -> date:
    """The last day for a quarter's report: so many working days after its end, or after the day from which the target
    counts, where that is later."""
    last_day = max(quarter_end(year, quarter), counts_from)
    return report_due(last_day, city.report_working_days, city.calendar)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReports:
    """What a target's row holds of its reports."""

    due_on: date
    counts_from: date | None
    report_due_on: date | None
    untold_due_on: Sequence[str | None]
    told_from: date | None
    realised_from: date | None

    @property
    def untold(self) -> Mapping[int, date]:
        days = zip(QUARTERS, self.untold_due_on, strict=False)
        return {quarter: date.fromisoformat(day) for quarter, day in days if day is not None}

    @property
    def next(self) -> int | None:
        """The quarter whose report `report_due_on` is the last day for."""
        return next((quarter for quarter, day in self.untold.items() if day == self.report_due_on), None)

    @property
    def asked_from(self) -> date | None:
        """From when that report is asked for."""
        return None if self.next is None else self.asked_for_from(self.next)

    def asked_for_from(self, quarter: int) -> date:
        """From when a quarter's report is asked for: the day after its end, or that on which the target began to count,
        where that is later."""
        begins = quarter_end(self.due_on.year, quarter) + ONE_DAY
        return begins if self.counts_from is None else max(begins, self.counts_from)


def stored(untold: Mapping[int, date]) -> list[str | None]:
    """The last days as the column holds them, quarter by quarter; null where nothing is asked for."""
    return [None if (day := untold.get(quarter)) is None else day.isoformat() for quarter in QUARTERS]


def _owed(target: TargetValues) -> range:
    """The quarters that end from when it began to count, to the due day's own, which is owed in any case."""
    last = quarter_of(target.due_on)
    if target.counts_from is None:
        return range(0)
    ends = (quarter for quarter in QUARTERS if quarter_end(target.year, quarter) >= target.counts_from)
    return range(min(next(ends, last), last), last + 1)
