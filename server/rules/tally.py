"""What a target's readings come to, kept as they come and go: one more costs no look at all the others."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Set
from datetime import date
from fractions import Fraction
from typing import Any

from server.rules.report import told_quarter
from server.rules.target import RollUp
from server.rules.trajectory import Reading
from server.rules.workdays import quarter_of


class Tally:
    """Of the readings that count, in order of day; of one day by their `place`, which is an id where they go.

    `kind`, `due_on`: the target's. `total` is kept of a SUM alone.
    """

    def __init__(self, kind: RollUp, due_on: date, readings: Iterable[Reading] = ()) -> None:
        self.kind = kind
        self.total = Fraction(0)
        self.greatest: Any = None  # of the places
        self._due_on = due_on
        self._ordered: list[tuple[date, Any, Reading]] = []
        self._quarters: dict[tuple[int, int], tuple[Fraction, int]] = {}  # of a MEAN: the sum, and of how many
        self._told: Counter[int] = Counter()
        for place, reading in enumerate(readings):
            self.add(reading, place)

    def add(self, reading: Reading, place: Any) -> None:
        """One that counts now."""
        self.greatest = place if self.greatest is None else max(self.greatest, place)
        insort(self._ordered, (reading.measured_on, place, reading))
        self._count(reading, 1)

    def remove(self, reading: Reading, place: Any) -> None:
        """One that was added and counts no more."""
        del self._ordered[bisect_left(self._ordered, (reading.measured_on, place))]
        self._count(reading, -1)

    @property
    def first(self) -> Reading | None:
        return self._ordered[0][2] if self._ordered else None

    @property
    def last(self) -> Reading | None:
        return self._ordered[-1][2] if self._ordered else None

    @property
    def told(self) -> Set[int]:
        """The quarters that are told (report.py); 0 where a reading tells none."""
        return self._told.keys()

    @property
    def realised(self) -> Fraction:
        """The year's value: their sum, the last, or the mean of the quarters that have readings, each the mean of its
        own. There is at least one."""
        if self.kind is RollUp.SUM:
            return self.total
        if self.kind is RollUp.LAST:
            return Fraction(self._ordered[-1][2].value)
        means = [total / count for total, count in self._quarters.values()]
        return sum(means, Fraction(0)) / len(means)

    def _count(self, reading: Reading, sign: int) -> None:
        on, quarter = reading.measured_on, told_quarter(reading.measured_on, self._due_on)
        self._told[quarter] += sign
        if not self._told[quarter]:
            del self._told[quarter]
        if self.kind is RollUp.SUM:
            self.total += sign * Fraction(reading.value)
        elif self.kind is RollUp.MEAN:
            of = (on.year, quarter_of(on))
            total, count = self._quarters.pop(of, (Fraction(0), 0))
            if count + sign:
                self._quarters[of] = total + sign * Fraction(reading.value), count + sign
