"""Moments at which an office works: between eight and half past four on working days."""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from server.rules.workdays import Calendar, is_working_day, local_day

OPENS = time(8)
MINUTES = 510  # until half past four


class OfficeHours:
    """Draws moments (in UTC) from the working days of a span."""

    def __init__(self, calendar: Calendar, first: date, last: date, draw: Random) -> None:
        self.calendar = calendar
        self._draw = draw
        span = (first + timedelta(days=number) for number in range((last - first).days + 1))
        self.days = [day for day in span if is_working_day(day, calendar)]
        self._opens = [datetime.combine(day, OPENS, calendar.zone).astimezone(UTC) for day in self.days]

    def opening(self, day: date) -> datetime:
        """When the office opens on that day, or on the next working day."""
        return self._opens[self._within(bisect_left(self.days, day))]

    def on(self, day: date) -> datetime:
        """A moment of that day, or of the next working day."""
        return self._moment(bisect_left(self.days, day))

    def later(self, at: datetime, fewest: int, most: int) -> datetime:
        """A moment that many working days later; for 0 the same day, or the next one when it is late."""
        count = self._draw.randint(fewest, most)
        today = bisect_right(self._opens, at) - 1
        if count == 0:
            soon = at + timedelta(seconds=self._draw.randint(240, 5400))
            if soon < self._opens[max(today, 0)] + timedelta(minutes=MINUTES):
                return soon
            count = 1
        return self._moment(today + count)

    def between(self, earliest: datetime, latest: datetime) -> datetime:
        """A moment after the one and before the other; a little after the first when no working day lies between."""
        first, last = bisect_right(self._opens, earliest), bisect_left(self._opens, latest) - 1
        if first > last:
            closes = self._opens[self._within(first - 1)] + timedelta(minutes=MINUTES)
            latest = max(min(latest, closes), earliest + timedelta(seconds=2))
            return earliest + (latest - earliest) * (0.1 + 0.8 * self._draw.random())
        number = self._draw.randint(first, last)
        closes = min(latest, self._opens[number] + timedelta(minutes=MINUTES))
        return self._opens[number] + (closes - self._opens[number]) * self._draw.uniform(0.01, 0.99)

    def working_day(self, day: date, offset: int = 0) -> date:
        """That day or the next working day, and so many working days further (or back)."""
        return self.days[self._within(bisect_left(self.days, day) + offset)]

    def day_of(self, at: datetime) -> date:
        """The city's date at a moment."""
        return local_day(at, self.calendar)

    def _moment(self, index: int) -> datetime:
        return self._opens[self._within(index)] + timedelta(seconds=self._draw.randint(400, MINUTES * 60))

    def _within(self, index: int) -> int:
        return max(0, min(index, len(self.days) - 1))
