"""What the clock alone changes of a row: a kept day compared with the app's today, said once for Python and for SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class KeptDay:
    """A column with a day, null where it never comes. `is_last`: what it says holds only after that day."""

    column: str
    is_last: bool = False

    def has_come(self, day: date | None, today: date) -> bool:
        return day is not None and (day < today if self.is_last else day <= today)

    @property
    def sql(self) -> str:
        """The same over the row `{t}` and `{today}`; never null."""
        return f"coalesce({{t}}.{self.column} {'<' if self.is_last else '<='} {{today}}, false)"
