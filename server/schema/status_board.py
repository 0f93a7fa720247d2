"""The whole board in one question: what is done and not done, in each organisation and programme, and what presses."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from server.events.position import Position
from server.live.watch import watch_state
from server.query.declare.fields import Context, argument, computed, derived, root_one, selected, table, to_one
from server.query.values import Cursor
from server.rules.achievement import TRACK_STATE
from server.rules.city import CITY
from server.rules.escalation_facts import OPEN
from server.rules.organisation import ORGANISATION, OrganisationKind
from server.rules.programme import PROGRAMME
from server.rules.visibility import CASE_HANDLERS
from server.schema.city import SWEPT_AT, TERM, Term, term
from server.schema.context import request
from server.schema.event import Event
from server.schema.summary import (
    HELP,
    OF_ORGANISATION,
    OF_PROGRAMME,
    OF_THIS_YEAR,
    PUBLIC,
    TARGETS,
    StatusSummary,
    of_all,
    summary,
)
from server.schema.summary import OPEN as OPEN_TASK

if TYPE_CHECKING:
    from server.schema.collaboration import Request
    from server.schema.escalation import Escalation
    from server.schema.organisation import Organisation
    from server.schema.programme import Programme
    from server.schema.target import Target
    from server.schema.task import Task

EXISTS_TODAY = "{t}.valid_from <= {today} AND ({t}.valid_to IS NULL OR {t}.valid_to >= {today})"
RUNS_TODAY = "{t}.valid_from <= {today} AND ({t}.valid_to IS NULL OR {t}.valid_to >= {today})"
LISTED = f"(SELECT o.id FROM {{table:organisation}} o WHERE {EXISTS_TODAY.replace('{t}', 'o')})"
UNDECIDED = ", ".join(f"'{status}'" for status in sorted(OPEN))
OF_KINDS = argument(list[OrganisationKind], "{t}.kind = ANY({value})", "Of these kinds alone; of all when absent.")
MOST_ORGANISATIONS, MOST_PROGRAMMES, MOST_LISTED = 1_000, 200, 50
# Where the snapshot that is read had seen all that happened.
HORIZON = "{volatile}(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"


def _cursor(values: Any, context: Context) -> Cursor:
    return Cursor(request(context).seal.close(Position.below(values.horizon), context.read_at))


@table(ORGANISATION, view="orgstatus", order=["code"], description="How one organisation stands.")
class OrganisationStatus:
    organisation: Organisation = to_one("id", "Which one.")
    summary: StatusSummary = summary("What is done and not done.", OF_ORGANISATION, is_of_programmes=True)


@table(PROGRAMME, view="progstatus", order=["code"], description="How one programme stands.")
class ProgrammeStatus:
    programme: Programme = to_one("id", "Which one.")
    summary: StatusSummary = summary(
        "What is done and not done: its targets, the tasks for them, and the plans that these stand in.",
        OF_PROGRAMME,
    )


@table(
    CITY,
    view="board",
    description="The board of the whole city, all of it of one moment. It is the same for everybody but for `cases`; "
    "drafts that were never submitted are counted for nobody.",
)
class StatusBoard:
    cursor: Cursor = derived(
        {"horizon": HORIZON},
        _cursor,
        "The place in the log up to which all is in it: a subscription given this as `after` goes on from here; it may "
        "repeat something, and leaves nothing out.",
    )
    read_at: dt.datetime = derived(
        {}, lambda _, context: context.read_at, "The moment of which it tells.", is_moment=True
    )
    counted_at: dt.datetime | None = computed(
        SWEPT_AT,
        "The moment of which the numbers tell that the clock alone changes: all that had run out by then is counted.",
        filter=False,
        why="there is one board",
        is_moment=True,
    )
    term: Term = derived(TERM, term, "The present term of office.")
    totals: StatusSummary = summary(
        "The whole city: the sum over the organisations listed; each average is the mean over all their targets.",
        of_all(LISTED),
        is_of_programmes=True,
    )
    organisations: list[OrganisationStatus] = selected(
        EXISTS_TODAY,
        "Every organisation that exists today, by code.",
        most=MOST_ORGANISATIONS,
        is_public=True,
        arguments={"kinds": OF_KINDS},
    )
    programmes: list[ProgrammeStatus] = selected(
        RUNS_TODAY, "Every programme that runs today, by code.", most=MOST_PROGRAMMES, is_public=True
    )
    off_track: list[Target] = selected(
        f"{TARGETS} AND {OF_THIS_YEAR} AND {TRACK_STATE} = 'OFF_TRACK'",
        "This year's targets that are off track, by `achievementToDate`, the worst first.",
        order=["achievement_to_date"],
        first=10,
        most=MOST_LISTED,
        is_public=True,
    )
    help_wanted: list[Task] = selected(
        HELP,
        "The blocked tasks with which help of the mayor's office is wanted, the longest first.",
        order=["support_asked_at"],
        first=10,
        most=MOST_LISTED,
        is_public=True,
    )
    overdue_orders: list[Task] = selected(
        f"{PUBLIC} AND {{t}}.is_ordered AND {OPEN_TASK} AND {{t}}.due_on < {{today}}",
        "What the mayor's office ordered (disposisi) and is overdue, the longest first.",
        order=["due_on"],
        first=10,
        most=MOST_LISTED,
        is_public=True,
    )
    rulings_due: list[Request] = selected(
        "{t}.status = 'OPEN' AND {t}.ruling_asked_at IS NOT NULL",
        "The requests of which the mayor's office is to say whose they are, the longest late and then the soonest due "
        "first.",
        order=["ruling_due_at"],
        first=10,
        most=MOST_LISTED,
    )
    requests_on_the_clock: list[Request] = selected(
        "{t}.status = 'OPEN'",
        "The requests and offers that wait for an answer, the longest late and then the soonest due first.",
        order=["answer_due_at"],
        first=10,
        most=MOST_LISTED,
    )
    latest: list[Event] = selected(
        "{t}.audience = 'EVERYONE'",
        "What happened last, of what everybody may know; the latest first.",
        order=["-epoch", "-xid", "-sequence"],
        first=10,
        most=MOST_LISTED,
        is_public=True,
    )
    cases: list[Escalation] | None = selected(
        f"{{t}}.status IN ({UNDECIDED}) AND {{t}}.filer_id <> ALL({{viewer.organisation_ids}})"
        " AND {t}.respondent_id <> ALL({viewer.organisation_ids})",
        "The cases that wait for a decision in which the viewer may have a hand, the oldest first; null but for the "
        "mayor's office and those to whom decisions are delegated.",
        order=["filed_at"],
        first=10,
        most=MOST_LISTED,
        mask=CASE_HANDLERS,
    )


BOARD = root_one("statusBoard", StatusBoard, "The board of the whole city, of one moment.", is_state=True)

queries = [BOARD]
subscriptions = [
    watch_state(
        "statusBoard",
        StatusBoard,
        "The board as a query answers it, and again whenever it has changed in more than its moment.",
        way=("statusBoard",),
    )
]
