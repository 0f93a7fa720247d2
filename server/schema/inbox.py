"""What waits for whoever is asking: by deadline, each entry with the verb that settles it and why it is theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any
from uuid import uuid5

import orjson
import strawberry

from server.actions.inbox import WaitingRow
from server.actions.inbox import inbox as waiting_for
from server.events.position import ForeignCursor
from server.ids import encode
from server.live.watch import watch_state
from server.query.compile.pages import asked_end
from server.query.declare.fields import Context, in_batch
from server.query.problem import bad_input
from server.query.run.execution import Batch
from server.query.values import Cursor, Id
from server.rules.inbox import InboxKind, Waiting, may_change
from server.rules.inbox_clock import is_overdue, next_overdue
from server.rules.viewer import Viewer
from server.schema.clock import Clock, clock
from server.schema.connection import Edge, PageInfo
from server.schema.context import RequestContext, request
from server.schema.enums import VERB_OF, Verb, described
from server.schema.node import Subject
from server.text import sentence

described(
    InboxKind,
    "What waits.",
    REQUEST_TO_ANSWER="A collaboration request that the viewer's organisation is to answer.",
    QUESTION_TO_ANSWER="A question that came back on a request of the viewer's organisation.",
    COUNTER_TO_ANSWER="Other terms for a request of the viewer's organisation.",
    RULING_DUE="The mayor's office is to say who is responsible for a request.",
    ANSWERER_TO_NAME="A request both of whose sides one person heads; an account is to be named for one of them.",
    REDIRECT_TOLD="A request of the viewer's organisation was sent on to another, to which it may object.",
    COMMITMENT_DUE="What the viewer's organisation has promised.",
    DELIVERY_DUE="What the viewer's organisation has promised and done; it is to be delivered.",
    NEW_DATE_TO_ANSWER="Another date, proposed for what was promised to the viewer's organisation.",
    DELIVERY_TO_CONFIRM="A delivery of which the viewer's organisation is to say whether it came.",
    DISPUTE_TO_SETTLE="A delivery of the viewer's organisation that is disputed.",
    REPLY_DUE="A report on which the viewer's organisation has the right of reply.",
    PERSON_REPLY_DUE="A report that may strike the viewer, who has a right of reply of their own.",
    NOTICE_TO_GIVE="A person who cannot sign in is to be told of a case on paper, by the mayor's office.",
    MEDIATION_TO_CONCLUDE="A mediation whose outcome the mayor's office is to record.",
    DECISION_DUE="A report that waits for a decision.",
    FOLLOW_UP_TO_CHECK="A follow-up that is said to be done.",
    REFERRAL_TO_SETTLE="A case that was referred to the viewer's organisation, which says what became of it.",
    FOLLOW_UP_TO_SETTLE="A follow-up that the mayor's office is to close, or whose task it is to reopen.",
    PLAN_TO_REVIEW="A work plan that was submitted.",
    PLAN_TO_MEND="A work plan of the viewer's organisation that was returned with a note.",
    AMENDMENTS_TO_SIGN="A plan with prepared amendments, to be proposed by the viewer's signature.",
    HAND_OVER_TO_ANSWER="A target that the viewer's organisation is to take over.",
    AMENDMENTS_TO_REVIEW="A plan with proposed amendments.",
    MEASUREMENT_DUE="A reading of a quarter that has ended.",
    TASK_DUE="A task that is due within a week, or overdue.",
    HELP_WANTED="A blocked task for which the mayor's office is asked for support, and has not answered.",
    ORDER_OVERDUE="What the mayor's office ordered and is overdue; it gives another day or cancels it.",
    ACTING_TOO_LONG="An acting head who is in office for longer than the city's data allow. Administrators end it once "
    "another is appointed; the mayor's office orders that.",
    CASE_ACCESS_TO_CONFIRM="Accounts that wait for case access: one entry for all that the viewer may confirm, which "
    "are among `accounts(filter: {awaitsCaseAccess: {eq: true}})`.",
    TOKEN_EXPIRES="A service account whose last token ends within thirty days; the next one is to be made.",  # noqa: S106
    TOKEN_EXPIRES_SOON="The same within seven days: it takes the other's place.",  # noqa: S106
    SIGN_IN_ENDS="The viewer's own sign-in, which ends within two days however often it is used.",
)

PAGE, LONGEST_PAGE = 50, 100
SUBJECTS = ("WorkPlan", "Target", "Task", "Request", "Escalation", "Appointment", "Token")


@strawberry.type(description="Something that waits for the viewer.")
class InboxItem:
    batch: strawberry.Private[Batch]
    row_id: strawberry.Private[Id]
    id: strawberry.ID = strawberry.field(
        description="Unique across all types; the same as long as this waits for the viewer. `node` does not know it."
    )
    kind: InboxKind = strawberry.field(description="What it is.")
    subject: Subject | None = in_batch(
        SUBJECTS, "What it is about; null when it has just gone out of sight, for a sign-in and for case access."
    )
    due_at: dt.datetime | None = strawberry.field(description="Until when; null when it has no deadline.")
    clock: Clock | None = strawberry.field(
        description="The subject's own clock that says so, such as a target's `readingClock`; null where nothing has a "
        "clock, and of a task, whose `dueClock` does."
    )
    count: int = strawberry.field(
        description="Of how many things it tells, which are settled together: amendments, accounts, follow-ups; else 1."
    )
    is_overdue: bool = strawberry.field(description="True once the deadline lies behind.")
    verb: Verb = strawberry.field(description="What settles it.")
    sentence: str = strawberry.field(description="Why it is the viewer's, in the caller's language.")


@strawberry.type(description="What waits for the viewer, by deadline; what has none comes last.")
class InboxConnection:
    nodes: list[InboxItem] = strawberry.field(description="The page without its edges.")
    edges: list[Edge[InboxItem]] = strawberry.field(description="The page with a cursor for each.")
    page_info: PageInfo = strawberry.field(description="Whether there is more.")
    total_count: int = strawberry.field(description="How many there are in all.")
    overdue_count: int = strawberry.field(description="How many of them are past their deadline.")


async def inbox(
    info: strawberry.Info,
    first: Annotated[int | None, strawberry.argument(description="How many, at most 100; 50 if left out.")] = None,
    after: Annotated[Cursor | None, strawberry.argument(description="Those behind this cursor of the inbox.")] = None,
    last: Annotated[int | None, strawberry.argument(description="How many from its end, at most 100.")] = None,
    before: Annotated[
        Cursor | None, strawberry.argument(description="Those in front of this cursor of the inbox.")
    ] = None,
) -> InboxConnection:
    """A page of it, as things stand now."""
    return await _page(request(info.context), first, after, last, before)


async def _page(
    context: RequestContext,
    first: int | None = None,
    after: Cursor | None = None,
    last: int | None = None,
    before: Cursor | None = None,
) -> InboxConnection:
    name = asked_end(first, last, after, before, ("inbox",))
    given = first if name == "first" else last
    size = PAGE if given is None else given
    if not 0 <= size <= LONGEST_PAGE:
        raise bad_input("page_size", name, constraint=f"0..{LONGEST_PAGE}", size=size)
    async with context.begin(context) as tx:
        entries = await waiting_for(tx, context.sign_in)
    now = context.holds_until(next_overdue((each.waiting for each in entries), context.read_at))
    count, viewer = len(entries), context.viewer
    if name == "first":
        start = 0 if after is None else _up_to(_opened(context, after, "after"), entries, viewer)
        end = min(start + size, count)
    else:
        end = count if before is None else _up_to(_opened(context, before, "before"), entries, viewer, itself=False)
        start = max(end - size, 0)
    page = entries[start:end]
    batch = Batch([_id(each) for each in page])
    nodes = [_item(each, id_, batch, context) for each, id_ in zip(page, batch.ids, strict=True)]
    return _Page(
        nodes,
        lambda number: sealed(context, page[number].waiting),
        has_next=end < count if name == "first" else before is not None,
        has_previous=start > 0 if name == "last" else after is not None,
        total_count=count,
        overdue_count=sum(is_overdue(each.waiting, now) for each in entries),
    )


class _Page(InboxConnection):
    """A page whose cursors are sealed once they are selected: an inbox that is only shown needs none."""

    def __init__(
        self,
        nodes: list[InboxItem],
        sealed: Callable[[int], Cursor],
        *,
        has_next: bool,
        has_previous: bool,
        total_count: int,
        overdue_count: int,
    ) -> None:
        self.nodes, self.total_count, self.overdue_count = nodes, total_count, overdue_count
        self._sealed, self._has_next, self._has_previous = sealed, has_next, has_previous

    @cached_property
    def edges(self) -> list[Edge[InboxItem]]:  # type: ignore[override]
        return [Edge[InboxItem](node=node, cursor=self._sealed(number)) for number, node in enumerate(self.nodes)]

    @cached_property
    def page_info(self) -> PageInfo:  # type: ignore[override]
        return PageInfo(
            has_next_page=self._has_next,
            has_previous_page=self._has_previous,
            start_cursor=self._sealed(0) if self.nodes else None,
            end_cursor=self._sealed(-1) if self.nodes else None,
        )


def _may_change(viewer: Viewer, event: Mapping[str, Any]) -> bool:
    named = [id_ for name, values in event["changes"].items() if name.endswith("_id") for id_ in values if id_]
    return may_change(viewer, event["type"], event["subject_type"], event["organisation_ids"], named)


def _item(entry: WaitingRow, id_: Id, batch: Batch, context: Context) -> InboxItem:
    waiting = entry.waiting
    return InboxItem(
        batch=batch,
        row_id=id_,
        id=strawberry.ID(_own_id(waiting, context.viewer)),
        kind=waiting.kind,
        due_at=waiting.due_at,
        clock=None if waiting.clock is None else clock(waiting.clock, context),
        count=waiting.count,
        is_overdue=is_overdue(waiting, context.read_at),
        verb=VERB_OF[waiting.verb],
        sentence=sentence(context.language, "inbox", waiting.kind, label=entry.label),
    )


def _own_id(waiting: Waiting, viewer: Viewer) -> str:
    """Of the item itself: what waits about the same thing for somebody else is another."""
    return encode("inbox", uuid5(viewer.account_id, f"{waiting.kind.value} {waiting.subject_id}"))


def _id(entry: WaitingRow) -> Id:
    return Id.parse(encode(entry.prefix, entry.waiting.subject_id))


# ---- pages ----------------------------------------------------------------------------------------------------------


def _place(waiting: Waiting, viewer: Viewer) -> list[Any]:
    """In which order it stands, which it is, and whose."""
    due_at = None if waiting.due_at is None else waiting.due_at.timestamp()
    return ["inbox", due_at, str(waiting.subject_id), waiting.kind.value, str(viewer.account_id)]


def sealed(context: RequestContext, waiting: Waiting) -> Cursor:
    """The cursor of an entry."""
    return Cursor(context.seal.close_page(orjson.dumps(_place(waiting, context.viewer))))


def _opened(context: RequestContext, cursor: Cursor, name: str) -> list[Any]:
    try:
        place = orjson.loads(context.seal.open_page(cursor))
    except (ForeignCursor, orjson.JSONDecodeError):
        place = None
    if not isinstance(place, list) or place[:1] + place[4:] != ["inbox", str(context.viewer.account_id)]:
        raise bad_input("foreign_cursor", name, constraint="this_lists_cursor")
    return place


def _up_to(place: list[Any], entries: list[WaitingRow], viewer: Viewer, *, itself: bool = True) -> int:
    """How many entries stand up to this place, with or without `itself`; it may have been settled meanwhile."""

    def key(each: list[Any]) -> tuple[bool, float, str, str]:
        return each[1] is None, each[1] or 0.0, each[2], each[3]

    keys = [key(_place(each.waiting, viewer)) for each in entries]
    return sum(each < key(place) or (itself and each == key(place)) for each in keys)


subscriptions = [
    watch_state(
        "inboxChanged",
        InboxConnection,
        "What waits for the viewer, and again whenever that has changed: its first page of 50.",
        way=("viewer", "inbox"),
        concerns=_may_change,
    )
]
