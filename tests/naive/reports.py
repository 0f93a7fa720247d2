"""What a target owes and how it stands: reports, NOT_REPORTED, the year, the light, and figures over many targets.

Where the sentences leave something open, the plainest reading is taken; each such choice is marked "Choice:".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.naive.figures import (
    DAY,
    HUNDRED,
    City,
    Reading,
    Target,
    achievement,
    achievement_to_date,
    capaian,
    expected,
    expected_to_date,
    grade_of,
    in_force,
    line_start,
    mean,
    quarter,
    quarter_end,
    rolled_up,
)

ON_TRACK_FROM = 95
AT_RISK_FROM = 80


@dataclass(frozen=True)
class Report:
    """A report that is owed: its quarter, its due day, and whether a reading tells it."""

    quarter: tuple[int, int]
    due: date
    is_told: bool


@dataclass(frozen=True)
class Figures:
    """All that is said of a target on a day. `expected` is the line on the last reading's day."""

    expected: Fraction | None
    achievement: Fraction | None
    grade: str | None
    achievement_to_date: Fraction | None
    grade_to_date: str | None
    track_state: str
    is_reached: bool
    is_realised: bool
    is_not_reported: bool
    is_year_told: bool
    reports: list[Report]
    missed_report_count: int


@dataclass(frozen=True)
class Average:
    """A mean of capaian, and what it leaves out. None: there is nothing to average."""

    value: Fraction | None
    counted: int
    not_reported: int
    not_measurable: int


def working_days_after(day: date, number: int, city: City) -> date:
    """ "10 working days after": the tenth working day that follows."""
    while number > 0:
        day += DAY
        if city.is_working_day(day):
            number -= 1
    return day


def counts_from(target: Target, today: date) -> date | None:
    """ "the day on which it began to count (the plan's approval, or that of the amendment which added it)"; None: its
    plan is not approved yet."""
    if target.approved_on is None or target.approved_on > today:
        return None
    return target.counts_from or target.approved_on


def owed_quarters(target: Target, began: date) -> list[tuple[int, int]]:
    """ "one report for each quarter that ends from the day on which it began to count to its due day's own quarter;
    that last one is owed in any case"

    Choice: only quarters of the target's year.
    """
    last = quarter(target.due)
    in_year = [(target.year, number) for number in (1, 2, 3, 4)]
    return [one for one in in_year if one == last or (one < last and quarter_end(one) >= began)]


def report_due(one: tuple[int, int], began: date, city: City) -> date:
    """ "A report is due 10 working days after its quarter's end; for a quarter that was over when the target began to
    count, 10 working days after that" """
    return working_days_after(max(quarter_end(one), began), city.report_working_days, city)


def told_quarter(target: Target, reading: Reading) -> tuple[int, int]:
    """ "Each reading tells one quarter: the latest whose last month had begun on the reading's day; on or after the due
    day, the due day's quarter. (Of TW I: 1 March to 31 May.)"

    "A reading before the first owed quarter's last month tells none": it tells a quarter that is not owed.
    Choice: on or after the due day the due day's quarter is told, also before that quarter's last month.
    """
    if reading.day >= target.due:
        return quarter(target.due)
    day = reading.day
    while day.month not in (3, 6, 9, 12):
        day = day.replace(day=1) - DAY
    return quarter(day)


def reports(target: Target, readings: list[Reading], city: City, today: date) -> list[Report]:
    """The reports that are owed, in order. A target whose plan was never approved owes none."""
    began = counts_from(target, today)
    if began is None:
        return []
    told = {told_quarter(target, one) for one in in_force(readings)}
    return [Report(one, report_due(one, began, city), one in told) for one in owed_quarters(target, began)]


def untold_past_due(target: Target, readings: list[Reading], city: City, today: date) -> list[Report]:
    """The reports whose due day has passed and that nobody told: "a closed plan keeps what stood at its closing"."""
    until = today if target.closed_on is None else min(today, target.closed_on)
    return [one for one in reports(target, readings, city, today) if one.due < until and not one.is_told]


def is_year_told(target: Target, readings: list[Reading], city: City, today: date) -> bool:
    """ "The year of a target is told when its due day has passed and its last owed report is told" """
    owed = reports(target, readings, city, today)
    return today > target.due and bool(owed) and owed[-1].is_told


def is_reached(target: Target, readings: list[Reading]) -> bool:
    """ "isReached says that it stands at 100 % now": "100 % of the year's target, exactly, not rounded" """
    percent = achievement(target, readings)
    return percent is not None and percent >= HUNDRED


def is_realised(target: Target, readings: list[Reading], city: City, today: date) -> bool:
    """ "SUM with MAXIMISE at once (its readings are not negative); all others when the year is told" """
    if target.roll_up == "SUM" and target.direction == "MAXIMISE":
        return is_reached(target, readings)
    return is_reached(target, readings) and is_year_told(target, readings, city, today)


def is_not_reported(target: Target, readings: list[Reading], city: City, today: date) -> bool:
    """ "of the reports whose due day has passed the latest is untold, and no later quarter was told; never said of a
    target that is REALISED or whose plan was never approved; a closed plan keeps what stood at its closing" """
    until = today if target.closed_on is None else min(today, target.closed_on)
    owed = reports(target, readings, city, today)
    passed = [one for one in owed if one.due < until]
    if not passed or passed[-1].is_told or is_realised(target, readings, city, today):
        return False
    return not any(one.is_told for one in owed if one.quarter > passed[-1].quarter)


def missed_report_count(target: Target, readings: list[Reading], city: City, today: date) -> int:
    """ "counts the other reports that are past due and untold": all but the one by which it is NOT_REPORTED.

    Choice: where it is not NOT_REPORTED (a later quarter was told, or it is REALISED) there is no such one.
    """
    missing = len(untold_past_due(target, readings, city, today))
    return missing - 1 if is_not_reported(target, readings, city, today) else missing


def is_better(target: Target, one: Fraction, other: Fraction) -> bool:
    """Whether a value is better than another by the target's direction."""
    return one > other if target.direction == "MAXIMISE" else one < other


def by_percent(percent: Fraction) -> str:
    """ "ON_TRACK ≥ 95 %, AT_RISK ≥ 80 %, else OFF_TRACK"; "The exact percent counts, not the shown one." """
    if percent >= ON_TRACK_FROM:
        return "ON_TRACK"
    return "AT_RISK" if percent >= AT_RISK_FROM else "OFF_TRACK"


def range_light(target: Target, reached: Fraction) -> str:
    """ "RANGE: inside is on track, outside by capaian (not measurable and outside: OFF_TRACK)" """
    percent = capaian(target, reached, None)
    return "OFF_TRACK" if percent is None else by_percent(percent)


def light(target: Target, readings: list[Reading], city: City, today: date) -> str:
    """ "The light, in this order: NOT_REPORTED, REALISED, OFF_TRACK where a LAST or MEAN (not a RANGE) whose target is
    better than its baseline is worse than that baseline, NOT_STARTED where there is no reading or nothing is expected
    yet, then by percent. The percent is progress from the line's start against the expected progress on the last
    reading's day; by capaian to date on the same points: MEAN, SUM with MINIMISE, a line without a start, one whose
    start equals its target or that runs against the direction."

    Choice: no distance between the line's start and the expected value is "nothing is expected yet".
    Choice: a line also runs against the direction where the value expected on that day is worse than its start.
    Choice: by capaian, but not measurable, is NOT_STARTED.
    """
    if is_not_reported(target, readings, city, today):
        return "NOT_REPORTED"
    if is_realised(target, readings, city, today):
        return "REALISED"
    reached = rolled_up(target, readings)
    if reached is None:
        return "NOT_STARTED"
    if target.direction == "RANGE":
        return range_light(target, reached)
    assert target.value is not None
    baseline = target.baseline
    if (
        target.roll_up in ("LAST", "MEAN")
        and baseline is not None
        and is_better(target, target.value, baseline)
        and is_better(target, baseline, reached)
    ):
        return "OFF_TRACK"
    against = expected_to_date(target, readings)
    if against is None:
        return "NOT_STARTED"
    start = line_start(target, readings)
    if (
        target.roll_up == "MEAN"
        or (target.roll_up == "SUM" and target.direction == "MINIMISE")
        or start is None
        or not is_better(target, target.value, start[1])
        or is_better(target, start[1], against)
    ):
        percent = capaian(target, reached, against)
        return "NOT_STARTED" if percent is None else by_percent(percent)
    if against == start[1]:
        return "NOT_STARTED"
    return by_percent((reached - start[1]) / (against - start[1]) * 100)


def figures(target: Target, readings: list[Reading], city: City, today: date) -> Figures:
    """All figures of a target on a day, from what was measured until that day.

    "only then it has a `grade`": when its year is told. "another name, the year so far against that day's expectation".
    """
    readings = [one for one in readings if one.day <= today]
    percent, so_far = achievement(target, readings), achievement_to_date(target, readings)
    year_told = is_year_told(target, readings, city, today)
    last_day = in_force(readings)[-1].day if readings else None
    return Figures(
        expected=None if target.direction == "RANGE" or last_day is None else expected(target, readings, last_day),
        achievement=percent,
        grade=grade_of(percent, city) if year_told else None,
        achievement_to_date=so_far,
        grade_to_date=grade_of(so_far, city),
        track_state=light(target, readings, city, today),
        is_reached=is_reached(target, readings),
        is_realised=is_realised(target, readings, city, today),
        is_not_reported=is_not_reported(target, readings, city, today),
        is_year_told=year_told,
        reports=reports(target, readings, city, today),
        missed_report_count=missed_report_count(target, readings, city, today),
    )


def unrealised(all_of: list[tuple[Target, list[Reading]]], city: City, today: date) -> list[int]:
    """ "every target of the year that is not REALISED: not reported first (never reported before long ago), then by
    achievementToDate, those with nothing to compare after them, the reached ones last"

    The places in the given list, in order; equals stay in the given order.
    Choice: "long ago" goes by the day of the last reading, the oldest first. Worst capaian first.
    """
    keyed: list[tuple[int, int, Fraction, int]] = []
    for place, (target, given) in enumerate(all_of):
        readings = [one for one in given if one.day <= today]
        told = figures(target, readings, city, today)
        last_day = in_force(readings)[-1].day.toordinal() if readings else 0
        so_far = told.achievement_to_date
        if told.is_realised:
            continue
        if told.is_not_reported:
            keyed.append((0, last_day, Fraction(0), place))
        elif told.is_reached:
            keyed.append((3, 0, so_far or Fraction(0), place))
        elif so_far is not None:
            keyed.append((1, 0, so_far, place))
        else:
            keyed.append((2, 0, Fraction(0), place))
    return [place for *_, place in sorted(keyed)]


def average(told: list[Figures], percents: list[Fraction | None], city: City) -> Average:
    """ "leave out the not reported and the not measurable and say how many"; "use one capped (110; the city's data) in
    averages; no report is never 0"

    Choice: what is NOT_REPORTED counts there, whatever its capaian; a target without any reading whose report is not
    due yet counts as not measurable.
    """
    reported = [percent for one, percent in zip(told, percents, strict=True) if not one.is_not_reported]
    measurable = [min(percent, city.cap) for percent in reported if percent is not None]
    return Average(
        value=mean(measurable) if measurable else None,
        counted=len(measurable),
        not_reported=len(told) - len(reported),
        not_measurable=len(reported) - len(measurable),
    )


def average_achievement_to_date(told: list[Figures], city: City) -> Average:
    """ "`averageAchievementToDate` within the year" """
    return average(told, [one.achievement_to_date for one in told], city)


def average_achievement(told: list[Figures], city: City) -> Average:
    """ "`averageAchievement` over the targets whose year is told, null while there is none" """
    of_told_years = [one for one in told if one.is_year_told]
    return average(of_told_years, [one.achievement for one in of_told_years], city)
