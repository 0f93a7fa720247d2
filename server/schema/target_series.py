"""A target's series: what a chart draws of its readings beside the line that is expected of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import strawberry

from server.query.declare.fields import Context, argument, derived
from server.query.problem import bad_input
from server.rules.achievement import storable
from server.rules.bounds import LATEST
from server.rules.target import RollUp, TargetDirection, milestones
from server.rules.target_series import MOST_POINTS, POINTS_OF_A_YEAR, Point, SeriesStep, series, steps
from server.rules.trajectory import Reading, TargetValues
from server.schema.enums import described

# What a target promises, as `promise_of` takes it.
PROMISE: Final = {
    name: name
    for name in ("direction", "roll_up", "target_value", "target_value_to", "baseline", "due_on", "milestones")
} | {"year": "work_plan.year"}
READINGS = (
    "(SELECT jsonb_agg(jsonb_build_array(m.measured_on, m.value::text) ORDER BY m.measured_on, m.id)"
    " FROM {table:measurement} m WHERE m.target_id = {t}.id AND m.superseded_by_id IS NULL)"
)

described(
    SeriesStep,
    "How far the points of a series lie apart; each is of the last day of its step.",
    DAY="A day.",
    WEEK="A week, Monday to Sunday.",
    MONTH="A month.",
    QUARTER="A quarter (TW I to IV).",
)


@strawberry.type(description="A point of the trajectory that is expected of a target.")
class Milestone:
    due_on: dt.date = strawberry.field(description="The day.")
    value: Decimal = strawberry.field(description="The value expected by then.")


@strawberry.type(description="Where a target stood at the end of a step, and where it should have stood.")
class SeriesPoint:
    begins_on: dt.date = strawberry.field(description="The step's first day.")
    ends_on: dt.date = strawberry.field(description="Its last day, of which the point tells.")
    reading: Decimal | None = strawberry.field(
        description="The last reading within the step, without superseded ones; null when none was measured in it."
    )
    measured_on: dt.date | None = strawberry.field(description="That reading's date; null without one.")
    realised: Decimal | None = strawberry.field(
        description="What all readings up to then come to, as `Target.realised` has it of the year; null before the "
        "first, and in a step that begins after today."
    )
    expected: Decimal | None = strawberry.field(
        description="The value that the trajectory expects on the last day, as the target promises it today; null for "
        "a RANGE, and where nothing is expected yet."
    )
    milestones: list[Milestone] = strawberry.field(description="The milestones whose day lies within the step.")


def promise_of(values: Any) -> TargetValues:
    """A target's promise, of the columns in PROMISE."""
    return TargetValues(
        year=values.year if values.year is not None else values.due_on.year,
        direction=TargetDirection(values.direction),
        roll_up=RollUp(values.roll_up),
        target_value=values.target_value,
        due_on=values.due_on,
        target_value_to=values.target_value_to,
        baseline=values.baseline,
        milestones=milestones(values.milestones),
    )


def _series(values: Any, context: Context, asked: Mapping[str, Any]) -> list[SeriesPoint]:
    promise = promise_of(values)
    first = asked.get("from", dt.date(promise.year, 1, 1))
    last = asked.get("to", dt.date(promise.year, 12, 31))
    if last < first:
        raise bad_input("series_backwards", "series", "to", constraint=f"{first}..{LATEST}", first=first)
    periods = [*islice(steps(asked.get("step", SeriesStep.MONTH), first, last), MOST_POINTS + 1)]
    if len(periods) > MOST_POINTS:
        raise bad_input("series_too_long", "series", "to", constraint=f"≤ {MOST_POINTS}", limit=MOST_POINTS)
    readings = [Reading(dt.date.fromisoformat(day), Decimal(value)) for day, value in values.readings or ()]
    return [_shown(point) for point in series(promise, readings, periods, context.today)]


def _shown(point: Point) -> SeriesPoint:
    read = point.reading
    return SeriesPoint(
        begins_on=point.begins_on,
        ends_on=point.on,
        reading=None if read is None else read.value,
        measured_on=None if read is None else read.measured_on,
        realised=None if point.realised is None else storable(point.realised),
        expected=None if point.expected is None else storable(point.expected),
        milestones=[Milestone(due_on=day, value=value) for day, value in point.milestones],
    )


def _points(arguments: Mapping[str, Any]) -> int:
    """How many points may be asked for: a year's of a step that the document names, else all that may be."""
    step = arguments.get("step", SeriesStep.MONTH)
    is_of_a_year = arguments.get("from") is None and arguments.get("to") is None and isinstance(step, SeriesStep)
    return POINTS_OF_A_YEAR[step] if is_of_a_year else MOST_POINTS


SERIES: Any = derived(
    {**PROMISE, "readings": READINGS},
    _series,
    f"Its readings beside the line that is expected of them, step by step, at most {MOST_POINTS} points. Each costs as "
    "much as a row.",
    arguments={
        "step": argument(SeriesStep, "", "How far the points lie apart; a month when it is absent."),
        "from": argument(dt.date, "", "The first day; 1 January of its plan's year when it is absent."),
        "to": argument(dt.date, "", "The last day; 31 December of its plan's year when it is absent."),
    },
    price=_points,
)
