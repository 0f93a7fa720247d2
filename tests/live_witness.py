"""Who keeps live queries open while a test lives, and says at its end whether one was left behind by what happened.

Each is asked once more at the end: where nothing has woken it since, it must answer as it did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.live.group import Group
from server.live.reads import reads_of
from tests.watching import until

if TYPE_CHECKING:
    from tests.city import City

TASK = "id title status progress dueOn isOverdue statusReason isSupportWanted ownerHealth version updatedAt archivedAt"
DOCUMENTS = (
    f"{{ tasks(first: 20) {{ totalCount nodes {{ {TASK} organisation {{ code name }} target {{ indicator }} }} }} }}",
    '{ tasks(filter: {status: {in: [PLANNED, IN_PROGRESS]}, organisation: {code: {eq: "DLH"}}}, first: 10)'
    " { totalCount nodes { title assignee { name } } } }",
    "{ tasks(filter: {isOverdue: {eq: true}}, first: 5) { nodes { title } } }",
    "{ tasks(filter: {comments: {some: {}}}, first: 5) { nodes { title comments(first: 3) { nodes { text } } } } }",
    '{ tasks(search: "sampah", first: 5) { totalCount nodes { title } } }',
    "{ taskGroups(by: [STATUS, ORGANISATION]) { status organisation { code } totalCount } }",
    "{ tasks(first: 5) { nodes { history(last: 3) { nodes { type changes { field } } } waitsFor { title } } } }",
    "{ workPlans(first: 10) { nodes { id title status version targets(first: 5) { totalCount nodes { indicator"
    " achievement achievementToDate trackState owner { code } } } summary { targetCount doneTaskCount } } } }",
    "{ targets(first: 10) { nodes { id version measurements(first: 4) { nodes { value } } readingClock { state }"
    " programme { code } } } }",
    "{ organisations(first: 30) { nodes { code name head { name } summary { taskCount overdueTaskCount openRequestCount"
    " } tasks(first: 2) { totalCount nodes { title } } } } }",
    "{ requests(first: 10) { nodes { id status version title answerClock { state workingDaysLeft } asker { code }"
    " giver { code } messages(first: 5) { nodes { text } } commitment { status progress } } } }",
    "{ requestGroups(by: [STATUS]) { status totalCount } }",
    "{ escalations(first: 10) { nodes { id status version ground reply respondent { code } followUps { task { status }"
    " } } } }",
    "{ programmes(first: 5) { nodes { code summary { targetCount taskCount } targets(first: 3) { totalCount } } } }",
    "{ accounts(first: 30) { nodes { name role isActive version organisation { code } } } }",
    "{ events(last: 5) { nodes { type sentence } } }",
    "{ statusBoard { totals { taskCount openRequestCount targetCount } latest { type } requestsOnTheClock { title }"
    " helpWanted { title } cases { status } organisations { organisation { code } summary { taskCount } } } }",
    "{ viewer { account { name } inbox(first: 20) { totalCount overdueCount nodes { kind } } } }",
    "{ requests(first: 5) { nodes { allowedActions(verbs: [ACCEPT_REQUEST, WITHDRAW_REQUEST]) { verb isAllowed } } } }",
)


class LiveWitness:
    """The live queries of one test's process, asked by people who may see more and less."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def begin(self) -> None:
        """Each document asked by each of these, over one socket each: who sees least, a head, and who sees most."""
        city = self._city
        watchers = []
        for person in (city.outsider, city.camat, city.mayor):
            socket = await person.socket()
            watchers += [socket.start("", query=f"query @live {document}") for document in DOCUMENTS]
            for watcher in watchers:
                watcher.hears_all = True
        for watcher in watchers:
            await until(lambda watcher=watcher: watcher.last or watcher.is_ended, what="a live query is answered")  # type: ignore[misc]
            assert not watcher.errors, watcher.errors

    async def confirm(self) -> None:
        """Nothing that happened was overlooked by who had read it."""
        groups = self._city.site.installation.groups
        groups.ring()
        forgotten = [group for group in list(groups.groups()) if group.is_current and await groups.overlooked(group)]
        assert not forgotten, "\n".join(map(_told, forgotten))


def _told(group: Group) -> str:
    node = group.question.operation.node
    reads = sorted({f"{read.table}: {sorted(read.columns or ['*'])}" for read in reads_of(group.question.compiled)})
    body = node.loc.source.body if node.loc is not None else ""
    return f"not woken: {body}\n  {reads}"
