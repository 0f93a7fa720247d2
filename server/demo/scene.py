"""What every part of the demo year has in hand: the city, its people and places, the calendar and the dice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import TypeVar
from uuid import UUID

from server.city import ListedOrganisation
from server.demo.content import Content
from server.demo.ledger import Ledger
from server.demo.office_hours import OfficeHours
from server.demo.places import Places
from server.demo.staff import Crew, Staff
from server.rules.city import CityFacts
from server.rules.organisation import OrganisationFacts

Item = TypeVar("Item")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is made; `measurements` are about as many by today, None: one of each target and quarter."""

    targets: int = 600
    tasks: int = 4_000  # beside those that requests become
    requests: int = 400
    measurements: int | None = None
    plan_owners: int | None = None  # None: all of the city
    max_title_uses: int | None = 40  # None: do not count, for millions of tasks

    def readings(self, today: date) -> int:
        """How many each target has in a year."""
        if self.measurements is None:
            return 4
        passed = max(0.05, today.timetuple().tm_yday / 366) * 0.94  # some are silent, some are late
        return max(1, round(self.measurements / (self.targets * passed)))


@dataclass(frozen=True, slots=True)
class Scene:
    """The stage on which a year is told; times are UTC, `today` is the city's day."""

    city: CityFacts
    now: datetime
    today: date
    scale: Scale
    draw: Random
    ledger: Ledger
    hours: OfficeHours
    content: Content
    places: Places
    staff: Staff
    kelurahan: Mapping[str, OrganisationFacts]
    programme_ids: Mapping[str, UUID]

    def has_happened(self, at: datetime) -> bool:
        return at <= self.now

    def chance(self, share: float) -> bool:
        """True that often, 0 to 1."""
        return self.draw.random() < share

    def phrase(self, kind: str) -> str:
        """One of the phrases of phrases.toml."""
        return self.draw.choice(self.content.phrases[kind])

    def one_of(self, weights: Mapping[Item, float]) -> Item:
        """One of the keys, as often as its weight says."""
        return self.draw.choices(list(weights), list(weights.values()))[0]

    def territory(self, crew: Crew) -> ListedOrganisation | None:
        """Where the crew's work lies: its own territory, or for the whole city None."""
        return crew.listed if crew.listed.kind in ("KECAMATAN", "KELURAHAN") else None


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """`total` split by weight into whole numbers that add up to it."""
    whole, given, passed = sum(weights), 0, 0.0
    parts = []
    for weight in weights:
        passed += weight
        part = round(total * passed / whole) - given if whole else 0
        given += part
        parts.append(part)
    return parts
