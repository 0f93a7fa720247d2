"""The city itself, and who is asking."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from server.query.declare.fields import (
    Context,
    by_id,
    column,
    computed,
    derived,
    json_list,
    root_node,
    root_one,
    table,
)
from server.rules.aggregates import offered_on
from server.rules.city import CITY
from server.rules.holiday import HolidaySource, holidays_of
from server.rules.organisation import OrganisationKind
from server.rules.target import Formula
from server.rules.viewer import Capacity, Role
from server.rules.workdays import Calendar, is_confirmed
from server.schema import allowed_action
from server.schema.allowed_action import AllowedAction, actions
from server.schema.enums import Verb
from server.schema.inbox import InboxConnection, inbox
from server.schema.node import Node, Subject, called_by
from server.schema.scalars import Percent

if TYPE_CHECKING:
    from server.schema.account import Account
    from server.schema.organisation import Organisation
    from server.schema.token import Token


@strawberry.type(description="The mayor's term of office.")
class Term:
    starts_on: dt.date = strawberry.field(description="Its first day.")
    ends_on: dt.date = strawberry.field(description="Its last day.")
    days_left: int = strawberry.field(description="Days from today to its last day; 0 once it is over.")
    elapsed_share: Percent = strawberry.field(description="How much of it has passed, 0 to 100.")


SWEPT_AT = "(SELECT max(s.swept_at) FROM {table:swept_until} s)"
TERM = {"starts": "term_starts_on", "ends": "term_ends_on"}


def term(values: Any, context: Context) -> Term:
    """The term of office of a city's row, from TERM."""
    whole = (values.ends - values.starts).days or 1
    passed = min(max((context.today - values.starts).days, 0), whole)
    return Term(
        starts_on=values.starts,
        ends_on=values.ends,
        days_left=max((values.ends - context.today).days, 0),
        elapsed_share=Percent(round(passed * 1000 / whole) / 10),
    )


@strawberry.type(description="A law that can be cited, by its short name.")
class LegalBasis:
    code: str = strawberry.field(description="Its short name, such as PP 94/2021.")
    title: str = strawberry.field(description="What it is about.")
    valid_from: dt.date = strawberry.field(description="The first day on which it is in force.")
    valid_to: dt.date | None = strawberry.field(description="The last day; null while it is in force.")


def _legal_bases(values: Any, context: Context) -> list[LegalBasis]:
    return [
        LegalBasis(code=each.code, title=each.title, valid_from=each.valid_from, valid_to=each.valid_to)
        for each in context.city.legal_bases
    ]


@strawberry.type(description="A day that is not what its weekday says.")
class Holiday:
    falls_on: dt.date = strawberry.field(description="The day.")
    name: str = strawberry.field(
        description="What it is called, in the caller's language; as it was declared where the city says so."
    )
    source: HolidaySource = strawberry.field(description="Who says so.")
    is_workday: bool = strawberry.field(description="True: a working day that its weekday or the nation makes none.")


@strawberry.type(description="The days off of one year.")
class HolidayYear:
    year: int = strawberry.field(description="The calendar year.")
    is_confirmed: bool = strawberry.field(
        description="Whether its collective leave is decreed, or an administrator has said that its days are complete; "
        "until then its deadlines may become later."
    )
    days: list[Holiday] = strawberry.field(description="Its days off and declared working days, in order.")


def _holidays(values: Any, context: Context) -> list[HolidayYear]:
    """From last year, whose last deadlines may still run, to the year after next; as its row says, which this process
    may not have heard of yet."""
    calendar = Calendar.of(values.time_zone, values.holidays, values.complete_years)
    return [
        HolidayYear(
            year=year,
            is_confirmed=is_confirmed(year, calendar),
            days=[
                Holiday(falls_on=each.on, name=each.name, source=each.source, is_workday=each.is_workday)
                for each in holidays_of(year, values.holidays, context.language, calendar)
            ],
        )
        for year in range(context.today.year - 1, context.today.year + 3)
    ]


@strawberry.type(description="Where a kecamatan stands on the city's map of tiles.")
class MapTile:
    code: str = strawberry.field(description="The kecamatan's code.")
    column: int = strawberry.field(description="Its column, from 0 in the west.")
    row: int = strawberry.field(description="Its row, from 0 in the north.")
    latitude: float | None = strawberry.field(
        description="Degrees north of the equator (WGS 84) of the middle of its area; null where that is not known."
    )
    longitude: float | None = strawberry.field(description="Degrees east of Greenwich of the same; null likewise.")


@table(CITY, is_small=True, description="The city that this server is for.")
class City(Subject):
    label: str = called_by("name")
    code: str = column("Its Kemendagri code, such as 12.71.", filter=False, why="there is one city")
    name: str = column("Its name.", filter=False, why="there is one city")
    time_zone: str = column("Its time zone, such as Asia/Jakarta.", filter=False, why="there is one city")
    achievement_cap: int = column(
        "The percent up to which a capaian enters averages.", filter=False, why="there is one city"
    )
    target_formula: Formula = column(
        "With which formula of capaian a new target begins, where that is possible.",
        filter=False,
        why="there is one city",
    )
    map: list[MapTile] = json_list("map", "A tile for each kecamatan; empty where the city's data has no map.")
    term: Term = derived(TERM, term, "The present term of office.")
    legal_bases: list[LegalBasis] = derived(
        {}, _legal_bases, "The laws that a decision on a case can cite, as far as they are known here."
    )
    referral_body_codes: list[str] = derived(
        {"codes": "referral_bodies"},
        lambda values, context: list(values.codes),
        "The codes of the organisations to which a case can be referred.",
    )
    inspectorate_code: str | None = column(
        "Of them the one to which a city company's case can be; null: to none.",
        column="inspectorate",
        filter=False,
        why="there is one city",
    )
    person_reply_working_days: int = column(
        "Working days in which the person of a case replies.", filter=False, why="there is one city"
    )
    ruling_working_days: int = column(
        "Working days in which the mayor's office says who is responsible for a request.",
        filter=False,
        why="there is one city",
    )
    acting_months: int = column(
        "After so many months an acting appointment is overdue.", filter=False, why="there is one city"
    )
    reprimand_kinds: list[OrganisationKind] = derived(
        {"kinds": "reprimand_kinds"},
        lambda values, context: [OrganisationKind(kind) for kind in values.kinds],
        "Against heads of which kinds of organisation the mayor decides a reprimand.",
    )
    holidays: list[HolidayYear] = derived(
        {"time_zone": "time_zone", "holidays": "holidays", "complete_years": "complete_years"},
        _holidays,
        "The days off by which its deadlines count, from last year on.",
    )
    swept_at: dt.datetime | None = computed(
        SWEPT_AT,
        "The moment of which the numbers tell that the clock alone changes: all that had run out by then is counted. "
        "Null until deadlines were looked at for the first time.",
        filter=False,
        why="there is one city",
    )
    read_at: dt.datetime = derived(
        {}, lambda _, context: context.read_at, "When this was read, by the server's clock, in the city's time."
    )


@strawberry.type(description="An office that the viewer holds today.")
class HeldOffice:
    organisation_id: strawberry.Private[UUID | None] = None
    organisation: Organisation = by_id("Whose head the viewer is.")
    capacity: Capacity = strawberry.field(description="In what capacity.", default=Capacity.DEFINITIVE)


def _without_subject(may: Any) -> Any:
    return lambda viewer, _, today: may(viewer, today)


_ON_NOTHING = {verb: _without_subject(may) for verb, may in offered_on("Viewer").items()}


def _allowed_actions(
    info: strawberry.Info,
    verbs: Annotated[list[Verb] | None, strawberry.argument(description=allowed_action.VERBS)] = None,
    is_allowed: Annotated[bool | None, strawberry.argument(description=allowed_action.IS_ALLOWED)] = None,
) -> list[AllowedAction]:
    return actions(_ON_NOTHING, None, info.context, {"verbs": verbs, "isAllowed": is_allowed})


@strawberry.type(description="Who is asking.")
class Viewer:
    account_id: strawberry.Private[UUID | None] = None
    account: Account | None = by_id("The account that is signed in.")
    organisation_id: strawberry.Private[UUID | None] = None
    organisation: Organisation | None = by_id("The account's organisation.")
    role: Role = strawberry.field(description="The account's role.")
    offices: list[HeldOffice] = strawberry.field(description="The offices it holds today.")
    token_id: strawberry.Private[UUID | None] = None
    token: Token | None = by_id("Through which token a service account asks; null for people.")
    inbox: InboxConnection = strawberry.field(
        resolver=inbox, description="What waits for the viewer now, by deadline; at most 100 a page."
    )
    allowed_actions: list[AllowedAction] = strawberry.field(
        resolver=_allowed_actions,
        description="What the viewer may make now that belongs to nothing yet, and why not the rest.",
    )


def _viewer(info: strawberry.Info) -> Viewer | None:
    viewer = info.context.viewer
    return Viewer(
        account_id=viewer.account_id,
        organisation_id=viewer.organisation_id,
        role=viewer.role,
        token_id=None if viewer.token is None else viewer.token.id,
        offices=[
            HeldOffice(organisation_id=organisation_id, capacity=capacity)
            for organisation_id, capacity in sorted(viewer.heads, key=str)
        ],
    )


viewer: Viewer | None = strawberry.field(resolver=_viewer, name="viewer", description="Who is asking.")

# What has ids and no table of its own, and where it is found.
NO_NODES = {"item": "Task.checklist", "inbox": "Viewer.inbox"}

queries = [
    root_node(
        "node",
        Node,
        "Anything by its id; null where there is nothing that the viewer may see.",
        elsewhere=NO_NODES,
    ),
    root_node(
        "nodes",
        Node,
        "Up to 100 things by their ids, in that order; null where there is nothing to see.",
        many=True,
        elsewhere=NO_NODES,
    ),
    root_one("city", City, "The city that this server is for."),
    viewer,
]
