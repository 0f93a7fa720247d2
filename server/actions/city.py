"""The city's facts, and the process's one clock (tests can move it), which tells the city's day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from server.actions.transaction import Moment
from server.database import Connection, Pool
from server.rules.city import CityFacts, grade_scale
from server.rules.legal_basis import legal_bases
from server.rules.organisation import OrganisationKind
from server.rules.target import Formula, Grade
from server.rules.workdays import Calendar, local_day

# Until a city is loaded: what Indonesian cities have in common (Permendagri 86/2017).
NO_CITY = CityFacts(
    code="",
    name="",
    calendar=Calendar.of("Asia/Jakarta"),
    report_working_days=10,
    grade_scale=(
        (Decimal(91), Grade.VERY_HIGH),
        (Decimal(76), Grade.HIGH),
        (Decimal(66), Grade.MEDIUM),
        (Decimal(51), Grade.LOW),
        (Decimal(0), Grade.VERY_LOW),
    ),
    term_starts_on=datetime(2025, 2, 20, tzinfo=UTC).date(),
    term_ends_on=datetime(2030, 2, 20, tzinfo=UTC).date(),
)


_MINUTE = timedelta(minutes=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class CityClock:
    """Tells the moment; `load` reads the city's facts anew.

    `now` is the clock of the rules, which a demonstration may move; `machine` that of sign-ins, limits and keys.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        machine: Callable[[], datetime] | None = None,
    ) -> None:
        self.now = now
        self.machine = machine or now
        self.city = NO_CITY
        self._day_since = _NEVER
        self._day = date.min

    def moment(self) -> Moment:
        """The moment in UTC, the city's day, and the city's facts."""
        now = self.now()
        machine_now = now if self.machine is self.now else self.machine()
        return Moment(now, self._day_of(now), self.city, machine_now)

    def at_the_door(self) -> Moment:
        """The moment by the machine's clock, and the day of the rules: of sign-ins, and of who holds an office."""
        now = self.now()
        machine_now = now if self.machine is self.now else self.machine()
        return Moment(machine_now, self._day_of(now), self.city, machine_now)

    def local_now(self) -> datetime:
        """Now, on the city's clock."""
        return self.now().astimezone(self.city.calendar.offset)

    def _day_of(self, now: datetime) -> date:
        """The city's day, looked up once a minute: asked for in every request, it costs more than all of its rules."""
        if not self._day_since <= now < self._day_since + _MINUTE:
            self._day_since = now.replace(second=0, microsecond=0)
            self._day = local_day(now, self.city.calendar)
        return self._day

    async def load(self, pool: Pool) -> None:
        """Read the city's row; without one the defaults stay."""
        async with pool.connection() as connection:
            found = await read_facts(connection)
        if found is not None:
            self._day_since = _NEVER
            self.city = found


async def read_facts(connection: Connection) -> CityFacts | None:
    """What the city's row says; None where no city is loaded."""
    row = await connection.fetchrow(
        "SELECT code, name, time_zone, term_starts_on, term_ends_on, report_working_days, grade_scale, holidays,"
        " complete_years, legal_bases, referral_bodies, target_formula, inspectorate, person_reply_working_days,"
        " reprimand_kinds, ruling_working_days FROM city ORDER BY id LIMIT 1"
    )
    if row is None:
        return None
    return CityFacts(
        code=row["code"],
        name=row["name"],
        calendar=Calendar.of(row["time_zone"], row["holidays"], row["complete_years"]),
        report_working_days=row["report_working_days"],
        grade_scale=grade_scale(row["grade_scale"]),
        term_starts_on=row["term_starts_on"],
        term_ends_on=row["term_ends_on"],
        legal_bases=legal_bases(row["legal_bases"]),
        referral_bodies=tuple(row["referral_bodies"]),
        target_formula=Formula(row["target_formula"]),
        inspectorate=row["inspectorate"],
        person_reply_working_days=row["person_reply_working_days"],
        reprimand_kinds=tuple(map(OrganisationKind, row["reprimand_kinds"])),
        ruling_working_days=row["ruling_working_days"],
    )
